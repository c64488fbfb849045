/** The last step of a preview: the pod after the Vault Agent Injector, by a model of it. */
import { isObject, type JsonObject } from "../core/json.ts";
import { applyPatch } from "../core/patch/apply.ts";
import type { InjectorSettings } from "../core/settings.ts";
import { type InjectedAgents, type InjectorOperation, inject } from "../injector/inject.ts";
import { isTokenPath } from "../injector/token.ts";

/** What the injector will do to a pod. */
export interface InjectedPreview {
  /** Version of vault-k8s that the model follows. */
  readonly version: string;
  /** Whether the injector allows the pod; the webhook's own decision is in the result's `allowed`. */
  readonly allowed: boolean;
  /** The injector's message if it refuses the pod, or why it leaves the pod alone; `null` if it injects. */
  readonly message: string | null;
  /** Patch for the pod after the webhook, to which the API server has added its token volume. */
  readonly patch: readonly InjectorOperation[];
  /** Configurations of the agents in the init container and the sidecar; `null` if nothing is injected. */
  readonly agent: InjectedAgents | null;
}

const LEFT_ALONE = {
  "not-asked": "left alone: no annotation asks for injection",
  off: "left alone: the annotation agent-inject is false",
  started: "left alone: the pod's status says that it has started",
  "injected-before": "left alone: the annotation agent-inject-status says that it was injected before",
} as const;

/**
 * Runs the model of the injector.
 *
 * @param pod the pod after the webhook
 * @param isBare whether the pod lacks what the API server fills in
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
 * @param pod the pod after the webhook
 * @returns the pod as it will be stored; `undefined` if the injector refuses it
 */
export function toStoredPod(pod: JsonObject, { allowed, patch }: InjectedPreview, isBare: boolean): unknown {
  if (!allowed) return undefined;
  return applyPatch(isBare ? addToken(pod) : pod, patch);
}

/** The API server adds a dash and five random characters to this name. */
const TOKEN_VOLUME = "kube-api-access";

/** Adds what the API server adds before it calls webhooks (admission plugin ServiceAccount). */
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
