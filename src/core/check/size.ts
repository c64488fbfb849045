/** Kubernetes' size limit for annotations, checked before any other work on the pod. */
import type { Pod } from "../admission/pod.ts";
import { admissionIssues } from "../issue/admission.ts";
import type { Issue } from "../issue/issue.ts";
import type { Plan } from "../plan/plan.ts";
import { measureUtf8 } from "../utf8.ts";

/** Size limit of an object's annotations in bytes, keys and values together (apimachinery `validation/objectmeta.go`). */
export const ANNOTATIONS_LIMIT = 256 * 1024;

/** A UTF-16 unit takes at most three bytes of UTF-8. For nearly every pod this upper bound is below the limit, so no exact count is needed. */
const MOST_BYTES_PER_UNIT = 3;

const WHERE = { path: "/metadata/annotations" } as const;

/**
 * Measures a pod's own annotations.
 *
 * @returns size in bytes of UTF-8: an upper bound if that is at most half of the limit, else exact
 */
export function measureOwnSize({ annotations, annotationUnits }: Pod): number {
  const most = annotationUnits * MOST_BYTES_PER_UNIT;
  return most <= ANNOTATIONS_LIMIT / 2 ? most : measureOwn(annotations);
}

/** @returns an issue if a pod's own annotations exceed Kubernetes' limit */
export function checkOwnSize(bytes: number): Issue | undefined {
  if (bytes <= ANNOTATIONS_LIMIT) return undefined;
  return admissionIssues["pod.annotations-too-large"]({ bytes, limit: ANNOTATIONS_LIMIT }, WHERE);
}

/**
 * Checks the size of a pod's annotations together with the plan's.
 *
 * @param ownBytes result of {@link measureOwnSize}
 * @returns an issue if they exceed Kubernetes' limit
 */
export function checkSize({ annotations }: Pod, ownBytes: number, plan: Plan): Issue | undefined {
  // The rendered operations contain every added key and value, and escapes are longer than the characters they stand for, so
  // their length is an upper bound.
  if (ownBytes + plan.patch.operations.length <= ANNOTATIONS_LIMIT) return undefined;
  // Where only an upper bound is known, the annotations are few, and counting them is fast.
  let bytes = ownBytes <= ANNOTATIONS_LIMIT / 2 ? measureOwn(annotations) : ownBytes;
  for (const { key, value } of plan.lines.folded.values()) {
    if (!Object.hasOwn(annotations, key)) bytes += measureUtf8(key) + measureUtf8(value ?? "");
  }
  if (bytes <= ANNOTATIONS_LIMIT) return undefined;
  const requests = plan.prepared.length;
  return admissionIssues["pod.annotations-too-large"]({ bytes, limit: ANNOTATIONS_LIMIT, requests }, WHERE);
}

function measureOwn(annotations: Pod["annotations"]): number {
  let bytes = 0;
  for (const key in annotations) bytes += measureUtf8(key) + measureUtf8(annotations[key] ?? "");
  return bytes;
}
