/**
 * Restores a pod as it was created from a stored pod that Flyte's webhook has changed. Flyte's ids are random, so its
 * annotations are recognised by their values.
 */
import { isObject, type JsonObject } from "../core/json.ts";
import type { Ports } from "../core/ports.ts";
import { decodeRequest } from "../core/secret/codec.ts";
import { REQUEST_PREFIX, type SecretRequest } from "../core/secret/request.ts";
import type { VaultSettings } from "../core/settings.ts";
import { toFlytePath } from "../core/vault/file.ts";
import { VAULT_DOMAIN, VaultKey } from "../core/vault/key.ts";
import { renderFlyteTemplate, renderTemplate } from "../core/vault/template.ts";
import { renderCommonLayers } from "../core/vault/transformer.ts";
import { toCreated } from "../preview/input/as-created.ts";
import { type DeclaredFile, readDeclaredFiles, toFileKey } from "./served.ts";

/** The configuration that the pod was served under, and the ports needed. */
export interface AskedOptions extends Pick<Ports, "decodeUtf8"> {
  /**
   * Configuration of Flyte's webhook. If absent, every injector annotation on the pod counts as Flyte's. Then an annotation of
   * the task's author may be reported as a difference, but no lost annotation is overlooked.
   */
  readonly flyte?: VaultSettings | undefined;
}

/** The pod as it was created, and what became of it. */
export interface AskedPod {
  /** The pod as it was created, before any webhook. */
  readonly pod: JsonObject;
  /** Whether the pod asks for secrets at all. */
  readonly asks: boolean;
  /** Whether a webhook has added the injector's annotations. */
  readonly isServed: boolean;
}

/** Removes what the cluster, the injector and Flyte's webhook have added to a stored pod. */
export function toAsked(stored: JsonObject, options: AskedOptions): AskedPod {
  const created = toCreated(stored);
  const pod = isObject(created) ? created : stored;
  const metadata = isObject(pod.metadata) ? pod.metadata : {};
  const annotations = isObject(metadata.annotations) ? metadata.annotations : {};
  const asks = Object.keys(annotations).some((key) => key.startsWith(REQUEST_PREFIX));
  if (!asks) return { pod, asks, isServed: false };
  const isFlytes = createTest(annotations, options);
  const kept = Object.fromEntries(
    Object.entries(annotations).filter(([key, value]) => !isFlytes(key, value)),
  );
  return {
    pod: { ...pod, metadata: { ...metadata, annotations: kept } },
    asks,
    isServed: VaultKey.inject in annotations,
  };
}

/** @returns a function that tells whether Flyte's webhook set an annotation */
function createTest(annotations: JsonObject, { flyte, decodeUtf8 }: AskedOptions) {
  const known = flyte && new Map(toLines(flyte).map(({ key, value }) => [key, value]));
  const requests = readRequests(annotations, decodeUtf8);
  const files = readDeclaredFiles(annotations);
  const own = new Set(files.filter((file) => isWritten(file, requests)).flatMap(({ keys }) => keys));
  const declared = new Set(files.flatMap(({ keys }) => keys));
  return (key: string, value: unknown): boolean => {
    if (own.has(key)) return true;
    if (known?.has(key)) return known.get(key) === value;
    return (
      flyte === undefined && key.startsWith(VAULT_DOMAIN) && !declared.has(key) && !isOfOneFile(key, files)
    );
  };
}

function toLines(flyte: VaultSettings) {
  const configured = Object.entries(flyte.annotations).map(([key, value]) => ({ key, value }));
  return [...renderCommonLayers(flyte).flat(), ...configured];
}

function readRequests(annotations: JsonObject, decodeUtf8: Ports["decodeUtf8"]): readonly SecretRequest[] {
  return Object.entries(annotations).flatMap(([key, value]) => {
    if (!key.startsWith(REQUEST_PREFIX) || typeof value !== "string") return [];
    const request = decodeRequest(value, key, decodeUtf8);
    return "code" in request ? [] : [request];
  });
}

const ENGINES = ["kv1", "kv2"] as const;

/** Whether Flyte's webhook or this one would have written these annotations for one of the requests. */
function isWritten({ secret, file, template }: DeclaredFile, requests: readonly SecretRequest[]): boolean {
  return requests.some((request) => {
    const { group, key } = request;
    if (toFileKey(group, toFlytePath(request)) !== toFileKey(secret, file)) return false;
    if (template === undefined) return true;
    return ENGINES.some(
      (engine) =>
        template === renderFlyteTemplate(engine, group, key) ||
        template === renderTemplate(engine, group, key),
    );
  });
}

/** Whether a key belongs to a single file, such as its mode or command; Flyte's webhook sets none of these. */
function isOfOneFile(key: string, files: readonly DeclaredFile[]): boolean {
  return files.some(({ id }) => key.endsWith(`-${id}`));
}
