/**
 * Schemas of the HTTP requests and responses, from which the OpenAPI document is generated (document.ts). A server does not
 * load them; tests compare them with the types and with real responses.
 */

import * as v from "valibot";
import { ENGINE_NAMES } from "../../core/vault/secret-engines.ts";

/** Adds a description. */
function about<Schema extends v.GenericSchema>(schema: Schema, text: string) {
  return v.pipe(schema, v.description(text));
}

const Severity = v.picklist(["deny", "error", "warning", "info"]);
const Keyed = v.record(v.string(), v.unknown());

const Issue = v.strictObject({
  code: about(v.string(), "Stable code; `flyte-vault-webhook explain CODE` describes it"),
  severity: about(
    Severity,
    "`deny` refuses the pod; `error` refuses it under policy.strict; `warning` warns; `info` appears here only",
  ),
  message: about(v.string(), "What was found and what was expected"),
  help: about(v.string(), "What to do next"),
  path: v.optional(
    about(v.string(), "JSON Pointer into the document, or dotted path into the configuration"),
  ),
  annotation: v.optional(about(v.string(), "Full key of the annotation concerned")),
});

const Problem = v.strictObject({
  type: v.literal("about:blank"),
  title: about(v.string(), "Message of the first issue"),
  status: about(v.number(), "HTTP status"),
  detail: about(v.string(), "What to do next"),
  code: about(v.string(), "Code of the first issue"),
  issues: about(v.array(Issue), "Every issue, worst first"),
});

const Source = v.variant("kind", [
  v.strictObject({ kind: v.literal("webhook") }),
  v.strictObject({
    kind: v.literal("secret"),
    annotation: about(v.string(), "Key that carried the request"),
  }),
  v.strictObject({ kind: v.literal("config"), path: about(v.string(), "Dotted path in the configuration") }),
  v.strictObject({
    kind: v.literal("plugin"),
    name: v.string(),
    entry: about(v.number(), "Position in `plugins`, from 0"),
  }),
  v.strictObject({ kind: v.literal("pod") }),
]);

const FoldedAnnotation = v.strictObject({
  key: v.string(),
  value: v.string(),
  source: about(Source, "Who set the value"),
  overrides: about(
    v.array(v.strictObject({ source: Source, value: v.string() })),
    "The values that it overrode, lowest layer first",
  ),
});

const File = v.strictObject({
  id: about(v.string(), "Suffix of the injector's annotations for the file"),
  path: about(v.string(), "Path relative to the secret volume"),
  for: about(
    v.array(v.picklist(["flyte", "flytekit", "flyte-sdk", "kubelet"])),
    "Which clients look for the file at this path; the kubelet, where it reads a variable from it",
  ),
  template: v.optional(about(v.string(), "What the agent renders; absent for the injector's own template")),
});

const RequestChange = v.strictObject({
  field: v.picklist(["group", "group_version", "key", "mount_requirement", "env_var"]),
  from: about(v.union([v.string(), v.number()]), "The value before"),
  value: v.union([v.string(), v.number()]),
  source: about(Source, "The plugin that changed it"),
});

const SecretRequest = v.strictObject({
  annotation: about(v.string(), "Key of the annotation that carried the request"),
  group: about(v.string(), "Vault path, as the task's author wrote it"),
  group_version: about(v.string(), `Engine: ${ENGINE_NAMES}; empty for the configured default`),
  key: v.string(),
  mount_requirement: about(v.string(), "ANY, ENV_VAR or FILE"),
  env_var: v.string(),
  changes: v.optional(about(v.array(RequestChange), "What plugins changed, in their order")),
  files: v.array(File),
});

const EnvChange = v.strictObject({
  container: v.string(),
  init: about(v.boolean(), "Whether it is an init container"),
  name: v.string(),
  value: v.string(),
  source: about(Source, "Who sets it: the webhook, or a secret request"),
  replaced: v.optional(about(v.string(), "What the pod's author had set")),
});

const PatchOperation = v.union([
  v.strictObject({ op: v.picklist(["add", "replace"]), path: v.string(), value: v.unknown() }),
  v.strictObject({ op: v.literal("remove"), path: v.string() }),
]);

const PluginRun = v.strictObject({
  name: v.string(),
  entry: about(v.number(), "Position in `plugins`, from 0"),
  ms: about(v.number(), "Milliseconds spent in its hooks"),
  changed: about(v.array(v.string()), "Keys of the annotations whose value it changed"),
});

const Injected = v.strictObject({
  version: about(v.string(), "Version of vault-k8s that the model follows"),
  allowed: about(v.boolean(), "Whether the injector lets the pod pass"),
  message: about(v.nullable(v.string()), "The injector's own words, or why it leaves the pod alone"),
  patch: about(
    v.array(PatchOperation),
    "JSON Patch for the pod as the webhook leaves it, with the API server's token volume",
  ),
  agent: about(
    v.nullable(v.record(v.string(), v.unknown())),
    "Configurations of the agents, by init and sidecar",
  ),
});

const PreviewResult = v.strictObject({
  kind: about(v.string(), "Kind of the given object: Pod, or the workload around the template"),
  name: v.string(),
  namespace: v.string(),
  allowed: v.boolean(),
  issues: about(v.array(Issue), "Worst first"),
  requests: about(v.array(SecretRequest), "Every readable request, also where the pod is refused"),
  annotations: v.array(FoldedAnnotation),
  env: v.array(EnvChange),
  warnings: about(v.array(v.string()), "What `kubectl` would show"),
  patch: about(v.array(PatchOperation), "JSON Patch (RFC 6902) for the given document; empty where refused"),
  object: about(v.unknown(), "The given object as the patch leaves it"),
  plugins: v.array(PluginRun),
  injected: v.optional(
    about(
      Injected,
      "What the Vault Agent Injector will do then, by a model; absent where the pod is refused or asks for nothing",
    ),
  ),
});

const PreviewAnswer = v.strictObject({
  version: v.literal(1),
  configHash: about(v.string(), "Content hash of the configuration that the pods were reviewed under"),
  results: about(v.array(PreviewResult), "One for each pod or pod template, in the order of the input"),
});

const PlainSecret = v.strictObject({
  group: v.optional(about(v.string(), "Vault path; a secret without one is refused by the review")),
  key: v.optional(v.string()),
  group_version: v.optional(about(v.string(), ENGINE_NAMES)),
  mount_requirement: v.optional(
    about(v.union([v.string(), v.number()]), "ANY, ENV_VAR, FILE, or its number"),
  ),
  env_var: v.optional(v.string()),
  as_env_var: v.optional(
    about(v.string(), "The v2 SDK's word for a variable, instead of mount_requirement and env_var"),
  ),
  mount: v.optional(about(v.literal("/etc/flyte/secrets"), "The v2 SDK's word for a file")),
});

const PlainForm = v.strictObject({
  secrets: v.optional(v.array(PlainSecret)),
  namespace: v.optional(about(v.string(), "`default` if absent")),
  project: v.optional(v.string()),
  domain: v.optional(v.string()),
  serviceAccount: v.optional(v.string()),
  pod: v.optional(about(Keyed, "The pod to start from")),
  config: v.optional(
    about(
      v.unknown(),
      "A candidate configuration, as an object or as text; needs the token. Its schema is what `flyte-vault-webhook config schema` prints",
    ),
  ),
});

const KubernetesObject = v.looseObject({
  apiVersion: v.string(),
  kind: about(
    v.string(),
    "Pod, a workload with pod templates (Deployment, Job, CronJob, RayCluster, …), List or AdmissionReview",
  ),
});

const AdmissionReview = v.looseObject({
  apiVersion: v.picklist(["admission.k8s.io/v1", "admission.k8s.io/v1beta1"]),
  kind: v.literal("AdmissionReview"),
  request: v.optional(v.looseObject({ uid: v.string(), operation: v.string(), object: v.unknown() })),
  response: v.optional(
    v.looseObject({
      uid: v.string(),
      allowed: v.boolean(),
      patchType: v.optional(v.literal("JSONPatch")),
      patch: v.optional(about(v.string(), "JSON Patch in base64")),
      warnings: v.optional(v.array(v.string())),
      auditAnnotations: v.optional(v.record(v.string(), v.string())),
      status: v.optional(v.looseObject({ code: v.number(), reason: v.string(), message: v.string() })),
    }),
  ),
});

const Readiness = v.strictObject({
  ready: v.boolean(),
  checks: v.record(v.string(), v.strictObject({ ok: v.boolean(), detail: v.string() })),
});

/** The schemas of the document, by name. */
export const schemas = {
  Issue,
  Problem,
  Source,
  FoldedAnnotation,
  RequestChange,
  SecretRequest,
  EnvChange,
  PatchOperation,
  PluginRun,
  Injected,
  PreviewResult,
  PreviewAnswer,
  PlainForm,
  KubernetesObject,
  AdmissionReview,
  Readiness,
};
