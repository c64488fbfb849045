/** Requests that the OpenAPI document shows; a test posts each of them. */

/** The pod of the examples: it asks for `team-a/api`, key `token`, as flytekit writes it. */
const POD = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: "f1-n0-0",
    namespace: "flytesnacks-development",
    labels: { "inject-flyte-secrets": "true", project: "flytesnacks", domain: "development" },
    annotations: {
      "flyte.secrets/s0":
        "m4zg54lqhiqce5dfmfws2yjpmfygsiqknnsxsorcorxwwzlocive25lo0trhiyraoz1xe1lqnrqhgizcknzgkylt1",
    },
  },
  spec: { containers: [{ name: "main", image: "registry.example/task:1" }] },
};

/** A body of `POST /preview` as JSON. */
export interface Example {
  readonly summary: string;
  readonly value: unknown;
}

/** Bodies of `POST /preview` in JSON. */
export const previewExamples: Readonly<Record<string, Example>> = {
  plain: {
    summary: "The plain form: secrets by name",
    value: { secrets: [{ group: "secret/data/team-a/api", key: "token" }], project: "flytesnacks" },
  },
  pod: { summary: "A pod, as the API server would send it", value: POD },
  deployment: {
    summary: "A workload with a pod template",
    value: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: "team-a" },
      spec: { template: { metadata: POD.metadata, spec: POD.spec } },
    },
  },
};

/** A body of `POST /preview` that needs the token. */
export const candidateExample: Example = {
  summary: "The plain form with a candidate configuration; needs the token",
  value: {
    secrets: [{ group: "secret/data/team-a/api", key: "token" }],
    config: { webhook: { vaultSecretManager: { role: "team-a" } } },
  },
};

/** A body of `POST /preview` in YAML. */
export const yamlExample =
  "secrets:\n  - { group: secret/data/team-a/api, key: token }\nproject: flytesnacks\n";

/** A body of `POST /mutate`. */
export const reviewExample = {
  apiVersion: "admission.k8s.io/v1",
  kind: "AdmissionReview",
  request: {
    uid: "705ab4f5-6393-11e8-b7cc-42010a800002",
    operation: "CREATE",
    namespace: "flytesnacks-development",
    object: POD,
  },
};
