/** Messages in problem details (RFC 9457), for requests that fail before or without an admission review. */
import { defineIssues, quote } from "./define.ts";

/** Issues about HTTP requests, by code. */
export const httpIssues = defineIssues({
  "http.not-bound": {
    severity: "error",
    message: (f: { host: string; port: number; reason: string }) =>
      `Cannot serve ${f.host}:${f.port}: ${f.reason}`,
    help: "Stop the process that uses this port, or set webhook.listenPort (TLS) or server.management.port to another port",
  },
  "http.host-malformed": {
    severity: "error",
    message: () => "Cannot read the request: its Host header is not a host name or address",
    help: "Send the name or address of the server in the Host header",
  },
  "http.request-malformed": {
    severity: "error",
    message: () => "Cannot read the request: its request line or its headers are not valid HTTP",
    help: "Send a request as RFC 9112 describes it, with the server's name in the Host header",
  },
  "http.host-foreign": {
    severity: "error",
    message: () => "The host in the request is not one of this server's names",
    help: "Use localhost or the server's address, or add the name to server.management.hosts",
  },
  "http.not-found": {
    severity: "error",
    message: (f: { path: string }) => `Not found: ${quote(f.path)}`,
    help: "Send admission reviews to POST /mutate, and previews to POST /preview on the management port",
  },
  "http.page-missing": {
    severity: "error",
    message: () => "The page for previews was not built",
    help: "Run npm run setup, which builds it; POST /preview works without it",
  },
  "http.method": {
    severity: "error",
    message: (f: { method: string; path: string; allowed: string }) =>
      `Method ${f.method} is not allowed for ${f.path}`,
    help: (f: { allowed: string }) => `Use ${f.allowed}`,
  },
  "http.media-type": {
    severity: "error",
    message: (f: { found: string; expected: string }) =>
      `Cannot read the body: expected content type ${f.expected}, found ${quote(f.found)}`,
    help: "Set the content-type header",
  },
  "http.body-empty": {
    severity: "error",
    message: () => "Cannot read the body: it is empty",
    help: "Send an AdmissionReview of admission.k8s.io/v1 as JSON",
  },
  "http.body-not-json": {
    severity: "error",
    message: () => "Cannot read the body: it is not a single JSON document",
    help: "Send exactly one AdmissionReview as JSON, with nothing before or after it",
  },
  "http.body-too-large": {
    severity: "error",
    message: (f: { limit: number }) => `Cannot read the body: it is larger than ${f.limit} bytes`,
    help: "Send a smaller body; an object in Kubernetes has at most 3 MiB",
  },
  "http.body-too-deep": {
    severity: "error",
    message: () => "Cannot read the body: its lists and objects are nested more than 1,000 levels deep",
    help: "Send an AdmissionReview as the API server does; an object in Kubernetes has about 20 levels",
  },
  "http.body-late": {
    severity: "error",
    message: () => "Cannot read the body: it did not arrive completely within the time for this review",
    help: "Try again; if it happens again, check the network between the API server and the webhook",
  },
  "http.overrun": {
    severity: "error",
    message: () => "The review did not finish in time",
    help: "Try again; if it happens again, the webhook's log and its metrics by plugin show what takes so long",
  },
  "http.overloaded": {
    severity: "error",
    message: (f: { limit: number }) =>
      `The webhook is already answering ${f.limit} requests; another one would miss its deadline`,
    help: "Try again in a moment; if it happens again, run more replicas",
  },
  "http.preview-overrun": {
    severity: "error",
    message: (f: { seconds: number }) =>
      `The preview did not finish within ${f.seconds} seconds and was stopped`,
    help: "Send fewer or smaller documents at a time",
  },
  "http.preview-memory": {
    severity: "error",
    message: () => "The preview was stopped because the process nearly ran out of memory",
    help: "Send fewer or smaller documents at a time; if it happens again, give the webhook more memory",
  },
  "http.internal": {
    severity: "error",
    message: () => "The webhook failed because of a defect; its log has the reason",
    help: "Try again; if it happens again, tell the platform team",
  },
  "http.token": {
    severity: "error",
    message: () => "The preview needs the token of server.preview.token",
    help: "Send it as `Authorization: Bearer …`",
  },
  "http.candidate-config": {
    severity: "error",
    message: () => "A candidate configuration needs the preview token",
    help: "Set `server.preview.token` in the configuration, and send it as `Authorization: Bearer …`; on a loopback address, the management listener needs no token",
  },
  "http.busy": {
    severity: "error",
    message: () =>
      "The preview waited too long for its turn: previews run one at a time, and only while admission reviews leave capacity",
    help: "Try again in a moment",
  },
  "http.refused": {
    severity: "error",
    message: (f: { refused: number; total: number }) =>
      `${f.refused} of ${f.total} objects would be refused, so there are no mutated documents`,
    help: "Send `Accept: application/json` to see every object",
  },
});
