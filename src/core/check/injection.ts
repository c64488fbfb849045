/** Rules about whether the injector works on the pod, and about how long its containers run. */

import { parseGoBool } from "../../injector/go.ts";
import { vaultKey } from "../../injector/vocabulary.ts";
import { checkIssues } from "../issue/check.ts";
import type { Issue } from "../issue/issue.ts";
import { AGENT_CONTAINERS } from "../vault/key.ts";
import {
  always,
  field,
  hasInitAgent,
  hasNamed,
  hasSidecar,
  items,
  type PodCheck,
  type Rule,
  textOf,
} from "./change.ts";

const INJECT = vaultKey("agent-inject");
const STATUS = vaultKey("agent-inject-status");
const CONFIGMAP = vaultKey("agent-configmap");
const PRE_POPULATE = vaultKey("agent-pre-populate");
const PRE_POPULATE_ONLY = vaultKey("agent-pre-populate-only");

/**
 * Checks whether the injector leaves a pod alone (vault-k8s `agent.ShouldInject`), so that no other rule applies.
 *
 * @returns the only check for such a pod; `undefined` if the injector works on it
 */
export const checkSwitch: Rule = (annotations) => {
  const value = annotations.get(INJECT);
  switch (parseGoBool(value ?? "")) {
    case false:
      return always([checkIssues["pod.inject-off"]({ key: INJECT, value }, { annotation: INJECT })]);
    case undefined:
      // A value that is not a boolean is reported by the vocabulary.
      return () => {};
    case true:
      return annotations.get(STATUS) === "injected" ? checkStatus : undefined;
  }
};

const checkStatus: PodCheck = ({ pod }, found) => {
  if (hasAgent(pod.spec)) return;
  found.report(checkIssues["pod.status-injected"], { key: STATUS }, { annotation: STATUS });
};

function hasAgent(spec: unknown): boolean {
  for (const name of AGENT_CONTAINERS) {
    if (hasNamed(spec, "initContainers", name) || hasNamed(spec, "containers", name)) return true;
  }
  return false;
}

/** Reports namespaces that the injector refuses (vault-k8s `agent-inject/handler.go`). */
export const checkNamespace: Rule =
  () =>
  ({ namespace }, found) => {
    if (namespace !== "kube-system" && namespace !== "kube-public") return;
    found.report(checkIssues["pod.system-namespace"], { namespace }, { path: "/metadata/namespace" });
  };

/** Reports a ConfigMap with an agent configuration, which replaces every template annotation. */
export const checkConfigMap: Rule = (annotations) => {
  const value = annotations.get(CONFIGMAP);
  if (!value) return undefined;
  return always([checkIssues["pod.configmap"]({ key: CONFIGMAP, value }, { annotation: CONFIGMAP })]);
};

/** Checks that the agent's containers suit the pod's lifetime. */
export const checkAgentContainers: Rule = (annotations) => {
  const sidecar = hasSidecar(annotations);
  const missing = hasInitAgent(annotations) ? [] : [toMissing(sidecar)];
  const checkLife = sidecar ? checkSidecar : checkOwner;
  return (change, found) => {
    found.addAll(missing);
    checkLife(change, found);
  };
};

function toMissing(sidecar: boolean): Issue {
  if (sidecar) return checkIssues["pod.secrets-late"]({ key: PRE_POPULATE }, { annotation: PRE_POPULATE });
  const facts = { prePopulate: PRE_POPULATE, only: PRE_POPULATE_ONLY };
  return checkIssues["pod.no-agent"](facts, { annotation: PRE_POPULATE_ONLY });
}

/** A sidecar keeps running after the task has ended, so the pod never completes. */
const checkSidecar: PodCheck = ({ pod }, found) => {
  const policy = textOf(pod.spec, "restartPolicy");
  if (policy !== "Never" && policy !== "OnFailure") return;
  found.report(
    checkIssues["pod.sidecar-stays"],
    { key: PRE_POPULATE_ONLY },
    { annotation: PRE_POPULATE_ONLY },
  );
};

/** Label of Flyte's tasks. Their Ray clusters and jobs end with the task, so they are not long-lived. */
const EXECUTION = "execution-id";

/** Secrets that are fetched only once may expire in a long-lived pod. */
const checkOwner: PodCheck = ({ pod }, found) => {
  const owner = findLastingOwner(pod.metadata);
  if (owner === undefined) return;
  const facts = { owner, key: PRE_POPULATE_ONLY };
  found.report(checkIssues["pod.long-lived"], facts, { annotation: PRE_POPULATE_ONLY });
};

const LASTING_OWNERS: ReadonlyMap<unknown, string> = new Map([
  ["RayCluster", "a RayCluster"],
  ["RayJob", "a RayJob"],
  ["RayService", "a RayService"],
  ["Revision", "a Knative Service"],
]);

const ENDS_WITH_TASK: ReadonlySet<string> = new Set(["a RayCluster", "a RayJob"]);

/** Finds the owner of Ray's and Knative's pods. A Knative pod's owner is a ReplicaSet, so only its label shows it. */
export function findLastingOwner(metadata: unknown): string | undefined {
  const labels = field(metadata, "labels");
  const isTask = field(labels, EXECUTION) !== undefined;
  for (const owner of items(metadata, "ownerReferences")) {
    const lasting = LASTING_OWNERS.get(field(owner, "kind"));
    if (lasting && !(isTask && ENDS_WITH_TASK.has(lasting))) return lasting;
  }
  if (!isTask && field(labels, "ray.io/cluster") !== undefined) return "a RayCluster";
  return field(labels, "serving.knative.dev/service") === undefined ? undefined : "a Knative Service";
}
