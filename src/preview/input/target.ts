/** From a Kubernetes object to the pods in it that a preview reviews. */

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

/** One pod to review, and where it stands in the input. */
export interface PreviewTarget {
  /** Index of its document. */
  readonly document: number;
  /** JSON Pointer of the pod or pod template inside the document; empty for a bare pod. */
  readonly pointer: JsonPointer;
  /** JSON Pointer of the Kubernetes object that has the pod: the pod itself, or the workload around its template. */
  readonly owner: string;
  /**
   * `spark`: at the pointer is a SparkPodSpec, whose fields stand elsewhere than a pod's; `dask`: the pod has the metadata of
   * the object around it.
   */
  readonly form: "pod" | "spark" | "dask";
  /** Kind, name and namespace of the object at `owner`. */
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  /** A complete v1 Pod; of an AdmissionReview whatever its object is. */
  readonly pod: JsonObject;
  /** The request of an AdmissionReview, so that its operation and user count. */
  readonly request?: AdmissionRequest;
  /** What there is to be said of the object around the pod. */
  readonly notices?: readonly Issue[];
}

/** What was found in a document. */
export interface Findings {
  readonly targets: PreviewTarget[];
  /** What makes the input unreadable. */
  readonly issues: Issue[];
  /** Objects of kinds without pods. */
  readonly others: KindFacts[];
}

/** Where an object stands. */
export interface Site {
  readonly document: number;
  readonly pointer: JsonPointer;
  /** The namespace of objects that name none. */
  readonly namespace: string;
}

/** More pods than this are not previewed at once. */
export const MAX_TARGETS = 100;

/**
 * Collects the pods of an object: its own, its templates', its items' or its admission request's.
 *
 * @param object with `apiVersion` or `kind`
 * @param site where it stands
 * @param found is added to; no more than one target above {@link MAX_TARGETS}
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
  // A typed list, as the API server answers it, leaves these out of its items.
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

/** Requests on the object itself, of which its controller makes nothing, and none on any of its templates. */
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

/** The issues of objects that were left out: information beside others, refusals where there is nothing else. */
export function reportOthers(others: readonly KindFacts[], alone: boolean): Issue[] {
  return others.map((other) =>
    alone
      ? previewIssues["preview.kind-unknown"]({ ...other, supported: SUPPORTED_KINDS })
      : previewIssues["preview.passed-over"](other),
  );
}
