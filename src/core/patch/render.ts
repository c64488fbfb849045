/**
 * Renders JSON Patches (RFC 6902). All text is ASCII, so it can be encoded as base64 without first being converted to bytes.
 */

import { escapePointer } from "./pointer.ts";

const ANNOTATIONS = "/metadata/annotations/";

// JSON.stringify escapes ASCII control characters, but leaves these as they are.
// biome-ignore lint/suspicious/noControlCharactersInRegex: the class is "everything that is not ASCII".
const NOT_ASCII = /[^\x00-\x7f]/g;

const NEEDS_NO_ESCAPE = /^[ !#-[\]-}]*$/;
const PRINTABLE = /^[ -~]*$/;

/** @returns JSON text of a value, with every character outside ASCII escaped */
export function renderJson(value: unknown): string {
  if (typeof value === "string" && NEEDS_NO_ESCAPE.test(value)) return `"${value}"`;
  const json = JSON.stringify(value);
  if (typeof value === "string" && PRINTABLE.test(value)) return json;
  return json.replace(NOT_ASCII, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** @returns the operation that adds a member or list element, or replaces a member (RFC 6902, section 4.1) */
export function renderAdd(path: string, value: unknown): string {
  return `{"op":"add","path":${renderJson(path)},"value":${renderJson(value)}}`;
}

/** @returns the operation that removes the value at a path (RFC 6902, section 4.2) */
export function renderRemove(path: string): string {
  return `{"op":"remove","path":${renderJson(path)}}`;
}

/** @returns the operation that sets one annotation of a pod that has `metadata.annotations` already */
export function renderAnnotationOperation(key: string, value: string): string {
  return renderAdd(ANNOTATIONS + escapePointer(key), value);
}

/** @returns the beginning of {@link renderAnnotationOperation}'s text, up to and including a prefix of the key */
export function openAnnotationOperation(keyPrefix: string): string {
  return `{"op":"add","path":"${ANNOTATIONS}${escapePointer(keyPrefix)}`;
}

/** @returns the operations joined by commas, without brackets; empty ones are left out */
export function joinOperations(operations: readonly string[]): string {
  let joined = "";
  for (const operation of operations) {
    if (operation !== "") joined = joined === "" ? operation : `${joined},${operation}`;
  }
  return joined;
}

/** Operations that many pods share, already encoded as the beginning of a patch document. */
export interface SharedPatch {
  /** The operations, joined. */
  readonly operations: string;
  /** @returns the base64 patch document of the shared operations and a pod's own; empty if there are none */
  readonly encode: (own: string) => string;
}

/**
 * Encodes the beginning of a patch once, so that only its end is encoded for each pod. Base64 encodes three characters at a
 * time (RFC 4648, section 4), so a prefix whose length is a multiple of three can be encoded separately. The first patch is
 * encoded whole: many sets of requests are asked for only once.
 */
export function sharePatch(operations: string, encodeBase64: (ascii: string) => string): SharedPatch {
  const text = `[${operations}`;
  const whole = text.length - (text.length % 3);
  let begin: string | undefined;
  const encode = (own: string): string => {
    if (operations === "" && own === "") return "";
    const comma = operations === "" || own === "" ? "" : ",";
    const end = `${comma}${own}]`;
    if (!last) return encodeBase64(text + end);
    begin ??= encodeBase64(text.slice(0, whole));
    return begin + encodeBase64(text.slice(whole) + end);
  };
  // Pods that share a patch usually have the same containers, and so the same operations of their own.
  let last: { readonly own: string; readonly base64: string } | undefined;
  return {
    operations,
    encode: (own) => {
      if (own === last?.own) return last.base64;
      const base64 = encode(own);
      // Plans are kept by the length of their requests; operations for many containers would not be counted.
      if (own.length <= LONGEST_KEPT) last = { own, base64 };
      return base64;
    },
  };
}

/** Longest operations of a pod's own that are kept, in characters: enough for some twenty containers. */
const LONGEST_KEPT = 4_096;

/** @returns the patch document of the shared operations and a pod's own, as text; empty if there are none */
export function renderPatch({ operations }: SharedPatch, own: string): string {
  const text = joinOperations([operations, own]);
  return text === "" ? "" : `[${text}]`;
}
