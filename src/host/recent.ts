/**
 * Keeps the last distinct pods in memory, so that a new configuration can be tried on them. The values of all variables
 * except the webhook's own are blanked first, and so is kubectl's last-applied annotation, which contains them again.
 */
import type { AdmissionRequest } from "../core/admission/request.ts";
import { isObject, type JsonObject } from "../core/json.ts";
import { REQUEST_PREFIX } from "../core/secret/request.ts";

/** Recently reviewed pods. */
export interface RecentPods {
  /** Keeps a request that was just reviewed. For a pod like a kept one, this costs only a look-up, and under load nothing. */
  readonly record: (request: AdmissionRequest) => void;
  /** @returns copies of the kept requests, the latest first */
  readonly list: () => AdmissionRequest[];
  /** Sets the largest number of kept pods. */
  readonly limit: (most: number) => void;
}

/** Memory for all kept pods together, counted as two bytes per character. */
const MOST_BYTES = 8 * 1024 * 1024;
const LARGEST_POD = 128 * 1024;
const LONGEST_KEY = 16 * 1024;
/** Pods that are added per second: an attacker who sends distinct pods must not make the server copy each. */
const MOST_NEW = 64;
/** Reviews that are looked at per second. With more, those that are skipped are like those that are not. */
const MOST_LOOKS = 1_024;
const SECOND_MS = 1_000;
/** Variables that the webhook sets itself. */
const OWN_VARIABLE = /^FLYTE_SECRETS_/;
const KUBECTL_COPY = "kubectl.kubernetes.io/last-applied-configuration";

interface Kept {
  readonly text: string;
  seen: number;
}

/**
 * Creates an empty list.
 *
 * @param most largest number of pods; 0 keeps none
 */
export function createRecentPods(most: number, now: () => number = () => performance.now()): RecentPods {
  const kept = new Map<string, Kept>();
  let [limit, reviews, since, looks, taken] = [most, 0, Number.NEGATIVE_INFINITY, 0, 0];

  const mayLook = (): boolean => {
    const at = now();
    if (at - since > SECOND_MS) [since, looks, taken] = [at, 0, 0];
    looks++;
    return looks <= MOST_LOOKS;
  };

  const dropOldest = (): void => {
    while (kept.size > limit) {
      let oldest: string | undefined;
      let least = Number.POSITIVE_INFINITY;
      for (const [key, { seen }] of kept) if (seen < least) [oldest, least] = [key, seen];
      if (oldest === undefined) return;
      kept.delete(oldest);
    }
  };

  return {
    record: (request) => {
      if (limit === 0 || !mayLook()) return;
      const key = toKey(request);
      if (key === undefined) return;
      reviews++;
      const known = kept.get(key);
      if (known) {
        known.seen = reviews;
        return;
      }
      if (taken >= MOST_NEW) return;
      taken++;
      const text = toText(request, Math.min(LARGEST_POD, MOST_BYTES / 2 / limit));
      if (text === undefined) return;
      kept.set(key, { text, seen: reviews });
      dropOldest();
    },
    list: () =>
      [...kept.values()]
        .toSorted((a, b) => b.seen - a.seen)
        .map(({ text }): AdmissionRequest => JSON.parse(text)),
    limit: (count) => {
      limit = count;
      dropOldest();
    },
  };
}

/** @returns the same key for pods that are alike; absent for a pod without requests or with too many */
function toKey({ object, namespace }: AdmissionRequest): string | undefined {
  if (!isObject(object) || !isObject(object.metadata) || !isObject(object.metadata.annotations))
    return undefined;
  const { annotations } = object.metadata;
  const labels = isObject(object.metadata.labels) ? object.metadata.labels : {};
  const account = isObject(object.spec) ? object.spec.serviceAccountName : "";
  let key = `${namespace}\n${String(labels.project)}\n${String(labels.domain)}\n${String(account)}`;
  let asks = false;
  for (const name in annotations) {
    const isRequest = name.startsWith(REQUEST_PREFIX);
    asks ||= isRequest;
    key += isRequest ? `\n${name}=${String(annotations[name])}` : `\n${name}`;
    if (key.length > LONGEST_KEY) return undefined;
  }
  return asks ? key : undefined;
}

/** @returns the request as JSON; absent if it is longer than a pod may be */
function toText(request: AdmissionRequest, longest: number): string | undefined {
  if (!isObject(request.object) || isLonger(request.object, longest)) return undefined;
  const text = JSON.stringify({ ...request, object: blank(request.object) });
  return text.length > longest ? undefined : text;
}

/** Counts characters, and stops as soon as there are too many. */
function isLonger(value: unknown, longest: number): boolean {
  const open: unknown[] = [value];
  let length = 0;
  while (open.length > 0) {
    const next = open.pop();
    length += typeof next === "string" ? next.length + 2 : 1;
    if (length > longest) return true;
    if (typeof next !== "object" || next === null) continue;
    for (const [name, child] of Object.entries(next)) {
      length += name.length;
      if (length > longest) return true;
      open.push(child);
    }
  }
  return false;
}

function blank(pod: JsonObject): JsonObject {
  const metadata = isObject(pod.metadata) ? pod.metadata : {};
  const { [KUBECTL_COPY]: _, ...annotations } = isObject(metadata.annotations) ? metadata.annotations : {};
  const spec = isObject(pod.spec) ? { ...pod.spec } : {};
  for (const kind of ["containers", "initContainers", "ephemeralContainers"] as const) {
    const containers = spec[kind];
    if (Array.isArray(containers)) spec[kind] = containers.map(blankContainer);
  }
  return { ...pod, metadata: { ...metadata, annotations }, spec };
}

function blankContainer(container: unknown): unknown {
  if (!isObject(container) || !Array.isArray(container.env)) return container;
  return { ...container, env: container.env.map(blankVariable) };
}

function blankVariable(variable: unknown): unknown {
  if (!isObject(variable) || variable.value === undefined) return variable;
  return OWN_VARIABLE.test(String(variable.name)) ? variable : { ...variable, value: "" };
}
