/** The pod templates of workloads: Kubernetes' own kinds, and those of operators that Flyte's plugins use. */
import { isObject, type JsonObject } from "../../core/json.ts";
import { appendPointer, type JsonPointer } from "../../core/patch/pointer.ts";

/** A kind of object with pod templates. */
export interface Workload {
  /** API group; empty for Kubernetes' core group. */
  readonly group: string;
  readonly kind: string;
  /** JSON Pointers of its pod templates; `*` matches every element of a list or member of an object. */
  readonly templates: readonly string[];
  /**
   * `spark`: the pointers refer to SparkPodSpecs, which are not pod templates; `dask`: to objects with a pod's spec, whose metadata
   * is that of the workload.
   */
  readonly form?: "spark" | "dask";
  /** Label that its controller sets on the pods, with the object's name. */
  readonly mark?: string;
}

/** A pod template inside an object. */
export interface PodTemplate {
  /** JSON Pointer, relative to the object. */
  readonly pointer: JsonPointer;
  readonly value: unknown;
}

const TEMPLATE = ["/spec/template"];

function cluster(at: string): string[] {
  return [`${at}/headGroupSpec/template`, `${at}/workerGroupSpecs/*/template`];
}

function ray(kind: string, templates: readonly string[]): Workload {
  return { group: "ray.io", kind, templates, mark: "ray.io/cluster" };
}

function spark(kind: string, at: string): Workload {
  return {
    group: "sparkoperator.k8s.io",
    kind,
    templates: [`${at}/driver`, `${at}/executor`],
    form: "spark",
  };
}

function dask(kind: string, job: string | undefined, cluster: string): Workload {
  const templates = [...(job === undefined ? [] : [job]), `${cluster}/worker`, `${cluster}/scheduler`];
  return { group: "kubernetes.dask.org", kind, templates, form: "dask" };
}

function training(kind: string, field: string): Workload {
  return { group: "kubeflow.org", kind, templates: [`/spec/${field}/*/template`] };
}

function knative(kind: string): Workload {
  return { group: "serving.knative.dev", kind, templates: TEMPLATE, mark: "serving.knative.dev/service" };
}

/** The supported workloads. */
const WORKLOADS: readonly Workload[] = [
  { group: "apps", kind: "Deployment", templates: TEMPLATE },
  { group: "apps", kind: "StatefulSet", templates: TEMPLATE },
  { group: "apps", kind: "DaemonSet", templates: TEMPLATE },
  { group: "apps", kind: "ReplicaSet", templates: TEMPLATE },
  { group: "", kind: "ReplicationController", templates: TEMPLATE },
  { group: "", kind: "PodTemplate", templates: ["/template"] },
  { group: "batch", kind: "Job", templates: TEMPLATE },
  { group: "batch", kind: "CronJob", templates: ["/spec/jobTemplate/spec/template"] },
  ray("RayCluster", cluster("/spec")),
  ray("RayJob", [...cluster("/spec/rayClusterSpec"), "/spec/submitterPodTemplate"]),
  ray("RayService", cluster("/spec/rayClusterConfig")),
  spark("SparkApplication", "/spec"),
  spark("ScheduledSparkApplication", "/spec/template"),
  dask("DaskJob", "/spec/job", "/spec/cluster/spec"),
  dask("DaskCluster", undefined, "/spec"),
  training("PyTorchJob", "pytorchReplicaSpecs"),
  training("TFJob", "tfReplicaSpecs"),
  training("MPIJob", "mpiReplicaSpecs"),
  training("XGBoostJob", "xgbReplicaSpecs"),
  training("PaddleJob", "paddleReplicaSpecs"),
  training("JAXJob", "jaxReplicaSpecs"),
  knative("Service"),
  knative("Configuration"),
];

/** Kinds for messages; kinds whose name also exists in another API group have their group. */
export const SUPPORTED_KINDS: string = WORKLOADS.map(({ group, kind }) =>
  kind === "Service" || kind === "Configuration" ? `${kind} (${group})` : kind,
).join(", ");

const BY_NAME = new Map(WORKLOADS.map((workload) => [`${workload.group}/${workload.kind}`, workload]));

/** @returns the workload of a kind, or `undefined`. The API version is ignored, because the pointers are the same in all versions. */
export function findWorkload(apiVersion: string, kind: string): Workload | undefined {
  const slash = apiVersion.indexOf("/");
  return BY_NAME.get(`${apiVersion.slice(0, Math.max(slash, 0))}/${kind}`);
}

/** @returns the pod templates of an object, in the order of the workload's pointers */
export function findPodTemplates(object: JsonObject, { templates }: Workload): PodTemplate[] {
  return templates.flatMap((template) => {
    let places: PodTemplate[] = [{ pointer: "", value: object }];
    for (const segment of template.split("/").slice(1)) {
      places = places.flatMap((place) => descend(place, segment));
    }
    return places.filter(({ value }) => value !== undefined && value !== null);
  });
}

function descend({ pointer, value }: PodTemplate, segment: string): PodTemplate[] {
  if (segment !== "*") {
    if (!isObject(value) || !Object.hasOwn(value, segment)) return [];
    return [{ pointer: appendPointer(pointer, segment), value: value[segment] }];
  }
  if (!isObject(value) && !Array.isArray(value)) return [];
  return Object.entries(value).map(([key, member]) => ({
    pointer: appendPointer(pointer, key),
    value: member,
  }));
}
