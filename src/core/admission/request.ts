/**
 * Parses an AdmissionReview: unknown JSON → the request under review (Kubernetes `admission.k8s.io/v1`,
 * "Dynamic Admission Control", section "Request"). The checks are written by hand because this runs for every pod: a
 * schema library would take as long as parsing the whole body.
 */
import { admissionIssues } from "../issue/admission.ts";
import type { Issue } from "../issue/issue.ts";
import { isObject } from "../json.ts";

/** Versions of the protocol; a response has the version of its request. */
type ReviewVersion = "admission.k8s.io/v1" | "admission.k8s.io/v1beta1";

/** The fields of an admission request that the pipeline reads. */
export interface AdmissionRequest {
  readonly uid: string;
  /** `CREATE`, `UPDATE`, `DELETE` or `CONNECT`; only CREATE is patched. */
  readonly operation: string;
  /** Namespace of the request; the pod's own `metadata.namespace` may still be empty. */
  readonly namespace: string;
  /** Name of the user who creates the pod; absent if the request has none. */
  readonly user?: string;
  readonly dryRun: boolean;
  /** Whether the object comes from a file, so that it lacks what the API server fills in. */
  readonly isPreview?: boolean;
  /** The object under review, not yet known to be a pod. */
  readonly object: unknown;
}

/** A review with a readable uid, which an AdmissionReview response needs. */
export interface AdmissionReview {
  readonly apiVersion: ReviewVersion;
  readonly request: AdmissionRequest;
}

/**
 * Reads an AdmissionReview.
 *
 * @param body parsed JSON of any form
 * @returns the review; or an issue, which cannot be sent as an AdmissionReview because the uid is unknown
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
