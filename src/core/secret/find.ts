/** Finds secret requests in a document of any kind. */
import { isObject } from "../json.ts";
import { appendPointer, type JsonPointer } from "../patch/pointer.ts";
import { compareRequestKeys } from "./codec.ts";
import { REQUEST_PREFIX } from "./request.ts";

/** One annotation with a request. */
export interface FoundRequest {
  readonly annotation: string;
  readonly value: unknown;
  /** JSON Pointer of the annotation. */
  readonly pointer: JsonPointer;
}

/**
 * Finds every key `flyte.secrets/s…` in a document, at any depth: in annotations, or in a map of annotations alone.
 *
 * @param document must have passed the depth limit of a preview's input, because the search is recursive
 * @returns requests in the order of the document; within one map, in the order of their numbers
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
