/** Reads the structure of a schema, for checking names and for the JSON Schema. */
import type * as v from "valibot";

/** The structure of a schema. */
export type Shape =
  | { readonly kind: "names"; readonly entries: ReadonlyMap<string, v.GenericSchema> }
  | { readonly kind: "record"; readonly value: v.GenericSchema }
  | { readonly kind: "list"; readonly item: v.GenericSchema }
  | { readonly kind: "other" };

/** Reads the structure of a schema; valibot's schemas are plain objects. */
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

/** @returns the schema inside `v.optional`, or the schema itself */
export function unwrap(schema: v.GenericSchema): v.GenericSchema {
  return schema.type === "optional" && "wrapped" in schema && isSchema(schema.wrapped)
    ? schema.wrapped
    : schema;
}

function isSchema(value: unknown): value is v.GenericSchema {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "schema";
}
