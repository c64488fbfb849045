/**
 * AdmissionReview in: unknown JSON to the request under review (Kubernetes `admission.k8s.io/v1`,
 * "Dynamic Admission Control", section "Request"). Checked by hand, since this runs for every pod: a schema library
 * costs as much here as reading the whole body (STACK §9).
 */
import { admissionIssues } from "../issue/admission.ts";
import type { Issue } from "../issue/issue.ts";
import { isObject } from "../json.ts";

/** Versions of the protocol; the answer has the version of the question. */
type ReviewVersion = "admission.k8s.io/v1" | "admission.k8s.io/v1beta1";

/** What the pipeline needs to know of an admission request. */
export interface AdmissionRequest {
  readonly uid: string;
  /** `CREATE`, `UPDATE`, `DELETE` or `CONNECT`; only CREATE is patched. */
  readonly operation: string;
  /** Namespace of the request; the pod's own may be empty at this point. */
  readonly namespace: string;
  /** Who creates the pod. */
  readonly user?: string;
  readonly dryRun: boolean;
  /** Whether the object comes from a file, and has not been completed by the API server. */
  readonly isPreview?: boolean;
  /** The object under review, not yet known to be a pod. */
  readonly object: unknown;
}

/** A review whose uid could be read, so that it can be answered in the protocol. */
export interface AdmissionReview {
  readonly apiVersion: ReviewVersion;
  readonly request: AdmissionRequest;
}

/**
 * Reads an AdmissionReview.
 *
 * @param body parsed JSON of any form
 * @returns the review, or the issue to be answered outside the protocol, since there is no uid to answer to
 */
export function parseReview(body: unknown): AdmissionReview | Issue {
  if (!isObject(body) || body.kind !== "AdmissionReview" || !isReviewVersion(body.apiVersion)) {
    const { kind, apiVersion } = isObject(body) ? body : {};
    return admissionIssues["review.kind"]({ apiVersion: toText(apiVersion), kind: toText(kind) });
  }
  const { request, apiVersion } = body;
  if (!isObject(request)) return admissionIssues["review.request-missing"]({}, { path: "/request" });
  const { uid, operation, namespace, userInfo, dryRun, object } = request;
  if (typeof uid !== "string" || uid === "") {
    return admissionIssues["review.uid-missing"]({}, { path: "/request/uid" });
  }
  const user = isObject(userInfo) && typeof userInfo.username === "string" ? userInfo.username : undefined;
  return {
    apiVersion,
    request: {
      uid,
      operation: typeof operation === "string" ? operation : "",
      namespace: typeof namespace === "string" ? namespace : "",
      dryRun: dryRun === true,
      object,
      ...(user !== undefined && { user }),
    },
  };
}

function isReviewVersion(value: unknown): value is ReviewVersion {
  return value === "admission.k8s.io/v1" || value === "admission.k8s.io/v1beta1";
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
