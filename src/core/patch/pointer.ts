/** JSON Pointer (RFC 6901): the path of a value inside a JSON document. */

/** A JSON Pointer; empty for the whole document. */
export type JsonPointer = "" | `/${string}`;

/** Whether a path is a pointer to a part of a document; a path in the configuration is not, since it begins with a name. */
export function isJsonPointer(path: string | undefined): path is `/${string}` {
  return path?.startsWith("/") === true;
}

/** Escapes one segment of a pointer (RFC 6901, section 3). */
export function escapePointer(segment: string): string {
  return segment.replaceAll("~", "~0").replaceAll("/", "~1");
}

/**
 * Extends a pointer by segments.
 *
 * @param pointer pointer to extend; empty for the whole document
 * @param segments member names and list indices, unescaped
 * @example
 * appendPointer("/items", 0, "acme.io/team"); // "/items/0/acme.io~1team"
 */
export function appendPointer(pointer: JsonPointer, ...segments: readonly (string | number)[]): JsonPointer {
  return segments.reduce<JsonPointer>(
    (path, segment) => `${path}/${escapePointer(String(segment))}`,
    pointer,
  );
}

/** @returns a pointer into the outer document, of a pointer that is relative to one of its parts. */
export function joinPointers(outer: JsonPointer, inner: JsonPointer): JsonPointer {
  return `${outer}${inner}`;
}

/**
 * Splits a pointer into its segments.
 *
 * @returns its segments, unescaped; none for the whole document
 */
export function parsePointer(pointer: string): string[] {
  // "~1" first: "~01" means "~1", not "/" (RFC 6901, section 4).
  return pointer
    .split("/")
    .slice(1)
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** @returns the value at a pointer, or `undefined` if the document has none there */
export function getByPointer(document: unknown, pointer: string): unknown {
  let value = document;
  for (const segment of parsePointer(pointer)) value = getMember(value, segment);
  return value;
}

/**
 * Parses a list index (RFC 6901, section 4).
 *
 * @returns the index, or `undefined` if the segment is not an index, such as "01" or "-"
 */
export function parseIndex(segment: string): number | undefined {
  return /^(?:0|[1-9]\d{0,9})$/.test(segment) ? Number(segment) : undefined;
}

function getMember(value: unknown, segment: string): unknown {
  if (Array.isArray(value)) {
    const index = parseIndex(segment);
    return index === undefined ? undefined : value[index];
  }
  if (typeof value !== "object" || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, segment)?.value;
}
