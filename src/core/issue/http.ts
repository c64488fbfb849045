/** What is answered before there is a review to answer: problem details (RFC 9457). */
import { defineIssues, quote } from "./issue.ts";

export const httpIssues = defineIssues({
  "http.not-bound": {
    severity: "deny",
    message: (f: { host: string; port: number; reason: string }) =>
      `Cannot serve ${f.host}:${f.port}: ${f.reason}`,
    help: "Stop what serves there, or set webhook.listenPort (TLS) or server.management.port to another port",
  },
  "http.not-found": {
    severity: "deny",
    message: (f: { path: string }) => `There is nothing at ${quote(f.path)}`,
    help: "Admission reviews go to POST /mutate; previews to POST /preview on the management port",
  },
  "http.page-missing": {
    severity: "deny",
    message: () => "The page for previews was not built",
    help: "Run npm run setup, which builds it; POST /preview works without it",
  },
  "http.method": {
    severity: "deny",
    message: (f: { method: string; path: string; allowed: string }) => `${f.path} does not take ${f.method}`,
    help: (f: { allowed: string }) => `Use ${f.allowed}`,
  },
  "http.media-type": {
    severity: "deny",
    message: (f: { found: string; wanted: string }) =>
      `Cannot read the body: its content type is ${quote(f.found)}, wanted is ${f.wanted}`,
    help: "Set the content-type header",
  },
  "http.body-empty": {
    severity: "deny",
    message: () => "Cannot read the body: it is empty",
    help: "Send an AdmissionReview of admission.k8s.io/v1 as JSON",
  },
  "http.body-not-json": {
    severity: "deny",
    message: () => "Cannot read the body: it is not one JSON document",
    help: "Send exactly one AdmissionReview as JSON, without anything before or after it",
  },
  "http.body-too-large": {
    severity: "deny",
    message: (f: { limit: number }) => `Cannot read the body: it is over ${f.limit} bytes`,
    help: "Send less: an object in Kubernetes has at most 3 MiB",
  },
  "http.body-too-deep": {
    severity: "deny",
    message: () => "Cannot read the body: its lists and objects are nested over 1,000 levels deep",
    help: "Send an AdmissionReview as the API server makes it: an object in Kubernetes has some 20 levels",
  },
  "http.body-late": {
    severity: "deny",
    message: () => "Cannot read the body: it had not arrived whole when the time for this review was over",
    help: "Try again; if it stays so, look at the network between the API server and the webhook",
  },
  "http.overrun": {
    severity: "deny",
    message: () => "The review was not done when its time was over",
    help: "Try again; if it stays so, the webhook's log and its metrics by plugin tell what takes so long",
  },
  "http.overloaded": {
    severity: "deny",
    message: (f: { limit: number }) =>
      `The webhook is answering ${f.limit} requests already, and another one would only wait past its deadline`,
    help: "Try again in a moment; if it stays so, run more replicas",
  },
  "http.preview-overrun": {
    severity: "deny",
    message: (f: { seconds: number }) =>
      `The preview was not done within ${f.seconds} seconds and was given up`,
    help: "Send fewer or smaller documents at a time",
  },
  "http.internal": {
    severity: "deny",
    message: () => "The webhook met a defect of its own; the reason is in its log",
    help: "Try again; if it stays so, tell the platform team",
  },
  "http.token": {
    severity: "deny",
    message: () => "The preview needs the token that server.preview.token names",
    help: "Send it as `Authorization: Bearer …`",
  },
  "http.candidate-config": {
    severity: "deny",
    message: () => "A candidate configuration is only taken from whoever has the preview token",
    help: "Set `server.preview.token` in the configuration, and send it as `Authorization: Bearer …`",
  },
  "http.busy": {
    severity: "deny",
    message: () =>
      "Another preview is being made, or admissions need the process: previews are made one at a time",
    help: "Try again in a moment",
  },
  "http.refused": {
    severity: "deny",
    message: (f: { refused: number; total: number }) =>
      `${f.refused} of ${f.total} objects would be refused, so that there are no mutated documents`,
    help: "Ask with `Accept: application/json` to see every object",
  },
});
