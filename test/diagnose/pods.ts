/** Pods as a cluster has them: served, injected, and with the status that a kubelet writes. */
import type { JsonObject } from "../../src/core/json.ts";
import { encodeRequests } from "../../src/core/secret/codec.ts";
import { renderTemplate } from "../../src/core/vault/template.ts";
import { findInLog } from "../../src/diagnose/agent.ts";
import { readPodFacts } from "../../src/diagnose/evidence.ts";
import { webPorts } from "../../src/host/ports.ts";
import { secret } from "../fixtures/engine.ts";

const VAULT = "vault.hashicorp.com/";
const REQUEST = secret({ group: "secret/data/team", key: "api_key", mount_requirement: 2 });
const TOKEN = {
  name: "kube-api-access-x7k2p",
  mountPath: "/var/run/secrets/kubernetes.io/serviceaccount",
};
const MOUNT = { name: "vault-secrets", mountPath: "/etc/flyte/secrets" };

/** What the init container of the agent is doing. */
export type AgentState = object | undefined;

export const RUNNING = { running: { startedAt: "2026-11-26T08:00:00Z" } };
export const ENDED = { terminated: { exitCode: 0, reason: "Completed" } };
export const FAILED = { terminated: { exitCode: 1, reason: "Error" } };
export const PENDING = { waiting: { reason: "PodInitializing" } };

/** How a pod differs from one whose agent runs. */
export interface PodOptions {
  readonly agent?: AgentState;
  readonly main?: object;
  readonly annotations?: Readonly<Record<string, string | undefined>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** Init containers before the agent, with their state. */
  readonly before?: readonly {
    readonly name: string;
    readonly state: object;
    readonly restartPolicy?: string;
  }[];
  readonly isInjected?: boolean;
  /** Names of the pod's volumes; those of the injector where it is left out. */
  readonly volumes?: readonly string[];
  readonly status?: JsonObject;
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly metadata?: object;
}

/** @returns a stored pod with one request. */
export function storedPod(options: PodOptions = {}): JsonObject {
  const { agent = RUNNING, main = PENDING, before = [], isInjected = true, annotations = {} } = options;
  const { volumes = ["home-init", "vault-secrets"] } = options;
  const served = {
    ...encodeRequests([REQUEST], webPorts.encodeUtf8),
    [`${VAULT}agent-inject`]: "true",
    [`${VAULT}role`]: "flyte",
    [`${VAULT}secret-volume-path`]: "/etc/flyte/secrets",
    [`${VAULT}agent-pre-populate-only`]: "true",
    [`${VAULT}agent-inject-secret-x1`]: "secret/data/team",
    [`${VAULT}agent-inject-file-x1`]: "secret/data/team/api_key",
    [`${VAULT}agent-inject-template-x1`]: renderTemplate("kv2", "secret/data/team", "api_key"),
    ...(isInjected && { [`${VAULT}agent-inject-status`]: "injected" }),
    ...annotations,
  };
  const env = options.env ?? [
    { name: "FLYTE_SECRETS_FILE_PREFIX" },
    { name: "FLYTE_SECRETS_DEFAULT_DIR", value: "/etc/flyte/secrets" },
  ];
  const init = [...before, ...(isInjected ? [{ name: "vault-agent-init", state: agent }] : [])];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...{ name: "f1-n0-0", namespace: "team-a", uid: "0d7e7dc5" },
      creationTimestamp: "2026-11-26T08:00:00Z",
      labels: { "inject-flyte-secrets": "true", ...options.labels },
      annotations: Object.fromEntries(Object.entries(served).filter(([, value]) => value !== undefined)),
      ...options.metadata,
    },
    spec: {
      initContainers: init.map(({ name, ...more }) => ({
        ...{ name, image: "image:1", volumeMounts: [MOUNT] },
        ...("restartPolicy" in more && { restartPolicy: more.restartPolicy }),
      })),
      containers: [
        { name: "main", image: "task:1", env, volumeMounts: [TOKEN, ...(isInjected ? [MOUNT] : [])] },
      ],
      volumes: [TOKEN.name, ...(isInjected ? volumes : [])].map((name) => ({ name })),
    },
    status: {
      phase: "Pending",
      initContainerStatuses: init.map(({ name, state }) => ({ name, state })),
      containerStatuses: [{ name: "main", state: main }],
      ...options.status,
    },
  };
}

/** @returns the issue that an agent's log shows, if it shows one. */
export function diagnoseLog(log: string) {
  return findInLog(log, readPodFacts(storedPod(), webPorts))?.issue;
}
