/** Renders an outcome as an AdmissionReview (Kubernetes `admission.k8s.io/v1`, section "Response"). */
import type { Outcome } from "../outcome.ts";
import type { AdmissionReview } from "./request.ts";

/**
 * Renders the response to a review. The text is joined by hand: JSON.stringify would search the base64 patch, the longest
 * part by far, for characters to escape.
 *
 * @param review the review to answer; the response has its version and uid
 * @param encodeBase64 ASCII to standard base64
 * @returns JSON text of an AdmissionReview
 */
export function renderResponse(
  { apiVersion, request }: AdmissionReview,
  outcome: Outcome,
  encodeBase64: (ascii: string) => string,
): string {
  const { allowed, status, warnings, auditAnnotations, encoded } = outcome;
  const patch = encoded ? encoded.patch : encodeBase64(outcome.patch);
  let response = `{"uid":${JSON.stringify(request.uid)},"allowed":${allowed}`;
  if (status) response += `,"status":${JSON.stringify({ status: "Failure", ...status })}`;
  if (patch !== "") response += `,"patchType":"JSONPatch","patch":"${patch}"`;
  if (warnings.length > 0) response += `,"warnings":${JSON.stringify(warnings)}`;
  response += `,"auditAnnotations":${encoded?.auditAnnotations ?? JSON.stringify(auditAnnotations)}}`;
  return `{"kind":"AdmissionReview","apiVersion":"${apiVersion}","response":${response}}`;
}
