/**
 * Schemas that accept values as loosely as Flyte does (mapstructure's weak decoding): a number for a text, a text for a
 * number. The message of each schema completes the sentence "expected …".
 */
import * as v from "valibot";

/** Adds a description, which editors show; keeps the schema's types. */
export function about<const S extends v.GenericSchema>(schema: S, description: string) {
  return v.pipe(schema, v.description(description));
}

/** A text; numbers become decimal text, booleans "1" and "0" (mapstructure `decodeString`). */
export const weakText = v.pipe(
  v.union([v.string(), v.number(), v.boolean()], "a string"),
  v.transform((value) => (typeof value === "boolean" ? toGoText(value) : String(value))),
);

/** @returns mapstructure's text for a boolean */
export function toGoText(value: boolean): string {
  return value ? "1" : "0";
}

/** A whole number from `least` to `most`, also as text. */
export function weakInteger(least: number, most: number) {
  const expected = `a whole number from ${least} to ${most}`;
  return v.pipe(
    v.union(
      [v.pipe(v.number(), v.integer(expected)), v.pipe(v.string(), v.regex(/^\d{1,10}$/, expected))],
      expected,
    ),
    v.transform(Number),
    v.minValue(least, expected),
    v.maxValue(most, expected),
  );
}

/** A TCP port; 0 lets the system choose one. */
export const port = weakInteger(0, 65_535);

const LABEL_KEY = 'a label\'s key, such as team or "example.com/team"';

/** Key of a label (Kubernetes "Labels and Selectors", syntax and character set). */
export const labelKey = v.pipe(
  v.string(LABEL_KEY),
  v.regex(/^(?:[a-z0-9.-]{1,253}\/)?[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?$/, LABEL_KEY),
);
