/**
 * Spark's pods. A SparkApplication has no pod templates: its driver and executor are SparkPodSpecs, which have labels,
 * annotations, variables and further containers as direct fields (spark-operator `api/v1beta2/sparkapplication_types.go`).
 */
import type { JsonObject } from "../../core/json.ts";

/** Names of Spark's containers by role (Spark `KubernetesConstants`). */
const CONTAINER_NAMES: Readonly<Record<string, string>> = {
  driver: "spark-kubernetes-driver",
  executor: "spark-kubernetes-executor",
};

/**
 * Builds the pod template that Spark and its operator derive from a SparkPodSpec, limited to the fields that a review reads.
 *
 * @param role `driver` or `executor`
 */
export function toSparkTemplate(role: string, spec: JsonObject): JsonObject {
  const { labels, annotations, env, volumeMounts, sidecars, initContainers, serviceAccount } = spec;
  const name = CONTAINER_NAMES[role] ?? role;
  const main = given({ name, env, volumeMounts, securityContext: spec.securityContext });
  return {
    metadata: given({ labels, annotations }),
    spec: given({
      serviceAccountName: serviceAccount,
      securityContext: spec.podSecurityContext,
      initContainers,
      containers: [main, ...(Array.isArray(sidecars) ? sidecars : [])],
      restartPolicy: "Never",
    }),
  };
}

const MAIN = "/spec/containers/0/";
const SIDECAR = /^\/spec\/containers\/(\d+)\//;

/**
 * Translates a path in that pod template into a path in the SparkPodSpec.
 *
 * @param path JSON Pointer into the pod
 * @returns JSON Pointer into the SparkPodSpec
 */
export function toSparkPath(path: string): string {
  if (path.startsWith("/metadata/")) return path.slice("/metadata".length);
  if (path.startsWith(MAIN)) return path.slice(MAIN.length - 1);
  return path
    .replace(SIDECAR, (_, index: string) => `/sidecars/${Number(index) - 1}/`)
    .replace(/^\/spec\/initContainers\//, "/initContainers/");
}

function given(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
