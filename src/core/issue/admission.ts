/** What can be wrong with an admission review, its pod, or the change as a whole. */
import { defineIssues, quote } from "./issue.ts";

export const admissionIssues = defineIssues({
  "review.kind": {
    severity: "deny",
    message: (f: { apiVersion: string; kind: string }) =>
      `Cannot read the admission review: it is ${quote(f.kind)} of ${quote(f.apiVersion)}`,
    help: 'Send kind "AdmissionReview" of "admission.k8s.io/v1" or "admission.k8s.io/v1beta1"',
  },
  "review.request-missing": {
    severity: "deny",
    message: () => "Cannot read the admission review: it has no request",
    help: "Send the review as the API server does, with a `request` object",
  },
  "review.uid-missing": {
    severity: "deny",
    message: () =>
      "Cannot read the admission review: its request has no uid, so that no answer can belong to it",
    help: "Send the review as the API server does, with a non-empty string in `request.uid`",
  },
  "pod.not-a-pod": {
    severity: "deny",
    message: (f: { found: string }) => `Cannot review the object: it is ${f.found}, wanted is a v1 Pod`,
    help: 'Register the webhook for CREATE of pods only (resources: [pods], apiGroups: [""])',
  },
  "pod.malformed": {
    severity: "deny",
    message: (f: { path: string; wanted: string; found: string }) =>
      `Cannot read the pod: ${f.path} is ${f.found}, wanted is ${f.wanted}`,
    help: "Correct the pod; the API server would refuse it as well",
  },
  "pod.annotations-too-large": {
    severity: "deny",
    message: (f: { bytes: number; limit: number; requests: number }) =>
      `The pod's annotations would take ${f.bytes} bytes with the ${f.requests} secret requests served, and Kubernetes allows ${f.limit}`,
    help: "Ask for fewer secrets in one task, or shorten groups, keys and other annotations",
  },
  "policy.locked": {
    severity: "deny",
    message: (f: { key: string; pattern: string }) =>
      `The pod sets the annotation ${f.key}, which the platform has locked (policy.locked: ${quote(f.pattern)})`,
    help: "Remove the annotation from the pod, or ask the platform team",
  },
  "policy.profile": {
    severity: "deny",
    message: (f: { key: string; profile: string; why: string }) =>
      `The pod sets the annotation ${f.key}, which the platform keeps for itself (policy.profile: ${f.profile}): with it a pod ${f.why}`,
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
    message: () => "The webhook met a defect of its own; the reason is in its log",
    help: "Try again; if it stays so, tell the platform team",
  },
});
