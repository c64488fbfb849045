/** Messages about an admission review, its pod, or the change as a whole. */
import { defineReviewIssues, quote } from "./define.ts";

/** Issues about admission reviews and pods, by code. */
export const admissionIssues = defineReviewIssues({
  "review.kind": {
    severity: "error",
    message: (f: { apiVersion: string; kind: string }) =>
      `Cannot read the admission review: unexpected kind ${quote(f.kind)} and apiVersion ${quote(f.apiVersion)}`,
    help: 'Send kind "AdmissionReview" with apiVersion "admission.k8s.io/v1" or "admission.k8s.io/v1beta1"',
  },
  "review.request-missing": {
    severity: "error",
    message: () => "Cannot read the admission review: it has no request",
    help: "Send the review as the API server does, with a `request` object",
  },
  "review.uid-missing": {
    severity: "error",
    message: () => "Cannot read the admission review: its request has no uid, so it cannot be answered",
    help: "Send the review as the API server does, with a non-empty string in `request.uid`",
  },
  "pod.not-a-pod": {
    severity: "deny",
    message: (f: { found: string }) => `Cannot review the object: expected a v1 Pod, found ${f.found}`,
    help: 'Register the webhook for CREATE of pods only (resources: [pods], apiGroups: [""])',
  },
  "pod.malformed": {
    severity: "deny",
    message: (f: { path: string; expected: string; found: string }) =>
      `Cannot read the pod: expected ${f.expected} at ${f.path}, found ${f.found}`,
    help: "Correct the pod; the API server would refuse it as well",
  },
  "pod.annotations-too-large": {
    severity: "deny",
    message: (f: { bytes: number; limit: number; requests?: number }) =>
      f.requests === undefined
        ? `The pod's annotations take ${f.bytes} bytes, but Kubernetes allows ${f.limit}`
        : `The pod's annotations would take ${f.bytes} bytes once its ${f.requests} secret requests are served, but Kubernetes allows ${f.limit}`,
    help: "Ask for fewer secrets in one task, or shorten groups, keys and other annotations",
  },
  "pod.containers-too-many": {
    severity: "deny",
    message: (f: { path: string; containers: number; limit: number }) =>
      `Cannot review the pod: ${f.path} has ${f.containers} items, expected at most ${f.limit}`,
    help: "Split the pod; no node runs this many containers in one",
  },
  "review.more-issues": {
    severity: "info",
    message: (f: { more: number; unchecked: number }) => {
      const more =
        f.more === 0
          ? ""
          : `Found ${f.more} more ${f.more === 1 ? "issue" : "issues"}, none of them worse than those listed`;
      if (f.unchecked === 0) return more;
      const unchecked = `id not check ${f.unchecked} more annotations, since those listed refuse the pod already`;
      return more === "" ? `D${unchecked}` : `${more}; d${unchecked}`;
    },
    help: "Correct the listed ones first, then try again",
  },
  "policy.locked": {
    severity: "deny",
    message: (f: { key: string; pattern: string }) =>
      `The pod sets the annotation ${f.key}, which the platform locks (policy.locked: ${quote(f.pattern)})`,
    help: "Remove the annotation from the pod, or ask the platform team",
  },
  "policy.profile": {
    severity: "deny",
    message: (f: { key: string; profile: string; why: string }) =>
      `The pod sets the annotation ${f.key}, which the platform reserves (policy.profile: ${f.profile}): with it, a pod ${f.why}`,
    help: "Remove the annotation from the pod, or ask the platform team",
  },
  "policy.denied": {
    severity: "deny",
    message: (f: { key: string; by: string; pattern: string }) =>
      `The annotation ${f.key}, set by ${f.by}, is not allowed (policy.denied: ${quote(f.pattern)})`,
    help: "Remove the annotation, or ask the platform team",
  },
  "webhook.defect": {
    severity: "deny",
    message: () => "The webhook failed because of a defect; its log has the reason",
    help: "Try again; if it happens again, tell the platform team",
  },
});
