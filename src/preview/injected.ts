/** The pod as the Vault Agent Injector will leave it, by the model; a preview's last step. */
import { isObject, type JsonObject } from "../core/json.ts";
import { applyPatch } from "../core/patch/apply.ts";
import type { InjectorSettings } from "../core/settings.ts";
import { type InjectedAgents, type InjectorOperation, inject } from "../injector/inject.ts";
import { isTokenPath } from "../injector/token.ts";

/** What the injector will do to a pod. */
export interface InjectedPreview {
  /** Version of vault-k8s that the model follows. */
  readonly version: string;
  /** Whether the injector lets the pod pass; the webhook's own answer stands elsewhere. */
  readonly allowed: boolean;
  /** The injector's own words where it refuses the pod, or why it leaves it alone. */
  readonly message: string | null;
  /** Applies to the pod as the webhook leaves it, with the token volume that the API server adds. */
  readonly patch: readonly InjectorOperation[];
  /** Configurations of the agents: of the init container, and of the sidecar. */
  readonly agent: InjectedAgents | null;
}

const LEFT_ALONE = {
  "not-asked": "left alone: no annotation asks for injection",
  off: "left alone: the annotation agent-inject is false",
  started: "left alone: the pod's status says that it has started",
  "injected-before": "left alone: the annotation agent-inject-status says that it was injected before",
} as const;

/**
 * Asks the model.
 *
 * @param pod as the webhook leaves it
 * @param isBare whether the API server has not yet completed it
 */
export function previewInjection(
  pod: JsonObject,
  namespace: string,
  injector: InjectorSettings,
  isBare: boolean,
): InjectedPreview {
  const injection = inject(isBare ? addToken(pod) : pod, namespace, injector.flags);
  const { version } = injector;
  switch (injection.kind) {
    case "refused":
      return { version, allowed: false, message: injection.message, patch: [], agent: null };
    case "left-alone":
      return { version, allowed: true, message: LEFT_ALONE[injection.why], patch: [], agent: null };
    case "injected":
      return { version, allowed: true, message: null, patch: injection.patch, agent: injection.agents };
  }
}

/**
 * Applies an injection.
 *
 * @param pod as the webhook leaves it
 * @returns the pod as it will be stored; nothing where the injector refuses it
 */
export function toStoredPod(pod: JsonObject, { allowed, patch }: InjectedPreview, isBare: boolean): unknown {
  if (!allowed) return undefined;
  return applyPatch(isBare ? addToken(pod) : pod, patch);
}

/** The name that the API server would complete with five letters of its own. */
const TOKEN_VOLUME = "kube-api-access";

/** What the API server adds before any webhook is asked (admission plugin ServiceAccount). */
function addToken(pod: JsonObject): JsonObject {
  const { spec } = pod;
  if (!isObject(spec) || spec.automountServiceAccountToken === false) return pod;
  const containers = listOf(spec.containers);
  const mounts = containers.flatMap((container) =>
    isObject(container) ? listOf(container.volumeMounts) : [],
  );
  if (mounts.some((mount) => isObject(mount) && isTokenPath(String(mount.mountPath)))) return pod;
  const complete = {
    ...spec,
    containers: containers.map(addMount),
    volumes: [...listOf(spec.volumes), VOLUME],
  };
  if (!Array.isArray(spec.initContainers)) return { ...pod, spec: complete };
  return { ...pod, spec: { ...complete, initContainers: spec.initContainers.map(addMount) } };
}

const MOUNT = {
  name: TOKEN_VOLUME,
  readOnly: true,
  mountPath: "/var/run/secrets/kubernetes.io/serviceaccount",
};

const VOLUME = {
  name: TOKEN_VOLUME,
  projected: {
    defaultMode: 420,
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
      { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
      {
        downwardAPI: {
          items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
        },
      },
    ],
  },
};

function addMount(container: unknown): unknown {
  return isObject(container)
    ? { ...container, volumeMounts: [...listOf(container.volumeMounts), MOUNT] }
    : container;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
