/** Finds the pods to review in a Kubernetes object. */

import { type AdmissionRequest, parseReview } from "../../core/admission/request.ts";
import type { Issue } from "../../core/issue/issue.ts";
import { previewIssues } from "../../core/issue/preview.ts";
import { isObject, type JsonObject } from "../../core/json.ts";
import { appendPointer, type JsonPointer, joinPointers } from "../../core/patch/pointer.ts";
import { REQUEST_PREFIX } from "../../core/secret/request.ts";
import { describe, toFieldIssue } from "./describe.ts";
import { identify, type KindFacts, nameOf } from "./identify.ts";
import { toTemplatePod } from "./template.ts";
import {
  findPodTemplates,
  findWorkload,
  type PodTemplate,
  SUPPORTED_KINDS,
  type Workload,
} from "./workload.ts";

/** One pod to review, and its location in the input. */
export interface PreviewTarget {
  /** Index of its document. */
  readonly document: number;
  /** JSON Pointer of the pod or pod template inside the document; empty for a bare pod. */
  readonly pointer: JsonPointer;
  /** JSON Pointer of the Kubernetes object: the pod itself, or the workload around its template. */
  readonly owner: string;
  /**
   * `spark`: the pointer refers to a SparkPodSpec, whose fields have other paths than a pod's; `dask`: the pod's metadata is that
   * of the owner.
   */
  readonly form: "pod" | "spark" | "dask";
  /** Kind, name and namespace of the object at `owner`. */
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  /** A complete v1 Pod; for an AdmissionReview, its object of any kind. */
  readonly pod: JsonObject;
  /** The request of an AdmissionReview, which also has operation and user; absent for other input. */
  readonly request?: AdmissionRequest;
  /** Issues about the owner. */
  readonly notices?: readonly Issue[];
}

/** The pods and problems found in documents. */
export interface Findings {
  readonly targets: PreviewTarget[];
  /** Problems that make the input unusable. */
  readonly issues: Issue[];
  /** Objects of kinds without pods. */
  readonly others: KindFacts[];
}

/** Location of an object in the input. */
export interface Site {
  readonly document: number;
  readonly pointer: JsonPointer;
  /** Namespace for objects that name none. */
  readonly namespace: string;
}

/** Most pods in one preview. */
export const MAX_TARGETS = 100;

/**
 * Collects the pods of an object: its own, its templates', its items' or its admission request's.
 *
 * @param object a Kubernetes object
 * @param site its location
 * @param found receives the pods, at most one more than {@link MAX_TARGETS}, so that the caller sees the excess
 */
export function collectTargets(object: unknown, site: Site, found: Findings): void {
  if (found.targets.length > MAX_TARGETS) return;
  if (!isObject(object)) {
    const where = { path: site.pointer };
    found.issues.push(previewIssues["preview.not-an-object"]({ found: describe(object) }, where));
    return;
  }
  const { apiVersion, kind, name } = identify(object);
  const workload = findWorkload(apiVersion, kind);
  if (kind === "AdmissionReview") collectReview(object, site, found);
  else if (kind.endsWith("List") && Array.isArray(object.items))
    collectItems(object, object.items, site, found);
  else if (kind === "Pod" && !apiVersion.includes("/")) {
    found.targets.push({
      ...site,
      owner: site.pointer,
      form: "pod",
      ...nameOf(object, site.namespace),
      kind,
      pod: object,
    });
  } else if (workload) collectTemplates(object, workload, site, found);
  else found.others.push({ apiVersion, kind, name });
}

function collectItems(list: JsonObject, items: readonly unknown[], site: Site, found: Findings): void {
  const { apiVersion, kind } = identify(list);
  // The items of a typed list lack these fields in the API server's answers.
  const inherited = kind === "List" ? {} : { apiVersion, kind: kind.slice(0, -"List".length) };
  items.forEach((item, index) => {
    const object = isObject(item) ? { ...inherited, ...item } : item;
    collectTargets(object, { ...site, pointer: appendPointer(site.pointer, "items", index) }, found);
  });
}

function collectReview(review: JsonObject, site: Site, found: Findings): void {
  const parsed = parseReview(review);
  if ("code" in parsed) {
    found.issues.push({ ...parsed, path: `${site.pointer}${parsed.path ?? ""}` });
    return;
  }
  const { request } = parsed;
  const pointer = appendPointer(site.pointer, "request", "object");
  if (!isObject(request.object)) {
    found.issues.push(toFieldIssue(pointer, "an object", request.object));
    return;
  }
  const { name, namespace } = nameOf(request.object, site.namespace);
  found.targets.push({
    document: site.document,
    pointer,
    owner: pointer,
    form: "pod",
    kind: identify(request.object).kind,
    name,
    namespace: request.namespace || namespace,
    pod: request.object,
    request,
  });
}

function collectTemplates(object: JsonObject, workload: Workload, site: Site, found: Findings): void {
  const { apiVersion, kind, name } = identify(object);
  const places = findPodTemplates(object, workload);
  if (places.length === 0) {
    const facts = { apiVersion, kind, name, places: workload.templates.join(" or ") };
    found.issues.push(previewIssues["preview.template-missing"](facts, { path: site.pointer }));
  }
  const [notice] = findRequestsOutside(object, workload, places, site);
  for (const { pointer: within, value } of places) {
    if (found.targets.length > MAX_TARGETS) return;
    const pointer = joinPointers(site.pointer, within);
    if (!isObject(value)) {
      found.issues.push(toFieldIssue(pointer, "an object", value));
      continue;
    }
    const { form = "pod" } = workload;
    const made = toTemplatePod(object, workload, { pointer: within, value }, site.namespace);
    const notices = notice && within === places[0]?.pointer ? { notices: [notice] } : {};
    const at = { document: site.document, pointer, owner: site.pointer };
    found.targets.push({ ...at, form, kind, name, ...made, ...notices });
  }
}

/** Reports requests in a workload's own annotations, which its controller ignores, if no template has any. */
function findRequestsOutside(
  object: JsonObject,
  { form, templates }: Workload,
  places: readonly PodTemplate[],
  site: Site,
): Issue[] {
  if (
    form === "dask" ||
    !hasRequests(object) ||
    places.some(({ value }) => isObject(value) && hasRequests(value))
  ) {
    return [];
  }
  if (form === "spark" && places.some(({ value }) => hasRequests({ metadata: value }))) return [];
  const { apiVersion, kind, name } = identify(object);
  const where = { path: appendPointer(site.pointer, "metadata", "annotations") };
  const at = templates.map((template) => `${template}${form === "spark" ? "" : "/metadata"}`).join(" or ");
  return [previewIssues["preview.requests-outside"]({ apiVersion, kind, name, places: at }, where)];
}

function hasRequests({ metadata }: JsonObject): boolean {
  const annotations = isObject(metadata) ? metadata.annotations : undefined;
  return isObject(annotations) && Object.keys(annotations).some((key) => key.startsWith(REQUEST_PREFIX));
}

/** @returns issues about objects without pods: errors if there is nothing else (`alone`), else information */
export function reportOthers(others: readonly KindFacts[], alone: boolean): Issue[] {
  return others.map((other) =>
    alone
      ? previewIssues["preview.kind-unknown"]({ ...other, supported: SUPPORTED_KINDS })
      : previewIssues["preview.passed-over"](other),
  );
}
