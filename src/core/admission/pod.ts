/**
 * The part of a pod that the pipeline reads: annotations and the containers' variables. All other fields are neither
 * read nor changed, so pods of newer Kubernetes versions pass unharmed; the API server validates them itself.
 */

import { VAULT_DOMAIN } from "../../injector/vocabulary.ts";
import { admissionIssues } from "../issue/admission.ts";
import { Findings } from "../issue/findings.ts";
import { isObject, type JsonObject } from "../json.ts";
import type { JsonPointer } from "../patch/pointer.ts";
import { REQUEST_PREFIX } from "../secret/request.ts";

/** One environment variable of a container, as the pod spells it. */
export interface EnvVar {
  readonly name: string;
  readonly value?: string | null;
  readonly valueFrom?: unknown;
}

/** One container or init container. */
export interface PodContainer {
  readonly name: string;
  readonly init: boolean;
  /** JSON Pointer of the container. */
  readonly path: JsonPointer;
  readonly env: readonly EnvVar[];
}

/** A pod, as far as the pipeline reads it. */
export interface Pod {
  readonly object: JsonObject;
  /** A `null` value counts as empty, as Go reads it. */
  readonly annotations: Readonly<Record<string, string | null>>;
  /** Length of all annotation keys and values together, in UTF-16 units. */
  readonly annotationUnits: number;
  /** Keys of the secret requests, in the order of the pod. */
  readonly requestKeys: readonly string[];
  /** Keys of annotations in the injector's domain. */
  readonly vaultKeys: readonly string[];
  /** Keys that may be meant for the injector, but that it does not read. */
  readonly lookAlikes: readonly string[];
  readonly containers: readonly PodContainer[];
}

/**
 * Most containers that a pod may have, and most init containers. No node runs this many. The limit bounds the patch: each
 * container adds about 150 bytes to it, many times the size of an empty container in the request.
 */
const MOST_CONTAINERS = 2_000;

const NO_ANNOTATIONS: Pod["annotations"] = {};

/**
 * Reads the object of an admission request as a pod.
 *
 * @returns the pod, or the reasons why it cannot be read
 */
export function readPod(object: unknown): Pod | Findings {
  const found = new Findings();
  if (!isObject(object) || object.kind !== "Pod" || object.apiVersion !== "v1") {
    found.report(admissionIssues["pod.not-a-pod"], { found: describeObject(object) }, { path: "/" });
    return found;
  }
  const metadata = readObject(object.metadata, "/metadata", found);
  const annotations = readObject(metadata?.annotations, "/metadata/annotations", found);
  const keys = readAnnotations(annotations ?? NO_ANNOTATIONS, found);
  const spec = readObject(object.spec, "/spec", found);
  const containers: PodContainer[] = [];
  if (spec) {
    readContainers(spec.initContainers, "/spec/initContainers", true, containers, found);
    readContainers(spec.containers, "/spec/containers", false, containers, found);
  }
  if (found.total > 0) return found;
  const read = (annotations ?? NO_ANNOTATIONS) as Pod["annotations"];
  return { object, annotations: read, containers, ...keys };
}

/** @returns the value of one label of a pod; `undefined` if the pod does not have it */
export function readLabel(pod: JsonObject, key: string): unknown {
  const labels = isObject(pod.metadata) ? pod.metadata.labels : undefined;
  return isObject(labels) && Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/** @returns a pod's labels; values that are not strings are left out */
export function readLabels(pod: JsonObject): Record<string, string> {
  const labels = isObject(pod.metadata) && isObject(pod.metadata.labels) ? pod.metadata.labels : {};
  const strings: Record<string, string> = Object.create(null);
  for (const [key, value] of Object.entries(labels)) if (typeof value === "string") strings[key] = value;
  return strings;
}

type AnnotationKeys = Pick<Pod, "annotationUnits" | "requestKeys" | "vaultKeys" | "lookAlikes">;

/** Sorts out the keys, and reports values that are not strings, in one walk: a pod may have thousands of annotations. */
function readAnnotations(annotations: JsonObject, found: Findings): AnnotationKeys {
  const requestKeys: string[] = [];
  const vaultKeys: string[] = [];
  const lookAlikes: string[] = [];
  let units = 0;
  for (const key in annotations) {
    const value = annotations[key];
    units += key.length;
    if (typeof value === "string") units += value.length;
    else if (value !== null) {
      reportMalformed(found, () => `/metadata/annotations[${JSON.stringify(key)}]`, "a string", value, key);
    }
    if (key.startsWith(REQUEST_PREFIX)) requestKeys.push(key);
    else if (key.startsWith(VAULT_DOMAIN)) vaultKeys.push(key);
    else if (key.startsWith("vault")) lookAlikes.push(key);
  }
  return { annotationUnits: units, requestKeys, vaultKeys, lookAlikes };
}

function readContainers(
  value: unknown,
  path: JsonPointer,
  init: boolean,
  containers: PodContainer[],
  found: Findings,
): void {
  const list = readList(value, path, found);
  if (list.length > MOST_CONTAINERS) {
    const facts = { path, containers: list.length, limit: MOST_CONTAINERS };
    found.report(admissionIssues["pod.containers-too-many"], facts, { path });
    return;
  }
  for (let i = 0; i < list.length; i++) {
    const at: JsonPointer = `${path}/${i}`;
    const container = readObject(list[i], at, found);
    if (!container) continue;
    const env = readEnv(container.env, `${at}/env`, found);
    containers.push({ name: typeof container.name === "string" ? container.name : "", init, path: at, env });
  }
}

function readEnv(value: unknown, path: JsonPointer, found: Findings): readonly EnvVar[] {
  const list = readList(value, path, found);
  for (let i = 0; i < list.length; i++) {
    const variable = list[i];
    if (!isObject(variable)) reportMalformed(found, () => `${path}/${i}`, "an object", variable);
    else if (typeof variable.name !== "string") {
      reportMalformed(found, () => `${path}/${i}/name`, "a string", variable.name);
    } else if (
      variable.value !== undefined &&
      variable.value !== null &&
      typeof variable.value !== "string"
    ) {
      reportMalformed(found, () => `${path}/${i}/value`, "a string", variable.value);
    }
  }
  return list as readonly EnvVar[];
}

function readObject(value: unknown, path: JsonPointer, found: Findings): JsonObject | undefined {
  if (isObject(value)) return value;
  if (value !== undefined && value !== null) reportMalformed(found, () => path, "an object", value);
  return undefined;
}

const EMPTY_LIST: readonly unknown[] = [];

function readList(value: unknown, path: JsonPointer, found: Findings): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value !== undefined && value !== null) reportMalformed(found, () => path, "a list", value);
  return EMPTY_LIST;
}

/** @param toPath called only if the issue is kept, because a pod may have millions of malformed fields */
function reportMalformed(
  found: Findings,
  toPath: () => JsonPointer,
  expected: string,
  value: unknown,
  annotation?: string,
): void {
  const malformed = admissionIssues["pod.malformed"];
  if (!found.keeps(malformed.severity)) {
    found.addCount(malformed.severity);
    return;
  }
  const path = toPath();
  found.report(
    malformed,
    { path, expected, found: describe(value) },
    { path, ...(annotation !== undefined && { annotation }) },
  );
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function describeObject(value: unknown): string {
  if (!isObject(value)) return describe(value);
  const { apiVersion, kind } = value;
  return `${JSON.stringify(kind ?? null)} of ${JSON.stringify(apiVersion ?? null)}`;
}
