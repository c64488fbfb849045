/** Kubernetes' limit on annotations, seen before the API server sees it. */
import type { Pod } from "../admission/pod.ts";
import { admissionIssues } from "../issue/admission.ts";
import type { Issue } from "../issue/issue.ts";
import type { Plan } from "../plan/plan.ts";
import type { Ports } from "../ports.ts";

/** Bytes of all annotations of an object, keys and values together (apimachinery `validation/objectmeta.go`). */
export const ANNOTATIONS_LIMIT = 256 * 1024;

/** A UTF-16 unit takes at most three bytes of UTF-8, so that nearly every pod needs no exact count. */
const MOST_BYTES_PER_UNIT = 3;

/** Checks that a pod's annotations still fit when the plan's are added. */
export function checkSize(
  { annotations }: Pod,
  plan: Plan,
  encodeUtf8: Ports["encodeUtf8"],
): Issue | undefined {
  // The operations hold every key and value that is added, and more.
  let total = plan.patch.operations.length;
  for (const key in annotations) total += key.length + (annotations[key]?.length ?? 0);
  if (total * MOST_BYTES_PER_UNIT <= ANNOTATIONS_LIMIT) return undefined;
  const texts = Object.entries(annotations).flat();
  for (const { key, value } of plan.folded.values()) {
    if (!Object.hasOwn(annotations, key)) texts.push(key, value);
  }
  const bytes = encodeUtf8(texts.join("")).length;
  if (bytes <= ANNOTATIONS_LIMIT) return undefined;
  return admissionIssues["pod.annotations-too-large"](
    { bytes, limit: ANNOTATIONS_LIMIT, requests: plan.prepared.length },
    { path: "/metadata/annotations" },
  );
}
