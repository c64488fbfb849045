/** Inputs to start from, each showing one thing. */
import { encodeRequests } from "../../core/secret/codec.ts";
import { INJECT_LABEL, MountRequirement, type SecretRequest } from "../../core/secret/request.ts";
import { VAULT_DOMAIN } from "../../core/vault/key.ts";
import { EMPTY_INPUTS, type Inputs } from "./inputs.ts";

/** One of them. */
export interface Example {
  readonly name: string;
  /** What it shows, in a few words. */
  readonly shows: string;
  readonly inputs: Inputs;
}

const encoder = new TextEncoder();

function annotate(indent: string, ...requests: readonly Partial<SecretRequest>[]): string {
  const whole = requests.map((request) => ({ ...NO_REQUEST, ...request }));
  const lines = Object.entries(encodeRequests(whole, (text) => encoder.encode(text)));
  return lines.map(([key, value]) => `${indent}${key}: ${value}\n`).join("");
}

const NO_REQUEST: SecretRequest = {
  ...{ group: "", group_version: "", key: "", env_var: "" },
  mount_requirement: MountRequirement.ANY,
};

function taskPod(annotations: string): string {
  return `apiVersion: v1
kind: Pod
metadata:
  name: a1b2c3-n0-0
  namespace: flytesnacks-development
  labels:
    ${INJECT_LABEL}: "true"
    project: flytesnacks
    domain: development
  annotations:
${annotations}spec:
  containers:
    - name: main
      image: registry.example/train:1
`;
}

const TEAM = { group: "secret/data/team", key: "api-key", group_version: "kv2" };

const pod = (text: string, rest: Partial<Inputs> = {}): Inputs => ({
  ...EMPTY_INPUTS,
  pod: text,
  subject: "pod",
  ...rest,
});
const secrets = (text: string): Inputs => ({ ...EMPTY_INPUTS, secrets: text, subject: "secrets" });

/** Every example, in the order of the menu. */
export const EXAMPLES: readonly Example[] = [
  {
    name: "A task's pod",
    shows: "one secret, one mistyped annotation",
    inputs: pod(
      taskPod(
        `${annotate("    ", TEAM)}    ${VAULT_DOMAIN}log-level: debug\n    ${VAULT_DOMAIN}agent-limits-cpuu: "1"\n`,
      ),
    ),
  },
  {
    name: "kv2",
    shows: "the engine most clusters have",
    inputs: secrets(`secrets:
  - group: secret/data/team
    key: api-key
    group_version: kv2
project: flytesnacks
domain: development
`),
  },
  {
    name: "kv1",
    shows: "the older engine, whose path has no data/",
    inputs: secrets(`secrets:
  - group: kv/team
    key: api_key
    group_version: kv1
project: flytesnacks
domain: development
`),
  },
  {
    name: "Database",
    shows: "a credential that Vault makes for the task",
    inputs: secrets(`secrets:
  - group: database/creds/reporting
    key: connection
    group_version: db
project: flytesnacks
domain: production
`),
  },
  {
    name: "Vault namespace",
    shows: "the pod reads from its own Vault namespace",
    inputs: pod(taskPod(`${annotate("    ", TEAM)}    ${VAULT_DOMAIN}namespace: team-b\n`)),
  },
  {
    name: "GCP",
    shows: "a login with Google's workload identity",
    inputs: pod(
      taskPod(
        `${annotate("    ", TEAM)}    ${VAULT_DOMAIN}auth-type: gcp\n    ${VAULT_DOMAIN}auth-path: auth/gcp\n    ${VAULT_DOMAIN}auth-config-type: gce\n`,
      ),
    ),
  },
  {
    name: "A refused pod",
    shows: "a variable, which the injector cannot set, and a bad path",
    inputs: pod(
      taskPod(
        annotate(
          "    ",
          {
            group: "secret/data/team",
            key: "api-key",
            mount_requirement: MountRequirement.ENV_VAR,
            env_var: "API_KEY",
          },
          { group: "secret/data/../admin", key: "root", group_version: "kv2" },
        ),
      ),
    ),
  },
  {
    name: "Ray cluster",
    shows: "a head and workers, which live for long",
    inputs: pod(`apiVersion: ray.io/v1
kind: RayCluster
metadata:
  name: a1b2c3-n0-0
  namespace: flytesnacks-development
spec:
  headGroupSpec:
    rayStartParams: {}
    template:
      metadata:
        labels:
          ${INJECT_LABEL}: "true"
        annotations:
${annotate("          ", TEAM)}      spec:
        containers:
          - name: ray-head
            image: registry.example/ray:2
  workerGroupSpecs:
    - groupName: workers
      replicas: 2
      rayStartParams: {}
      template:
        metadata:
          labels:
            ${INJECT_LABEL}: "true"
          annotations:
${annotate("            ", TEAM)}        spec:
          containers:
            - name: ray-worker
              image: registry.example/ray:2
`),
  },
  {
    name: "Deployment",
    shows: "any workload, not only Flyte's",
    inputs: pod(`apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  selector:
    matchLabels: { app: web }
  template:
    metadata:
      labels:
        app: web
        ${INJECT_LABEL}: "true"
      annotations:
${annotate("        ", TEAM)}    spec:
      containers:
        - name: web
          image: nginx
`),
  },
  {
    name: "Flyte's documentation",
    shows: "Secret(group=…, key=…), as its guide writes it",
    inputs: secrets(`# Secret(group="user-info", key="user_secret"), as Flyte's guide to secrets writes it.
# For Vault, the group is the path of the secret: secret/data/user-info.
secrets:
  - group: user-info
    key: user_secret
project: flytesnacks
domain: development
`),
  },
  {
    name: "Another configuration",
    shows: "the same task, if the configuration were this one",
    inputs: {
      ...secrets(`secrets:
  - group: secret/data/team
    key: api-key
    group_version: kv2
`),
      config: `webhook:
  vaultSecretManager:
    role: candidate-role
    kvVersion: 2
plugins:
  - use: namespace
    with: { namespace: team-c }
policy:
  fileNames: flytekit
`,
    },
  },
];
