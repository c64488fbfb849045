/**
 * Restores an object as it was created from an object of the cluster (`kubectl get -o yaml`): removes its status, what the API
 * server generates, and what this webhook and the Vault Agent Injector have added.
 */
import { isObject, type JsonObject } from "../../core/json.ts";
import type { ExplainedRequest } from "../../core/outcome.ts";
import { applyPatch } from "../../core/patch/apply.ts";
import { appendPointer } from "../../core/patch/pointer.ts";
import { isOwnVariable } from "../../core/vault/env.ts";
import { AGENT_CONTAINERS, VAULT_DOMAIN, VaultKey, VaultKeyPrefix } from "../../core/vault/key.ts";
import { isInjectorVolume } from "../../injector/parts.ts";
import type { PreviewResult } from "../answer.ts";
import { identify } from "./identify.ts";
import type { PreviewTarget } from "./target.ts";

/** Metadata fields that the API server sets (Kubernetes API conventions, "Metadata"). */
const GENERATED = new Set([
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "managedFields",
  "selfLink",
]);

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** Name of the volume that the admission plugin ServiceAccount adds. */
const TOKEN_VOLUME = /^kube-api-access-[a-z0-9]{5}$/;

/** @returns the document as it was created; an AdmissionReview is not changed */
export function toCreated(document: unknown): unknown {
  if (Array.isArray(document)) return document.map(toCreated);
  if (!isObject(document)) return document;
  const { kind } = identify(document);
  if (kind === "AdmissionReview" || (kind === "" && document.apiVersion === undefined)) return document;
  if (kind.endsWith("List") && Array.isArray(document.items)) {
    return { ...document, items: document.items.map((item: unknown) => toCreatedItem(item, kind)) };
  }
  const { status: _, ...object } = document;
  const metadata = isObject(object.metadata) ? { metadata: toCreatedMetadata(object.metadata) } : {};
  const spec = kind === "Pod" && isObject(object.spec) ? { spec: toCreatedSpec(object.spec) } : {};
  return { ...object, ...metadata, ...spec };
}

/** @returns whether the injector has run on a pod; its status annotation alone is not enough, because it may have been copied */
export function isInjectedPod({ metadata, spec }: JsonObject): boolean {
  const annotations = isObject(metadata) && isObject(metadata.annotations) ? metadata.annotations : {};
  return (
    annotations[VaultKey.status] === "injected" &&
    isObject(spec) &&
    CONTAINER_LISTS.some((list) => named(spec[list], AGENT))
  );
}

/**
 * Removes from the pods of a document what the webhook has set and would set again: annotations with the same value, and
 * the files of requests under any id.
 *
 * @param reviewed the document's pods, each with its review
 */
export function dropOwnAnnotations(
  document: unknown,
  reviewed: readonly (readonly [PreviewTarget, PreviewResult])[],
): unknown {
  const operations = reviewed.flatMap(([{ pointer, owner, request, kind }, result]) => {
    if (pointer !== owner || request || kind !== "Pod") return [];
    return [...findOwn(result)].map((key) => ({
      op: "remove" as const,
      path: appendPointer(pointer, "metadata", "annotations", key),
    }));
  });
  return applyPatch(document, operations);
}

/** @returns keys of the pod's own injector annotations */
export function listKept({ annotations }: PreviewResult): string[] {
  return annotations
    .filter(({ key, source }) => source.kind === "pod" && key.startsWith(VAULT_DOMAIN))
    .map(({ key }) => key);
}

const CONTAINER_LISTS = ["initContainers", "containers"];
const AGENT = (name: string): boolean => AGENT_CONTAINERS.has(name);

function toCreatedItem(item: unknown, listKind: string): unknown {
  // The API server omits the kind of a typed list's items.
  if (!isObject(item) || item.kind !== undefined || listKind === "List") return toCreated(item);
  const created = toCreated({ ...item, kind: listKind.slice(0, -"List".length), apiVersion: "" });
  if (!isObject(created)) return created;
  const { kind: _, apiVersion: __, ...bare } = created;
  return bare;
}

function toCreatedMetadata(metadata: JsonObject): JsonObject {
  const kept = without(metadata, (name) => GENERATED.has(name));
  if (!isObject(kept.annotations)) return kept;
  const annotations = without(kept.annotations, (key) => key === VaultKey.status || key === LAST_APPLIED);
  return { ...kept, annotations };
}

function toCreatedSpec({ nodeName: _, ...spec }: JsonObject): JsonObject {
  const injected = CONTAINER_LISTS.some((list) => named(spec[list], AGENT));
  const isAdded = (volume: string) => TOKEN_VOLUME.test(volume) || (injected && isInjectorVolume(volume));
  const lists = CONTAINER_LISTS.filter((list) => Array.isArray(spec[list])).map((list) => {
    const containers = dropNamed(spec[list], AGENT);
    return [
      list,
      Array.isArray(containers) ? containers.map((c: unknown) => toCreatedContainer(c, isAdded)) : containers,
    ];
  });
  return dropEmpty(
    {
      ...spec,
      ...Object.fromEntries(lists),
      ...("volumes" in spec && { volumes: dropNamed(spec.volumes, isAdded) }),
    },
    spec,
  );
}

function toCreatedContainer(container: unknown, isAdded: (volume: string) => boolean): unknown {
  if (!isObject(container)) return container;
  const { volumeMounts, env } = container;
  const created = {
    ...container,
    ...(volumeMounts !== undefined && { volumeMounts: dropNamed(volumeMounts, isAdded) }),
    ...(Array.isArray(env) && { env: env.filter((variable: unknown) => !isOwnVariable(variable)) }),
  };
  return dropEmpty(created, container);
}

/** Removes lists that have become empty, because they did not exist before. */
function dropEmpty(object: JsonObject, before: JsonObject): JsonObject {
  return without(object, (name) => {
    const [now, then] = [object[name], before[name]];
    return Array.isArray(now) && now.length === 0 && Array.isArray(then) && then.length > 0;
  });
}

function findOwn({ annotations, requests }: PreviewResult): Set<string> {
  const own = new Set<string>();
  const carried = new Map<string, string>();
  for (const { key, value, source, overrides } of annotations) {
    if (source.kind === "pod") {
      carried.set(key, value);
      if (overrides.at(-1)?.value === value) own.add(key);
      // A template that the webhook replaces was set by Flyte's webhook.
    } else if (overrides.some((override) => override.source.kind === "pod")) carried.set(key, value);
  }
  for (const { files } of requests) for (const file of files) addFileKeys(file, carried, own);
  return own;
}

/** Adds the keys of a file under every id: Flyte's webhook may have declared it several times under different ids. */
function addFileKeys(
  { id, path }: ExplainedRequest["files"][number],
  carried: ReadonlyMap<string, string>,
  own: Set<string>,
): void {
  const vaultPath = carried.get(VaultKeyPrefix.secret + id);
  if (vaultPath === undefined) return;
  for (const [key, value] of carried) {
    if (!key.startsWith(VaultKeyPrefix.secret) || value !== vaultPath) continue;
    const other = key.slice(VaultKeyPrefix.secret.length);
    if (carried.get(VaultKeyPrefix.file + other) !== path) continue;
    for (const prefix of [VaultKeyPrefix.secret, VaultKeyPrefix.file, VaultKeyPrefix.template]) {
      if (carried.has(prefix + other)) own.add(prefix + other);
    }
  }
}

function dropNamed(list: unknown, isDropped: (name: string) => boolean): unknown {
  return Array.isArray(list) ? list.filter((item: unknown) => !isNamed(item, isDropped)) : list;
}

function named(list: unknown, matches: (name: string) => boolean): boolean {
  return Array.isArray(list) && list.some((item: unknown) => isNamed(item, matches));
}

function isNamed(item: unknown, matches: (name: string) => boolean): boolean {
  return isObject(item) && typeof item.name === "string" && matches(item.name);
}

function without(object: JsonObject, isDropped: (name: string) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !isDropped(name)));
}
