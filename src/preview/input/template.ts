/** Makes the pod that a controller would create from a pod template. */
import { isObject, type JsonObject } from "../../core/json.ts";
import { nameOf, readText } from "./identify.ts";
import { toSparkTemplate } from "./spark.ts";
import type { Workload } from "./workload.ts";

/**
 * Makes the pod of a template.
 *
 * @param object the workload
 * @param place the template, or Spark's form of one, and its JSON Pointer in the workload
 * @param fallback namespace for objects that name none
 * @returns a complete v1 Pod, and its namespace
 */
export function toTemplatePod(
  object: JsonObject,
  { form, mark }: Workload,
  { pointer, value }: { readonly pointer: string; readonly value: JsonObject },
  fallback: string,
): { readonly namespace: string; readonly pod: JsonObject } {
  const role = pointer.slice(pointer.lastIndexOf("/") + 1);
  const { metadata, spec } =
    form === "spark" ? toSparkTemplate(role, value) : toTemplate(object, form, value);
  const own = nameOf(object, fallback);
  const namespace =
    readText(object.metadata, "namespace") || readText(metadata, "namespace") || own.namespace;
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: toPodMetadata(metadata, own.name, namespace, mark),
    ...(spec !== undefined && { spec }),
  };
  return { namespace, pod };
}

/**
 * Returns the pod template. For Dask, labels and annotations come from the object instead, as its operator does (dask-kubernetes
 * `operator/controller/controller.py`, `_get_labels`, `_get_annotations`).
 */
function toTemplate(object: JsonObject, form: Workload["form"], value: JsonObject): JsonObject {
  if (form !== "dask") return value;
  const { labels, annotations } = isObject(object.metadata) ? object.metadata : {};
  return {
    metadata: { ...(isObject(labels) && { labels }), ...(isObject(annotations) && { annotations }) },
    spec: value.spec,
  };
}

/** Makes the pod's metadata from the template's. Malformed metadata is not changed, and the review refuses it. */
function toPodMetadata(
  metadata: unknown,
  name: string,
  namespace: string,
  mark: string | undefined,
): unknown {
  if (metadata !== undefined && metadata !== null && !isObject(metadata)) return metadata;
  const labels = metadata?.labels;
  const marked = mark !== undefined && (isObject(labels) || labels === undefined || labels === null);
  return {
    ...(name !== "" && { generateName: `${name}-` }),
    ...metadata,
    namespace,
    ...(marked && { labels: { [mark]: name, ...labels } }),
  };
}
