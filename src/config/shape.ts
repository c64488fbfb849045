/** The schema as data, so that names, and editors, are told from the one place where they are defined. */
import type * as v from "valibot";

/** What a schema is made of, as far as names go. */
export type Shape =
  | { readonly kind: "names"; readonly entries: ReadonlyMap<string, v.GenericSchema> }
  | { readonly kind: "record"; readonly value: v.GenericSchema }
  | { readonly kind: "list"; readonly item: v.GenericSchema }
  | { readonly kind: "other" };

/** Reads what a schema is made of; valibot's schemas are plain objects. */
export function shapeOf(optional: v.GenericSchema): Shape {
  const schema = unwrap(optional);
  if ("entries" in schema && typeof schema.entries === "object" && schema.entries !== null) {
    const entries = Object.entries(schema.entries).filter((pair): pair is [string, v.GenericSchema] =>
      isSchema(pair[1]),
    );
    return { kind: "names", entries: new Map(entries) };
  }
  if (schema.type === "record" && "value" in schema && isSchema(schema.value)) {
    return { kind: "record", value: schema.value };
  }
  if (schema.type === "array" && "item" in schema && isSchema(schema.item))
    return { kind: "list", item: schema.item };
  return { kind: "other" };
}

/** The schema under `v.optional`. */
export function unwrap(schema: v.GenericSchema): v.GenericSchema {
  return schema.type === "optional" && "wrapped" in schema && isSchema(schema.wrapped)
    ? schema.wrapped
    : schema;
}

function isSchema(value: unknown): value is v.GenericSchema {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "schema";
}
