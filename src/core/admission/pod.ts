/**
 * The part of a pod that the pipeline reads: annotations and the containers' variables. Everything else stays
 * untouched and unread, so that a newer cluster's pods survive; the API server checks the rest itself.
 */
import { admissionIssues } from "../issue/admission.ts";
import type { Issue } from "../issue/issue.ts";
import { isObject, type JsonObject } from "../json.ts";

/** One variable of a container; its value may come from elsewhere (`valueFrom`), which is not read. */
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
  readonly path: string;
  readonly env: readonly EnvVar[];
}

/** What the pipeline knows of a pod. */
export interface Pod {
  readonly object: JsonObject;
  /** A `null` value counts as empty, as Go reads it. */
  readonly annotations: Readonly<Record<string, string | null>>;
  readonly containers: readonly PodContainer[];
}

const NO_ANNOTATIONS: Pod["annotations"] = {};

/**
 * Reads the object of an admission request as a pod.
 *
 * @returns the pod, or every reason why it cannot be read
 */
export function readPod(object: unknown): Pod | Issue[] {
  if (!isObject(object) || object.kind !== "Pod" || object.apiVersion !== "v1") {
    return [admissionIssues["pod.not-a-pod"]({ found: describeObject(object) }, { path: "/" })];
  }
  const issues: Issue[] = [];
  const metadata = readObject(object.metadata, "/metadata", issues);
  const annotations = readAnnotations(metadata?.annotations, issues);
  const spec = readObject(object.spec, "/spec", issues);
  const containers: PodContainer[] = [];
  if (spec) {
    readContainers(spec.initContainers, "/spec/initContainers", true, containers, issues);
    readContainers(spec.containers, "/spec/containers", false, containers, issues);
  }
  return issues.length > 0 ? issues : { object, annotations, containers };
}

/** @returns one label of a pod. */
export function readLabel(pod: JsonObject, key: string): unknown {
  const labels = isObject(pod.metadata) ? pod.metadata.labels : undefined;
  return isObject(labels) && Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/** @returns a pod's labels; a value that is no string is left out. */
export function readLabels(pod: JsonObject): Record<string, string> {
  const labels = isObject(pod.metadata) && isObject(pod.metadata.labels) ? pod.metadata.labels : {};
  const strings: Record<string, string> = Object.create(null);
  for (const [key, value] of Object.entries(labels)) if (typeof value === "string") strings[key] = value;
  return strings;
}

function readAnnotations(value: unknown, issues: Issue[]): Pod["annotations"] {
  const annotations = readObject(value, "/metadata/annotations", issues);
  if (!annotations) return NO_ANNOTATIONS;
  for (const key in annotations) {
    const found = annotations[key];
    if (typeof found === "string" || found === null) continue;
    issues.push(malformed(`/metadata/annotations[${JSON.stringify(key)}]`, "a string", found, key));
  }
  return annotations as Pod["annotations"];
}

function readContainers(
  value: unknown,
  path: string,
  init: boolean,
  containers: PodContainer[],
  issues: Issue[],
): void {
  const list = readList(value, path, issues);
  for (let i = 0; i < list.length; i++) {
    const at = `${path}/${i}`;
    const container = readObject(list[i], at, issues);
    if (!container) continue;
    const env = readEnv(container.env, `${at}/env`, issues);
    containers.push({ name: typeof container.name === "string" ? container.name : "", init, path: at, env });
  }
}

function readEnv(value: unknown, path: string, issues: Issue[]): readonly EnvVar[] {
  const list = readList(value, path, issues);
  for (let i = 0; i < list.length; i++) {
    const variable = list[i];
    if (!isObject(variable)) issues.push(malformed(`${path}/${i}`, "an object", variable));
    else if (typeof variable.name !== "string") {
      issues.push(malformed(`${path}/${i}/name`, "a string", variable.name));
    } else if (
      variable.value !== undefined &&
      variable.value !== null &&
      typeof variable.value !== "string"
    ) {
      issues.push(malformed(`${path}/${i}/value`, "a string", variable.value));
    }
  }
  return list as readonly EnvVar[];
}

function readObject(value: unknown, path: string, issues: Issue[]): JsonObject | undefined {
  if (isObject(value)) return value;
  if (value !== undefined && value !== null) issues.push(malformed(path, "an object", value));
  return undefined;
}

const EMPTY_LIST: readonly unknown[] = [];

function readList(value: unknown, path: string, issues: Issue[]): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value !== undefined && value !== null) issues.push(malformed(path, "a list", value));
  return EMPTY_LIST;
}

function malformed(path: string, expected: string, found: unknown, annotation?: string): Issue {
  return admissionIssues["pod.malformed"](
    { path, expected, found: describe(found) },
    { path, ...(annotation !== undefined && { annotation }) },
  );
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "missing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function describeObject(value: unknown): string {
  if (!isObject(value)) return describe(value);
  const { apiVersion, kind } = value;
  return `${JSON.stringify(kind ?? null)} of ${JSON.stringify(apiVersion ?? null)}`;
}
