/** What the injector makes of a pod by its model, compared with the pod as it is stored. */
import { isObject, type JsonObject } from "../core/json.ts";
import { DEFAULT_INJECTOR } from "../core/settings.ts";
import { VaultKey } from "../core/vault/key.ts";
import { AGENT_CONTAINERS, isInjectorVolume } from "../injector/parts.ts";
import { previewInjection, toStoredPod } from "../preview/injected.ts";
import { toList } from "./evidence.ts";

/** The model's answer for a pod. */
export type Expected =
  | {
      readonly kind: "injected";
      /** Every part that the injector adds, in words: `init container vault-agent-init`. */
      readonly parts: readonly string[];
      /** Parts that the stored pod lacks. */
      readonly missing: readonly string[];
    }
  | { readonly kind: "left-alone" | "refused"; readonly why: string };

/**
 * Runs the model on a pod without the injector's parts, and compares. The injector's flags change values in these parts, but
 * not which parts there are, so the default flags are enough.
 */
export function expectInjected(stored: JsonObject, namespace: string): Expected {
  const bare = withoutParts(stored);
  const injected = previewInjection(bare, namespace, DEFAULT_INJECTOR, true);
  if (injected.message !== null)
    return { kind: injected.allowed ? "left-alone" : "refused", why: injected.message };
  const parts = listParts(toStoredPod(bare, injected, true));
  const present = new Set(listParts(stored));
  return { kind: "injected", parts, missing: parts.filter((part) => !present.has(part)) };
}

const CONTAINER_LISTS = { initContainers: "init container", containers: "container" } as const;

/** @returns the injector's containers and volumes in a pod */
function listParts(pod: unknown): string[] {
  const spec = isObject(pod) && isObject(pod.spec) ? pod.spec : {};
  const containers = (["initContainers", "containers"] as const).flatMap((list) =>
    namesOf(spec[list])
      .filter((name) => AGENT_CONTAINERS.has(name))
      .map((name) => `${CONTAINER_LISTS[list]} ${name}`),
  );
  const volumes = namesOf(spec.volumes).filter(isInjectorVolume);
  return [...containers, ...volumes.map((name) => `volume ${name}`)];
}

/** Takes the injector's parts off, and what says that it has been there. The webhook's annotations stay. */
function withoutParts(stored: JsonObject): JsonObject {
  const { status: _, ...pod } = stored;
  const metadata = isObject(pod.metadata) ? pod.metadata : {};
  const annotations = isObject(metadata.annotations) ? metadata.annotations : {};
  const kept = Object.fromEntries(Object.entries(annotations).filter(([key]) => key !== VaultKey.status));
  const spec = isObject(pod.spec) ? pod.spec : {};
  const lists = Object.keys(CONTAINER_LISTS).filter((list) => Array.isArray(spec[list]));
  return {
    ...pod,
    metadata: { ...metadata, annotations: kept },
    spec: {
      ...spec,
      ...Object.fromEntries(lists.map((list) => [list, toList(spec[list]).flatMap(withoutMounts)])),
      ...("volumes" in spec && {
        volumes: toList(spec.volumes).filter(({ name }) => !isInjectorVolume(String(name))),
      }),
    },
  };
}

function withoutMounts(container: JsonObject): JsonObject[] {
  if (AGENT_CONTAINERS.has(String(container.name))) return [];
  const { volumeMounts } = container;
  if (!Array.isArray(volumeMounts)) return [container];
  const kept = toList(volumeMounts).filter(({ name }) => !isInjectorVolume(String(name)));
  return [{ ...container, volumeMounts: kept }];
}

function namesOf(list: unknown): string[] {
  return toList(list).map(({ name }) => String(name));
}
