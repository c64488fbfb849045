/** JSON whose shape is not known yet. */

/** A JSON object with unknown members. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** @returns whether a value is a JSON object; an array, which JavaScript also calls an object, is not one */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Counts the values of a document, at any depth, until there are too many.
 *
 * @returns whether it has more values than the limit
 */
export function hasMoreValues(document: unknown, limit: number): boolean {
  const found: unknown[] = [document];
  // The list grows while it is walked.
  for (let i = 0; i < found.length; i++) {
    const value = found[i];
    if (typeof value !== "object" || value === null) continue;
    for (const name in value) {
      if (found.length >= limit) return true;
      found.push(Reflect.get(value, name));
    }
  }
  return false;
}
