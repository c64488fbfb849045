/** Builds the pod of the plain form: a minimal one, or the given one, with the secrets added. */

import type { Issue } from "../../core/issue/issue.ts";
import { isObject, type JsonObject } from "../../core/json.ts";
import { appendPointer, type JsonPointer } from "../../core/patch/pointer.ts";
import { encodeRequest } from "../../core/secret/codec.ts";
import { INJECT_LABEL, REQUEST_PREFIX, type SecretRequest } from "../../core/secret/request.ts";
import { toFieldIssue } from "./describe.ts";

/** The plain form's description of its pod. Fields that were not given are absent. */
export interface PlainPod {
  readonly secrets: readonly SecretRequest[];
  readonly namespace?: string | undefined;
  readonly project?: string | undefined;
  readonly domain?: string | undefined;
  readonly serviceAccount?: string | undefined;
  /** The pod to start from. */
  readonly pod?: JsonObject | undefined;
}

const BARE_POD: JsonObject = {
  metadata: { name: "preview" },
  spec: { containers: [{ name: "main", image: "task" }], restartPolicy: "Never" },
};

/**
 * Reads the given pod. Only the parts that will be extended are checked; the review checks the rest.
 *
 * @param at JSON Pointer of the pod, for messages
 * @param issues receives the problems found
 * @returns the pod; `undefined` if it is not an object
 */
export function readBasePod(pod: unknown, at: JsonPointer, issues: Issue[]): JsonObject | undefined {
  if (!isObject(pod)) {
    issues.push(toFieldIssue(at, "a Pod", pod));
    return undefined;
  }
  const { metadata, spec, kind = "Pod", apiVersion = "v1" } = pod;
  if (kind !== "Pod") issues.push(toFieldIssue(appendPointer(at, "kind"), '"Pod"', kind));
  if (apiVersion !== "v1") issues.push(toFieldIssue(appendPointer(at, "apiVersion"), '"v1"', apiVersion));
  const { labels, annotations } = isObject(metadata) ? metadata : {};
  const objects = { metadata, spec, "metadata/labels": labels, "metadata/annotations": annotations };
  for (const [place, value] of Object.entries(objects)) {
    if (value === undefined || value === null || isObject(value)) continue;
    issues.push(toFieldIssue(`${at}/${place}`, "an object", value));
  }
  return pod;
}

/**
 * Builds the pod that Flyte would create for these secrets.
 *
 * @param encodeUtf8 text to bytes of UTF-8
 * @returns a complete v1 Pod
 */
export function buildPod(form: PlainPod, encodeUtf8: (text: string) => Uint8Array): JsonObject {
  const base = form.pod ?? BARE_POD;
  const metadata = toObject(base.metadata);
  const { namespace, project, domain, serviceAccount } = form;
  return {
    apiVersion: "v1",
    kind: "Pod",
    ...base,
    metadata: {
      ...metadata,
      ...(namespace !== undefined && { namespace }),
      labels: {
        ...toObject(metadata.labels),
        [INJECT_LABEL]: "true",
        ...(project !== undefined && { project }),
        ...(domain !== undefined && { domain }),
      },
      annotations: addSecrets(toObject(metadata.annotations), form.secrets, encodeUtf8),
    },
    spec: {
      ...toObject(base.spec),
      ...(serviceAccount !== undefined && { serviceAccountName: serviceAccount }),
    },
  };
}

const INDEX = /^\d{1,9}$/;

/** Adds annotations for the secrets, numbered after the highest one that the pod has. */
function addSecrets(
  annotations: JsonObject,
  secrets: readonly SecretRequest[],
  encodeUtf8: (text: string) => Uint8Array,
): JsonObject {
  const used = Object.keys(annotations)
    .filter((key) => key.startsWith(REQUEST_PREFIX))
    .map((key) => key.slice(REQUEST_PREFIX.length))
    .filter((suffix) => INDEX.test(suffix))
    .map(Number);
  const first = used.reduce((highest, index) => Math.max(highest, index), -1) + 1;
  const added = secrets.map((secret, i) => [
    `${REQUEST_PREFIX}${first + i}`,
    encodeRequest(secret, encodeUtf8),
  ]);
  return { ...annotations, ...Object.fromEntries(added) };
}

function toObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}
