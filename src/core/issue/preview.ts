/** Messages about the input of a preview. */
import { defineReviewIssues, quote } from "./define.ts";

interface Position {
  readonly line: number;
  readonly column: number;
}

interface Kubernetes {
  readonly apiVersion: string;
  readonly kind: string;
}

interface Named extends Kubernetes {
  readonly name: string;
}

const FORMS =
  "Send a Pod, a workload with pod templates, a List, an AdmissionReview, or the plain form { secrets: [{ group, key }] }";

/** Issues about the input of a preview, by code. */
export const previewIssues = defineReviewIssues({
  "preview.requests-outside": {
    severity: "warning",
    message: (f: Named & { places: string }) =>
      `The ${f.kind} ${quote(f.name)} has secret requests in its own annotations, not in its pod template's: no pod will have them`,
    help: (f: Named & { places: string }) =>
      `Move the annotations and the label inject-flyte-secrets to ${f.places}`,
  },
  "preview.empty": {
    severity: "error",
    message: () => "Cannot preview the input: it is empty",
    help: FORMS,
  },
  "preview.syntax": {
    severity: "error",
    message: (f: Position & { reason: string }) =>
      `Cannot read the input: line ${f.line}, column ${f.column}: ${f.reason}`,
    help: "Correct the JSON or YAML",
  },
  "preview.unresolved": {
    severity: "error",
    message: (f: { reason: string }) => `Cannot read the input: ${f.reason}`,
    help: "Correct the YAML's anchors, aliases and merge keys, or write the values out",
  },
  "preview.duplicate-key": {
    severity: "error",
    message: (f: Position & { key: string }) =>
      `Cannot read the input: line ${f.line}, column ${f.column}: duplicate key ${quote(f.key)}`,
    help: "Remove one of the two",
  },
  "preview.too-many-aliases": {
    severity: "error",
    message: (f: { limit: number }) =>
      `Cannot read the input: a document has more than ${f.limit} YAML aliases`,
    help: "Write the values out",
  },
  "preview.too-deep": {
    severity: "error",
    message: (f: { limit: number }) => `Cannot read the input: it is nested deeper than ${f.limit} levels`,
    help: "Send Kubernetes objects; they are never nested that deeply",
  },
  "preview.too-complex": {
    severity: "error",
    message: (f: { limit: number }) => `Cannot read the input: its YAML has more than ${f.limit} tokens`,
    help: "Preview fewer objects at once, or send JSON",
  },
  "preview.too-large": {
    severity: "error",
    message: (f: { limit: number }) =>
      `Cannot preview the input: with its aliases and repeated objects written out, it is larger than ${f.limit} bytes`,
    help: "Preview fewer objects at once",
  },
  "preview.too-many-objects": {
    severity: "error",
    message: (f: { limit: number }) =>
      `Cannot preview the input: it has more than ${f.limit} pods and pod templates`,
    help: "Preview fewer objects at once",
  },
  "preview.too-many-documents": {
    severity: "error",
    message: (f: { limit: number }) => `Cannot preview the input: it has more than ${f.limit} documents`,
    help: "Preview fewer documents at once",
  },
  "preview.not-an-object": {
    severity: "error",
    message: (f: { found: string }) => `Cannot preview the input: expected an object, found ${f.found}`,
    help: FORMS,
  },
  "preview.config-bare": {
    severity: "error",
    message: (f: { names: string }) =>
      `Cannot preview the object: it is a configuration (${f.names}), expected a Kubernetes object or the plain form`,
    help: (f: { names: string }) =>
      `To try it on the other documents, put it below \`config\`, as in config: { ${f.names.split(", ")[0]}: … }`,
  },
  "preview.kind-missing": {
    severity: "error",
    message: () => "Cannot preview the object: it has neither `apiVersion` and `kind` nor `secrets`",
    help: FORMS,
  },
  "preview.kind-unknown": {
    severity: "error",
    message: (f: Named & { supported: string }) =>
      `Cannot preview ${quote(f.name)}: ${quote(f.kind)} of ${quote(f.apiVersion)} has no known pod template`,
    help: (f: { supported: string }) =>
      `Send the pod itself or one of: Pod, ${f.supported}, List, AdmissionReview, the plain form { secrets: [{ group, key }] }`,
  },
  "preview.passed-over": {
    severity: "info",
    message: (f: Named) =>
      `Skipped ${quote(f.name)}: ${quote(f.kind)} of ${quote(f.apiVersion)} has no known pod template`,
    help: "Nothing to do, unless its controller creates pods; in that case preview one of those pods",
  },
  "preview.template-missing": {
    severity: "error",
    message: (f: Named & { places: string }) =>
      `Cannot preview ${f.kind} ${quote(f.name)}: it has no pod template at ${f.places}`,
    help: "Send the whole object, as it is applied to the cluster",
  },
  "preview.list-empty": {
    severity: "error",
    message: () => "Cannot preview the input: its list is empty",
    help: "Send at least one object with a pod",
  },
  "preview.field": {
    severity: "error",
    message: (f: { path: string; expected: string; found: string }) =>
      `Cannot read the input: expected ${f.expected} at ${f.path}, found ${f.found}`,
    help: "Correct the value; a string that looks like a number or a boolean needs quotes in YAML",
  },
  "preview.unknown-name": {
    severity: "error",
    message: (f: { path: string; name: string; nearest?: string; known: string }) =>
      `Cannot read the input: ${f.path === "" ? "the plain form" : f.path} does not have a key ${quote(f.name)}`,
    help: (f: { nearest?: string; known: string }) =>
      f.nearest === undefined ? `Known keys: ${f.known}` : `Did you mean ${f.nearest}?`,
  },
  "preview.config-twice": {
    severity: "error",
    message: () => "Cannot preview the input: more than one of its documents has a `config`",
    help: "Put `config` into one document; it applies to all of them",
  },
  "preview.item": {
    severity: "deny",
    message: (f: { item: number; reason: string }) => `Cannot read item ${f.item} of the input: ${f.reason}`,
    help: "Pass the output of kubectl get -o json or -o yaml unchanged; it must be complete",
  },
  "preview.refused": {
    severity: "error",
    message: (f: Omit<Named, "apiVersion"> & { namespace: string }) =>
      `${f.kind || "Object"} ${f.namespace}/${f.name} would be refused, for the reasons below`,
    help: "Correct the issues below, or ask for JSON to see every object",
  },
});
