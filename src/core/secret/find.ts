/** Finds secret requests in any document, without knowing its kind. */
import { isObject } from "../json.ts";
import { appendPointer, type JsonPointer } from "../patch/pointer.ts";
import { compareRequestKeys } from "./codec.ts";
import { REQUEST_PREFIX } from "./request.ts";

/** One annotation that carries a request. */
export interface FoundRequest {
  readonly annotation: string;
  readonly value: unknown;
  /** JSON Pointer of the annotation. */
  readonly pointer: JsonPointer;
}

/**
 * Finds every `flyte.secrets/s…` of a document: in annotations of whatever depth, or in a bare map of them.
 *
 * @param document not deeper than a preview's input may be
 * @returns in the order of the document, those of one map in the order of their numbers
 */
export function findRequests(document: unknown, pointer: JsonPointer = ""): FoundRequest[] {
  if (Array.isArray(document)) {
    return document.flatMap((item: unknown, index) => findRequests(item, appendPointer(pointer, index)));
  }
  if (!isObject(document)) return [];
  const own = Object.keys(document).filter((key) => key.startsWith(REQUEST_PREFIX));
  const found = own.sort(compareRequestKeys).map((annotation) => {
    return { annotation, value: document[annotation], pointer: appendPointer(pointer, annotation) };
  });
  const nested = Object.entries(document).flatMap(([key, value]) =>
    key.startsWith(REQUEST_PREFIX) ? [] : findRequests(value, appendPointer(pointer, key)),
  );
  return [...found, ...nested];
}
