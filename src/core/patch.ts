/**
 * JSON Patch (RFC 6902) as text. All text is ASCII, so that base64 needs no bytes.
 */

import { escapePointer } from "./pointer.ts";

const ANNOTATIONS = "/metadata/annotations/";

// JSON.stringify leaves these as they are, ASCII control characters it escapes itself.
// biome-ignore lint/suspicious/noControlCharactersInRegex: the class is "everything that is not ASCII".
const NOT_ASCII = /[^\x00-\x7f]/g;

const NEEDS_NO_ESCAPE = /^[ !#-[\]-}]*$/;

/** @returns JSON text of a value, every character outside ASCII escaped. */
export function renderJson(value: unknown): string {
  if (typeof value === "string" && NEEDS_NO_ESCAPE.test(value)) return `"${value}"`;
  return JSON.stringify(value).replace(
    NOT_ASCII,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** @returns the operation that adds a member or list element, or replaces a member (RFC 6902, section 4.1). */
export function renderAdd(path: string, value: unknown): string {
  return `{"op":"add","path":${renderJson(path)},"value":${renderJson(value)}}`;
}

/** @returns the operation that removes what is at a path (RFC 6902, section 4.2). */
export function renderRemove(path: string): string {
  return `{"op":"remove","path":${renderJson(path)}}`;
}

/** @returns the operation that sets one pod annotation; the pod has to have annotations already. */
export function renderAnnotationOperation(key: string, value: string): string {
  return renderAdd(ANNOTATIONS + escapePointer(key), value);
}

/** @returns operations as they stand in a patch document. */
export function joinOperations(operations: readonly string[]): string {
  return operations.join(",");
}

/** @returns a patch document of joined operations, in their order; empty where there is nothing to do. */
export function renderPatch(joined: readonly string[]): string {
  const text = joinOperations(joined.filter((operations) => operations !== ""));
  return text === "" ? "" : `[${text}]`;
}
