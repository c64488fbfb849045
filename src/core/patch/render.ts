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

/** @returns the text of {@link renderAnnotationOperation} up to the end of a key's first part. */
export function openAnnotationOperation(keyPrefix: string): string {
  return `{"op":"add","path":"${ANNOTATIONS}${escapePointer(keyPrefix)}`;
}

/** @returns operations as they stand in a patch document; what is empty is left out. */
export function joinOperations(operations: readonly string[]): string {
  let joined = "";
  for (const operation of operations) {
    if (operation !== "") joined = joined === "" ? operation : `${joined},${operation}`;
  }
  return joined;
}

/** The operations that many pods share, with the beginning of a patch document that they are. */
export interface SharedPatch {
  /** The operations, joined. */
  readonly operations: string;
  /** @returns the patch document of these and a pod's own operations in base64; empty where there is nothing to do */
  readonly encode: (own: string) => string;
}

/** Encodes the beginning of a patch, so that only its end is left to be encoded for each pod. */
export function sharePatch(operations: string, encodeBase64: (ascii: string) => string): SharedPatch {
  const text = `[${operations}`;
  const whole = text.length - (text.length % 3);
  const begin = encodeBase64(text.slice(0, whole));
  const encodeEnd = (own: string): string => {
    if (operations === "" && own === "") return "";
    const comma = operations === "" || own === "" ? "" : ",";
    return begin + encodeBase64(`${text.slice(whole)}${comma}${own}]`);
  };
  // Pods that share a patch mostly have the same containers.
  let last: { readonly own: string; readonly base64: string } | undefined;
  return {
    operations,
    encode: (own) => {
      if (own !== last?.own) last = { own, base64: encodeEnd(own) };
      return last.base64;
    },
  };
}

/** @returns the patch document of shared operations and a pod's own, joined; empty where there is nothing to do. */
export function renderPatch({ operations }: SharedPatch, own: string): string {
  const text = joinOperations([operations, own]);
  return text === "" ? "" : `[${text}]`;
}
