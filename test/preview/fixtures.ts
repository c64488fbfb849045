/** Inputs and a stand-in for the pipeline, for the preview's tests. */

import fastJsonPatch from "fast-json-patch";
import type { AdmissionRequest } from "../../src/core/admission/request.ts";
import { isObject } from "../../src/core/json.ts";
import type { Outcome } from "../../src/core/outcome.ts";
import type { Operation } from "../../src/core/patch/apply.ts";
import type { Result } from "../../src/core/result.ts";
import { type PreviewInput, readPreviewInput } from "../../src/preview/input/input.ts";

const encoder = new TextEncoder();

/** Reads an input: text as it is, anything else as JSON. */
export function read(input: unknown): Result<PreviewInput> {
  const text = typeof input === "string" ? input : JSON.stringify(input);
  return readPreviewInput(text, { encodeUtf8: (value) => encoder.encode(value) });
}

/** Reads an input that has to be good. */
export function readGood(input: unknown): PreviewInput {
  const result = read(input);
  if (!result.ok) throw new Error(result.issues.map(({ message }) => message).join("; "));
  return result.value;
}

/** @returns codes of the issues; the first is that of the failure. */
export function codesOf(result: Result<unknown>): string[] {
  return result.issues.map(({ code }) => code);
}

/** A pod template with annotations, in its own namespace-less way. */
export const TEMPLATE = {
  metadata: { labels: { project: "p" }, annotations: { "flyte.secrets/s0": "x" } },
  spec: { containers: [{ name: "main", env: [{ name: "A", value: "a" }] }, { name: "side" }] },
};

/** A Spark driver or executor. */
export const SPARK = {
  labels: { project: "p" },
  annotations: { "flyte.secrets/s0": "x" },
  env: [{ name: "A", value: "a" }],
  sidecars: [{ name: "side" }],
};

const ray = {
  headGroupSpec: { template: TEMPLATE },
  workerGroupSpecs: [{ template: TEMPLATE }, { template: TEMPLATE }],
};

function kubeflow(field: string) {
  return { [field]: { Master: { template: TEMPLATE }, "Wor/ker": { template: TEMPLATE } } };
}

/** Every kind of workload: what stands beside its metadata, and where its pods are. */
export const WORKLOAD_CASES: readonly (readonly [string, string, object, readonly string[]])[] = [
  ["apps/v1", "Deployment", { spec: { template: TEMPLATE } }, ["/spec/template"]],
  ["apps/v1", "StatefulSet", { spec: { template: TEMPLATE } }, ["/spec/template"]],
  ["apps/v1", "DaemonSet", { spec: { template: TEMPLATE } }, ["/spec/template"]],
  ["apps/v1", "ReplicaSet", { spec: { template: TEMPLATE } }, ["/spec/template"]],
  ["v1", "ReplicationController", { spec: { template: TEMPLATE } }, ["/spec/template"]],
  ["v1", "PodTemplate", { template: TEMPLATE }, ["/template"]],
  ["batch/v1", "Job", { spec: { template: TEMPLATE } }, ["/spec/template"]],
  [
    "batch/v1",
    "CronJob",
    { spec: { jobTemplate: { spec: { template: TEMPLATE } } } },
    ["/spec/jobTemplate/spec/template"],
  ],
  [
    "ray.io/v1",
    "RayCluster",
    { spec: ray },
    [
      "/spec/headGroupSpec/template",
      "/spec/workerGroupSpecs/0/template",
      "/spec/workerGroupSpecs/1/template",
    ],
  ],
  [
    "ray.io/v1",
    "RayJob",
    { spec: { rayClusterSpec: { headGroupSpec: { template: TEMPLATE } }, submitterPodTemplate: TEMPLATE } },
    ["/spec/rayClusterSpec/headGroupSpec/template", "/spec/submitterPodTemplate"],
  ],
  [
    "ray.io/v1",
    "RayService",
    { spec: { rayClusterConfig: { headGroupSpec: { template: TEMPLATE } } } },
    ["/spec/rayClusterConfig/headGroupSpec/template"],
  ],
  [
    "sparkoperator.k8s.io/v1beta2",
    "SparkApplication",
    { spec: { driver: SPARK, executor: SPARK } },
    ["/spec/driver", "/spec/executor"],
  ],
  [
    "sparkoperator.k8s.io/v1beta2",
    "ScheduledSparkApplication",
    { spec: { template: { driver: SPARK } } },
    ["/spec/template/driver"],
  ],
  ["serving.knative.dev/v1", "Service", { spec: { template: TEMPLATE } }, ["/spec/template"]],
  ["serving.knative.dev/v1", "Configuration", { spec: { template: TEMPLATE } }, ["/spec/template"]],
  ...["pytorch", "tf", "mpi", "xgb", "paddle", "jax"].map(
    (name, i): readonly [string, string, object, string[]] => [
      "kubeflow.org/v1",
      ["PyTorchJob", "TFJob", "MPIJob", "XGBoostJob", "PaddleJob", "JAXJob"][i] ?? "",
      { spec: kubeflow(`${name}ReplicaSpecs`) },
      [`/spec/${name}ReplicaSpecs/Master/template`, `/spec/${name}ReplicaSpecs/Wor~1ker/template`],
    ],
  ),
];

/** @returns a workload of the table. */
export function workload([apiVersion, kind, body]: readonly [string, string, object, ...unknown[]]) {
  return { apiVersion, kind, metadata: { name: "it", namespace: "team" }, ...body };
}

/** What the stand-in does to a pod: one annotation, one variable in each container. */
export const PATCH = [
  { op: "add", path: "/metadata/annotations/acme.io~1team", value: "a" },
  { op: "replace", path: "/metadata/annotations/flyte.secrets~1s0", value: "y" },
  { op: "add", path: "/spec/containers/0/env/0", value: { name: "NEW", value: "n" } },
  { op: "remove", path: "/spec/containers/0/env/1" },
  { op: "add", path: "/spec/containers/1/env", value: [{ name: "NEW", value: "n" }] },
];

/** An outcome that allows with a patch. */
export function allowed(patch: readonly unknown[] = PATCH): Outcome {
  return {
    allowed: true,
    issues: [],
    warnings: ["careful"],
    patch: patch.length === 0 ? "" : JSON.stringify(patch),
    auditAnnotations: {},
    explain: () => ({
      requests: [
        {
          annotation: "flyte.secrets/s0",
          group: "secret/data/team",
          group_version: "kv2",
          key: "api_key",
          mount_requirement: 2,
          env_var: "",
          files: [{ id: "id-1", path: "secret/data/team/api_key", for: ["flyte"], template: "T" }],
        },
      ],
      annotations: [
        { key: "acme.io/team", value: "a", source: { kind: "config", path: "webhook.x" }, overrides: [] },
        {
          key: "acme.io/role",
          value: `long ${"x".repeat(80)}`,
          source: { kind: "pod" },
          overrides: [{ source: { kind: "plugin", name: "role-map", entry: 0 }, value: "b" }],
        },
        {
          key: "acme.io/id",
          value: "line\nbreak\u001b[31m\u202e",
          source: { kind: "secret", annotation: "flyte.secrets/s0" },
          overrides: [],
        },
      ],
      env: [
        {
          container: "main",
          init: true,
          source: { kind: "secret", annotation: "flyte.secrets/s0" },
          name: "NEW",
          value: "n",
          replaced: "old",
        },
      ],
      plugins: [{ name: "role-map", entry: 0, ms: 1, changed: ["acme.io/role"] }],
    }),
  };
}

/** An outcome that refuses. */
export function refused(): Outcome {
  const issue = {
    code: "secret.base32" as const,
    severity: "deny" as const,
    message: "Cannot decode",
    help: "Encode it",
  };
  return {
    allowed: false,
    status: { code: 400, reason: "BadRequest", message: "Cannot decode" },
    issues: [
      { ...issue, path: "/metadata/annotations/a" },
      { ...issue, path: "webhook.role" },
    ],
    warnings: [],
    patch: "",
    auditAnnotations: {},
    explain: () => ({ requests: [], annotations: [], env: [], plugins: [] }),
  };
}

/** @returns a stand-in that remembers what it was asked. */
export function createReview(outcome: (request: AdmissionRequest) => Outcome = () => allowed()) {
  const asked: AdmissionRequest[] = [];
  const review = (request: AdmissionRequest): Outcome => {
    asked.push(request);
    return outcome(request);
  };
  return { asked, review };
}

/** @returns a member of an object that has to be there. */
export function member(value: unknown, key: string): unknown {
  if (!isObject(value)) throw new Error(`no object with ${key}`);
  return value[key];
}

/** A pod with one request. */
export const POD = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { ...TEMPLATE.metadata, name: "a" },
  spec: TEMPLATE.spec,
};

/** Every form of input that has the pod in it. */
export const FORMS: readonly (readonly [string, unknown])[] = [
  ["Pod", POD],
  [
    "AdmissionReview",
    { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request: { uid: "u", object: POD } },
  ],
  ["List", { apiVersion: "v1", kind: "List", items: [{ apiVersion: "v1", kind: "Secret" }, POD, POD] }],
  ["array", [POD]],
  ["plain form", { secrets: [], pod: POD }],
  ...WORKLOAD_CASES.map((row) => [row[1], workload(row)] as const),
];

/** An independent library's reading of a patch. */
export function applyIndependently(document: unknown, patch: readonly Operation[]): unknown {
  return fastJsonPatch.applyPatch(structuredClone(document), structuredClone([...patch])).newDocument;
}
