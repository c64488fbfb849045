/** Reads the evidence about a pod: the stored object, its agent's log, its events and the registrations. */

import { findFlyteFinalizer } from "../core/check/variable.ts";
import { isObject, type JsonObject } from "../core/json.ts";
import type { Ports } from "../core/ports.ts";
import { decodeRequest } from "../core/secret/codec.ts";
import { REQUEST_PREFIX, type SecretRequest } from "../core/secret/request.ts";
import { DEFAULT_VOLUME_PATH, VAULT_DOMAIN, VaultKey } from "../core/vault/key.ts";
import { isVariableRef } from "../core/vault/variable.ts";
import { nameOf, readText } from "../preview/input/identify.ts";
import { type DeclaredFile, readDeclaredFiles } from "./files.ts";

/** The input of a diagnosis. */
export interface Evidence {
  readonly pod: JsonObject;
  /** Log of the agent's init container, or else of the sidecar; absent if it could not be read. */
  readonly log?: string | undefined;
  /** Events of the pod (`v1` Event), in any order. */
  readonly events?: readonly unknown[] | undefined;
  /** All MutatingWebhookConfigurations of the cluster; absent if they could not be read. */
  readonly registrations?: readonly unknown[] | undefined;
  /** What is wrong with servers of webhooks now, by registration; a server without an entry is well, or was not checked. */
  readonly servers?: ReadonlyMap<string, ServerFault> | undefined;
  /** Labels of the pod's namespace. */
  readonly namespaceLabels?: Readonly<Record<string, string>> | undefined;
}

/** Why the API server cannot call a webhook's server. */
export interface ServerFault {
  readonly kind: "untrusted" | "unreachable";
  readonly reason: string;
}

/** A container or init container with its state. */
export interface ContainerState {
  readonly name: string;
  readonly image: string;
  readonly isInit: boolean;
  /** Whether it is a native sidecar: an init container with `restartPolicy: Always`. */
  readonly isSidecar: boolean;
  readonly state: "none" | "waiting" | "running" | "ended";
  /** The kubelet's reason why it waits or has ended. */
  readonly reason: string;
  readonly message: string;
  /** Exit code of its last run; absent if it has not ended yet. */
  readonly exitCode?: number;
  /** Reason why its last run ended, such as `OOMKilled`. */
  readonly lastReason: string;
  readonly mounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly env: readonly EnvFacts[];
}

/** One environment variable. */
interface EnvFacts {
  readonly name: string;
  readonly value: string;
  /** Whether the kubelet reads it from one of the agent's files. */
  readonly isFromFile: boolean;
}

/** A pod, read for a diagnosis. */
export interface PodFacts {
  readonly name: string;
  readonly namespace: string;
  readonly account: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Requests, each decoded or with the reason why it cannot be decoded. */
  readonly requests: readonly {
    readonly annotation: string;
    readonly request?: SecretRequest;
    readonly reason?: string;
  }[];
  readonly files: readonly DeclaredFile[];
  /** Containers in starting order: init containers first. */
  readonly containers: readonly ContainerState[];
  /** Whether it is stored in a cluster; if not, it is a manifest, and no webhook has been called for it. */
  readonly isStored: boolean;
  /** When it was created, such as `2026-11-26T08:00:00Z`: texts of this form sort by time; empty if it does not say. */
  readonly created: string;
  readonly phase: string;
  /** Flyte's finalizer, if the pod is deleted and only waits for its removal. */
  readonly finalizer: string | undefined;
  /** The scheduler's reason for not finding a node, if any. */
  readonly unscheduled: string | undefined;
  /** Folder to which the agent writes secrets. */
  readonly folder: string;
  readonly role: string;
  /** Mount of the auth method. */
  readonly authPath: string;
  readonly vaultNamespace: string;
  /** Vault's address from the annotation; empty if the injector's own is used. */
  readonly address: string;
}

/** Reads a stored pod; missing fields are empty. */
export function readPodFacts(pod: JsonObject, { decodeUtf8 }: Pick<Ports, "decodeUtf8">): PodFacts {
  const { name, namespace } = nameOf(pod, "default");
  const metadata = isObject(pod.metadata) ? pod.metadata : {};
  const spec = isObject(pod.spec) ? pod.spec : {};
  const status = isObject(pod.status) ? pod.status : {};
  const annotations = readTexts(metadata.annotations);
  const get = (key: string, absent = "") => annotations[VAULT_DOMAIN + key] ?? absent;
  return {
    ...{ name, namespace, annotations, labels: readTexts(metadata.labels) },
    account: readText(spec, "serviceAccountName") || "default",
    requests: Object.entries(annotations)
      .filter(([key]) => key.startsWith(REQUEST_PREFIX))
      .map(([annotation, value]) => {
        const request = decodeRequest(value, annotation, decodeUtf8);
        return "code" in request ? { annotation, reason: request.message } : { annotation, request };
      }),
    files: readDeclaredFiles(annotations),
    containers: [
      ...readContainers(spec.initContainers, status.initContainerStatuses, true),
      ...readContainers(spec.containers, status.containerStatuses, false),
    ],
    isStored: readText(metadata, "uid") !== "" || Object.keys(status).length > 0,
    created: readText(metadata, "creationTimestamp"),
    phase: readText(status, "phase"),
    finalizer: readText(metadata, "deletionTimestamp") === "" ? undefined : findFlyteFinalizer(metadata),
    unscheduled: readUnscheduled(status.conditions),
    folder: annotations[VaultKey.secretVolumePath] ?? DEFAULT_VOLUME_PATH,
    role: annotations[VaultKey.role] ?? "",
    authPath: get("auth-path", "auth/kubernetes"),
    vaultNamespace: annotations[VaultKey.namespace] ?? "",
    address: get("service"),
  };
}

/** @returns the string members of an object; empty if the value is not an object */
export function readTexts(value: unknown): Readonly<Record<string, string>> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function readContainers(list: unknown, statuses: unknown, isInit: boolean): readonly ContainerState[] {
  const states = toList(statuses);
  return toList(list).map((container) => {
    const name = readText(container, "name");
    const status = states.find((one) => readText(one, "name") === name) ?? {};
    return {
      ...{ name, isInit, image: readText(container, "image") },
      isSidecar: isInit && container.restartPolicy === "Always",
      ...readState(status),
      mounts: toList(container.volumeMounts).map((mount) => ({
        name: readText(mount, "name"),
        mountPath: readText(mount, "mountPath"),
      })),
      env: toList(container.env).map(readVariable),
    };
  });
}

function readVariable(variable: JsonObject): EnvFacts {
  const { valueFrom } = variable;
  const ref = isObject(valueFrom) && isObject(valueFrom.fileKeyRef) ? valueFrom.fileKeyRef : undefined;
  return {
    name: readText(variable, "name"),
    value: readText(variable, "value"),
    isFromFile: isVariableRef(ref),
  };
}

function readState(
  status: JsonObject,
): Pick<ContainerState, "state" | "reason" | "message" | "exitCode" | "lastReason"> {
  const state = isObject(status.state) ? status.state : {};
  const last =
    isObject(status.lastState) && isObject(status.lastState.terminated) ? status.lastState.terminated : {};
  const kinds = { waiting: "waiting", running: "running", terminated: "ended" } as const;
  const kind = (["waiting", "running", "terminated"] as const).find((each) => isObject(state[each]));
  const details = kind && isObject(state[kind]) ? state[kind] : {};
  const code = details.exitCode ?? last.exitCode;
  return {
    state: kind ? kinds[kind] : "none",
    reason: readText(details, "reason"),
    message: readText(details, "message"),
    lastReason: kind === "terminated" ? readText(details, "reason") : readText(last, "reason"),
    ...(typeof code === "number" && { exitCode: code }),
  };
}

function readUnscheduled(conditions: unknown): string | undefined {
  const found = toList(conditions).find(({ type, status }) => type === "PodScheduled" && status === "False");
  return found && (readText(found, "message") || readText(found, "reason"));
}

/** @returns the objects in a list; empty if the value is not a list */
export function toList(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
