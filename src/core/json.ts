/** JSON whose shape is not known yet. */

/** A JSON object with unknown members. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** @returns whether a value is a JSON object; an array, which JavaScript also calls an object, is not one */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
