/** Limits that a pod meets in Kubernetes anyway, seen before the API server sees them and before any work is done. */
import type { Pod } from "../admission/pod.ts";
import { admissionIssues } from "../issue/admission.ts";
import type { Issue } from "../issue/issue.ts";
import type { Plan } from "../plan/plan.ts";
import type { Ports } from "../ports.ts";
import { measureUtf8 } from "../utf8.ts";

/** Bytes of all annotations of an object, keys and values together (apimachinery `validation/objectmeta.go`). */
export const ANNOTATIONS_LIMIT = 256 * 1024;

/** A UTF-16 unit takes at most three bytes of UTF-8, so that nearly every pod needs no exact count. */
const MOST_BYTES_PER_UNIT = 3;

const WHERE = { path: "/metadata/annotations" } as const;

/**
 * Measures a pod's own annotations.
 *
 * @returns bytes of UTF-8, or the most that they can be where that is little
 */
export function measureOwnSize(
  { annotations, annotationUnits }: Pod,
  encodeUtf8: Ports["encodeUtf8"],
): number {
  const most = annotationUnits * MOST_BYTES_PER_UNIT;
  return most <= ANNOTATIONS_LIMIT / 2 ? most : measureOwn(annotations, encodeUtf8);
}

/** Checks that a pod's own annotations are no more than Kubernetes takes. */
export function checkOwnSize(bytes: number): Issue | undefined {
  if (bytes <= ANNOTATIONS_LIMIT) return undefined;
  return admissionIssues["pod.annotations-too-large"]({ bytes, limit: ANNOTATIONS_LIMIT }, WHERE);
}

/**
 * Checks that a pod's annotations still fit when the plan's are added.
 *
 * @param ownBytes as {@link measureOwnSize} gives them
 */
export function checkSize(
  { annotations }: Pod,
  ownBytes: number,
  plan: Plan,
  encodeUtf8: Ports["encodeUtf8"],
): Issue | undefined {
  // The operations hold every key and value that is added, and more.
  if (ownBytes + plan.patch.operations.length * MOST_BYTES_PER_UNIT <= ANNOTATIONS_LIMIT) return undefined;
  // What was only an upper bound has few annotations.
  let bytes = ownBytes <= ANNOTATIONS_LIMIT / 2 ? measureOwn(annotations, encodeUtf8) : ownBytes;
  for (const { key, value } of plan.folded.values()) {
    if (!Object.hasOwn(annotations, key)) bytes += measureUtf8(key) + measureUtf8(value ?? "");
  }
  if (bytes <= ANNOTATIONS_LIMIT) return undefined;
  const requests = plan.prepared.length;
  return admissionIssues["pod.annotations-too-large"]({ bytes, limit: ANNOTATIONS_LIMIT, requests }, WHERE);
}

function measureOwn(annotations: Pod["annotations"], encodeUtf8: Ports["encodeUtf8"]): number {
  // The runtime encodes a long text many times faster than its characters are counted here.
  const measure = (text: string) => (text.length > LONG_TEXT ? encodeUtf8(text).length : measureUtf8(text));
  let bytes = 0;
  for (const key in annotations) bytes += measure(key) + measure(annotations[key] ?? "");
  return bytes;
}

const LONG_TEXT = 256;
