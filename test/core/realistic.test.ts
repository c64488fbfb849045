/**
 * Pods as Flyte, its plugins and the platforms around it make them, written from their public documentation: none of them has
 * a fault, and nothing above `info` is said of any.
 */
import { describe, expect, test } from "bun:test";
import { encodeRequests } from "../../src/core/secret/codec.ts";
import type { SecretRequest } from "../../src/core/secret/request.ts";
import { webPorts } from "../../src/host/ports.ts";
import { createTestEngine, DEFAULT_SETTINGS, secret } from "../fixtures/engine.ts";

type Json = Readonly<Record<string, unknown>>;

interface Shape {
  readonly requests?: readonly Partial<SecretRequest>[];
  readonly labels?: Json;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly owner?: readonly [apiVersion: string, kind: string];
  readonly spec?: Json;
  /** Of the primary container. */
  readonly container?: Json;
  readonly mounts?: readonly Json[];
  readonly volumes?: readonly Json[];
  readonly others?: readonly Json[];
  readonly inits?: readonly Json[];
  /** Annotations of the configuration. */
  readonly config?: Readonly<Record<string, string>>;
}

const VAULT = "vault.hashicorp.com/";
const KV2 = { group: "secret/data/team", key: "api_key" };
const TOKEN = {
  name: "kube-api-access-x7k2p",
  mountPath: "/var/run/secrets/kubernetes.io/serviceaccount",
  readOnly: true,
};
const TOKEN_VOLUME = {
  name: "kube-api-access-x7k2p",
  projected: { sources: [{ serviceAccountToken: { path: "token", expirationSeconds: 3607 } }] },
};
const AWS = {
  name: "aws-iam-token",
  mountPath: "/var/run/secrets/eks.amazonaws.com/serviceaccount",
  readOnly: true,
};
const AWS_VOLUME = {
  name: "aws-iam-token",
  projected: { sources: [{ serviceAccountToken: { path: "token", audience: "sts.amazonaws.com" } }] },
};
const RESTRICTED = {
  runAsNonRoot: true,
  runAsUser: 1000,
  runAsGroup: 1000,
  fsGroup: 1000,
  seccompProfile: { type: "RuntimeDefault" },
};

const memory = (name: string) => ({ name, emptyDir: { medium: "Memory" } });
const ray = { "ray.io/cluster": "f1-raycluster", "ray.io/is-ray-node": "yes" };
const spark = (role: string) => ({ "spark-role": role, "spark-app-selector": "spark-1" });
const training = (kind: string, type: string) => ({
  labels: { "training.kubeflow.org/job-name": "f1", "training.kubeflow.org/replica-type": type },
  owner: ["kubeflow.org/v1", kind] as const,
});

const PODS: Readonly<Record<string, Shape>> = {
  "v1 SDK: Python task": {},
  "v1 SDK: two secrets of one path": { requests: [KV2, { group: "secret/data/team", key: "user" }] },
  "v1 SDK: a dashed key": { requests: [{ group: "secret/data/team", key: "api-key" }] },
  "v1 SDK: a FILE mount": { requests: [{ ...KV2, mount_requirement: 2 }] },
  "v1 SDK: kv1 by group_version": { requests: [{ group: "kv/team", key: "api_key", group_version: "kv1" }] },
  "v1 SDK: a dynamic credential": {
    requests: [{ group: "database/creds/team", key: "user", group_version: "db" }],
  },
  "v1 SDK: a version of a secret": { requests: [{ group: "secret/data/team?version=3", key: "api_key" }] },
  "v2 SDK: a variable named beside the request": { requests: [{ ...KV2, env_var: "API_KEY" }] },
  "map task": {
    container: { env: [{ name: "BATCH_JOB_ARRAY_INDEX_VAR_NAME", value: "FLYTE_K8S_ARRAY_INDEX" }] },
  },
  "dynamic task with resources": { container: { resources: { limits: { cpu: "2", memory: "8Gi" } } } },
  "task retried on spot nodes": {
    labels: { interruptible: "true" },
    spec: { tolerations: [{ key: "spot", operator: "Exists" }], affinity: { nodeAffinity: {} } },
  },
  "ContainerTask with copilot": {
    spec: { shareProcessNamespace: true },
    mounts: [{ name: "flyte-inputs", mountPath: "/var/inputs" }],
    volumes: [{ name: "flyte-inputs", emptyDir: {} }],
    others: [{ name: "flyte-copilot-sidecar", image: "copilot:1" }],
    inits: [{ name: "flyte-copilot-downloader", image: "copilot:1" }],
  },
  "GPU task with shared memory": {
    container: { resources: { limits: { "nvidia.com/gpu": "8" } } },
    mounts: [{ name: "shm", mountPath: "/dev/shm" }],
    volumes: [memory("shm")],
    spec: {
      nodeSelector: { "k8s.amazonaws.com/accelerator": "nvidia-tesla-a100" },
      runtimeClassName: "nvidia",
    },
  },
  "Spark driver": {
    labels: spark("driver"),
    mounts: [{ name: "conf", mountPath: "/opt/spark/conf" }],
    volumes: [{ name: "conf", configMap: { name: "conf" } }],
  },
  "Spark executor": { labels: spark("executor"), owner: ["v1", "Pod"] },
  "Ray head": {
    labels: { ...ray, "ray.io/node-type": "head" },
    owner: ["ray.io/v1", "RayCluster"],
    spec: { restartPolicy: "Always" },
  },
  "Ray worker": {
    labels: { ...ray, "ray.io/node-type": "worker" },
    owner: ["ray.io/v1", "RayCluster"],
    spec: { restartPolicy: "Always" },
    inits: [{ name: "wait-gcs-ready", image: "ray:2.40" }],
  },
  "Ray submitter": { owner: ["batch/v1", "Job"] },
  "Dask scheduler": { labels: { "dask.org/component": "scheduler" }, spec: { restartPolicy: "Always" } },
  "Dask worker": { labels: { "dask.org/component": "worker" }, spec: { restartPolicy: "Always" } },
  "Dask job runner": { labels: { "dask.org/component": "job-runner" } },
  "MPI launcher": {
    ...training("MPIJob", "launcher"),
    mounts: [{ name: "ssh", mountPath: "/root/.ssh" }],
    volumes: [{ name: "ssh", secret: { secretName: "ssh" } }],
  },
  "MPI worker": training("MPIJob", "worker"),
  "PyTorch master": {
    ...training("PyTorchJob", "master"),
    container: { env: [{ name: "RANK", value: "0" }] },
  },
  "PyTorch worker": {
    ...training("PyTorchJob", "worker"),
    inits: [{ name: "init-pytorch", image: "alpine:3" }],
  },
  "TF chief": { ...training("TFJob", "chief"), container: { env: [{ name: "TF_CONFIG", value: "{}" }] } },
  "TF worker": training("TFJob", "worker"),
  "app that the sidecar serves": {
    labels: { "serving.knative.dev/service": "app", "serving.knative.dev/revision": "app-1" },
    owner: ["apps/v1", "ReplicaSet"],
    spec: { restartPolicy: "Always" },
    others: [{ name: "queue-proxy", image: "queue:1" }],
    config: { [`${VAULT}agent-pre-populate-only`]: "false" },
  },
  "pod template with a sidecar": { others: [{ name: "metrics", image: "metrics:1" }] },
  "pod template with an init container": { inits: [{ name: "fetch", image: "busybox:1" }] },
  "pod template with a native sidecar": {
    inits: [{ name: "proxy", image: "proxy:1", restartPolicy: "Always" }],
  },
  "IRSA after the token": {
    mounts: [TOKEN, AWS],
    volumes: [AWS_VOLUME],
    container: { env: [{ name: "AWS_ROLE_ARN", value: "arn:aws:iam::111122223333:role/flyte" }] },
  },
  "EKS Pod Identity": {
    mounts: [
      TOKEN,
      { name: "eks-pod-identity-token", mountPath: "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount" },
    ],
    volumes: [
      {
        name: "eks-pod-identity-token",
        projected: {
          sources: [
            { serviceAccountToken: { path: "eks-pod-identity-token", audience: "pods.eks.amazonaws.com" } },
          ],
        },
      },
    ],
  },
  "IRSA first, with the token's volume named": {
    mounts: [AWS, TOKEN],
    volumes: [AWS_VOLUME],
    config: { [`${VAULT}agent-service-account-token-volume-name`]: "kube-api-access-x7k2p" },
  },
  "GKE workload identity": {
    spec: {
      serviceAccountName: "gsa-bound",
      nodeSelector: { "iam.gke.io/gke-metadata-server-enabled": "true" },
    },
  },
  "Azure workload identity": {
    labels: { "azure.workload.identity/use": "true" },
    mounts: [TOKEN, { name: "azure-identity-token", mountPath: "/var/run/secrets/azure/tokens" }],
    volumes: [
      {
        name: "azure-identity-token",
        projected: {
          sources: [
            { serviceAccountToken: { path: "azure-identity-token", audience: "api://AzureADTokenExchange" } },
          ],
        },
      },
    ],
  },
  "Istio with CNI": {
    inits: [{ name: "istio-validation", image: "istio/proxyv2:1.22" }],
    others: [{ name: "istio-proxy", image: "istio/proxyv2:1.22" }],
  },
  "Istio with a native sidecar": {
    inits: [
      { name: "istio-init", image: "i" },
      { name: "istio-proxy", image: "i", restartPolicy: "Always" },
    ],
  },
  "Istio with the agent first": {
    inits: [{ name: "istio-init", image: "i" }],
    others: [{ name: "istio-proxy", image: "i" }],
    config: { [`${VAULT}agent-init-first`]: "true" },
  },
  "Istio with Vault's port excluded": {
    annotations: { "traffic.sidecar.istio.io/excludeOutboundPorts": "8200" },
    inits: [{ name: "istio-init", image: "i" }],
    others: [{ name: "istio-proxy", image: "i" }],
  },
  "Linkerd with CNI": {
    inits: [{ name: "linkerd-network-validator", image: "l" }],
    others: [{ name: "linkerd-proxy", image: "l" }],
  },
  "Linkerd with Vault's port skipped": {
    annotations: { "config.linkerd.io/skip-outbound-ports": "8200" },
    inits: [{ name: "linkerd-init", image: "l" }],
    others: [{ name: "linkerd-proxy", image: "l" }],
  },
  "Pod Security restricted": {
    spec: { securityContext: RESTRICTED },
    container: { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } },
  },
  "seccomp on the container only": {
    container: { securityContext: { seccompProfile: { type: "RuntimeDefault" } } },
  },
  "private registry, priority and host aliases": {
    spec: {
      imagePullSecrets: [{ name: "regcred" }],
      priorityClassName: "batch",
      hostAliases: [],
      schedulerName: "volcano",
    },
  },
  "cluster behind a private CA": {
    config: { [`${VAULT}tls-secret`]: "vault-ca", [`${VAULT}ca-cert`]: "/vault/tls/ca.crt" },
  },
  "Vault Enterprise namespace": {
    config: { [`${VAULT}namespace`]: "org/team", [`${VAULT}auth-path`]: "org/team/auth/kubernetes" },
  },
  "small agents": {
    config: {
      [`${VAULT}agent-limits-cpu`]: "100m",
      [`${VAULT}agent-requests-cpu`]: "10m",
      [`${VAULT}agent-requests-mem`]: "32Mi",
    },
  },
};

function toPod({
  requests = [KV2],
  labels,
  annotations,
  owner,
  spec,
  container,
  mounts = [],
  volumes = [],
  others = [],
  inits = [],
}: Shape): Json {
  const ownMounts = mounts.includes(TOKEN) ? mounts : [...mounts, TOKEN];
  const withToken = (one: Json) => ({ ...one, volumeMounts: [TOKEN] });
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "f1-n0-0",
      namespace: "flytesnacks-development",
      labels: {
        "inject-flyte-secrets": "true",
        project: "flytesnacks",
        domain: "development",
        "execution-id": "f1",
        ...labels,
      },
      annotations: { ...encodeRequests(requests.map(secret), webPorts.encodeUtf8), ...annotations },
      ...(owner && {
        ownerReferences: [{ apiVersion: owner[0], kind: owner[1], name: "f1", uid: "1", controller: true }],
      }),
    },
    spec: {
      restartPolicy: "Never",
      serviceAccountName: "default",
      containers: [
        {
          name: "f1-n0-0",
          image: "registry.example/task:1",
          args: ["pyflyte-execute"],
          volumeMounts: ownMounts,
          ...container,
        },
        ...others.map(withToken),
      ],
      ...(inits.length > 0 && { initContainers: inits.map(withToken) }),
      volumes: [TOKEN_VOLUME, ...volumes],
      ...spec,
    },
  };
}

describe("nothing is said of a good pod", () => {
  test("there are at least forty of them", () => expect(Object.keys(PODS).length).toBeGreaterThanOrEqual(40));

  test.each(Object.entries(PODS))("%s", async (_, shape) => {
    const vaultSecretManager = {
      ...DEFAULT_SETTINGS.webhook.vaultSecretManager,
      annotations: shape.config ?? {},
    };
    const engine = await createTestEngine({ ...DEFAULT_SETTINGS, webhook: { vaultSecretManager } });
    const request = {
      uid: "u",
      operation: "CREATE",
      namespace: "flytesnacks-development",
      dryRun: false,
      object: toPod(shape),
    };
    const { issues, warnings, patch } = await engine.review(request);
    expect(issues.filter(({ severity }) => severity !== "info")).toEqual([]);
    expect(warnings).toEqual([]);
    expect(patch).not.toBe("");
  });
});
