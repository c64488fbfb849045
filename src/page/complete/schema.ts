/** Reads the configuration's JSON Schema: what can be written at a place, and what it means. */
import schema from "../../../config/webhook.schema.json" with { type: "json" };
import { isObject, type JsonObject } from "../../core/json.ts";
import type { CursorContext } from "./context.ts";
import type { Offer } from "./offered.ts";

/** @returns names or values that the schema has at a place */
export function offerFromSchema(place: CursorContext): Offer[] {
  const parents = findSchemas(place.path);
  if (place.part === "value") return parents.flatMap((each) => offerValues(propertyOf(each, place.key)));
  return parents.flatMap((each) => {
    const properties = isObject(each.properties) ? Object.entries(each.properties) : [];
    return properties.map(([label, property]) => {
      const info = isObject(property) && typeof property.description === "string" ? property.description : "";
      return { label, insert: `${label}: `, ...(info !== "" && { info }) };
    });
  });
}

/** @returns what the schema says about the property at a path */
export function describeSchema(path: readonly string[]): string | undefined {
  const description = findSchemas(path)[0]?.description;
  return typeof description === "string" && description !== "" ? description : undefined;
}

/** A property may take several forms, each with its own names. */
function findSchemas(path: readonly string[]): JsonObject[] {
  let found: JsonObject[] = expand(schema);
  for (const step of path) {
    found = found.flatMap((each) => expand(step === "[]" ? each.items : propertyOf(each, step)));
  }
  return found;
}

function propertyOf(schemaOf: JsonObject, name: string): unknown {
  const named = isObject(schemaOf.properties) ? schemaOf.properties[name] : undefined;
  return named ?? schemaOf.additionalProperties;
}

function expand(given: unknown): JsonObject[] {
  if (!isObject(given)) return [];
  const forms = [given.anyOf, given.oneOf].flatMap((list) =>
    Array.isArray(list) ? list.flatMap(expand) : [],
  );
  return [given, ...forms];
}

function offerValues(given: unknown): Offer[] {
  const values = expand(given).flatMap(({ enum: list, const: only, type }) => {
    if (Array.isArray(list)) return list;
    if (only !== undefined) return [only];
    return type === "boolean" ? [true, false] : [];
  });
  return [...new Set(values.map(String))].map((label) => ({ label }));
}
