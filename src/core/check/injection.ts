/** Rules on whether the injector works at all, and on the life of its containers. */
import { checkIssues } from "../issue/check.ts";
import type { Issue } from "../issue/issue.ts";
import { parseGoBool } from "../vault/go.ts";
import { AGENT_CONTAINERS } from "../vault/key.ts";
import { vaultKey } from "../vault/vocabulary.ts";
import { type FinishedChange, field, hasInitAgent, hasNamed, hasSidecar, items, textOf } from "./change.ts";

const INJECT = vaultKey("agent-inject");
const STATUS = vaultKey("agent-inject-status");
const CONFIGMAP = vaultKey("agent-configmap");
const PRE_POPULATE = vaultKey("agent-pre-populate");
const PRE_POPULATE_ONLY = vaultKey("agent-pre-populate-only");

/**
 * Whether the injector will leave the pod alone (vault-k8s `agent.ShouldInject`), so that no other rule applies.
 *
 * @returns true also for a switch that is no boolean, which the vocabulary reports
 */
export function checkSwitch({ annotations, pod }: FinishedChange, found: Issue[]): boolean {
  const value = annotations.get(INJECT);
  const on = parseGoBool(value ?? "");
  if (on === false) found.push(checkIssues["pod.inject-off"]({ key: INJECT, value }, { annotation: INJECT }));
  if (on !== true) return true;
  if (annotations.get(STATUS) !== "injected") return false;
  if (!hasAgent(pod.spec)) {
    found.push(checkIssues["pod.status-injected"]({ key: STATUS }, { annotation: STATUS }));
  }
  return true;
}

function hasAgent(spec: unknown): boolean {
  for (const name of AGENT_CONTAINERS) {
    if (hasNamed(spec, "initContainers", name) || hasNamed(spec, "containers", name)) return true;
  }
  return false;
}

/** The label that the webhook's objectSelector asks for. */
export function checkLabel({ hasLabel }: FinishedChange, found: Issue[]): void {
  if (!hasLabel) found.push(checkIssues["pod.label-missing"]({}, { path: "/metadata/labels" }));
}

/** Namespaces that the injector refuses (vault-k8s `agent-inject/handler.go`). */
export function checkNamespace({ namespace }: FinishedChange, found: Issue[]): void {
  if (namespace !== "kube-system" && namespace !== "kube-public") return;
  found.push(checkIssues["pod.system-namespace"]({ namespace }, { path: "/metadata/namespace" }));
}

/** A configuration of the user's own, which replaces every template. */
export function checkConfigMap({ annotations }: FinishedChange, found: Issue[]): void {
  const value = annotations.get(CONFIGMAP);
  if (!value) return;
  found.push(checkIssues["pod.configmap"]({ key: CONFIGMAP, value }, { annotation: CONFIGMAP }));
}

/** Which agent containers there are, against what kind of pod it is. */
export function checkAgentContainers(change: FinishedChange, found: Issue[]): void {
  const init = hasInitAgent(change);
  const sidecar = hasSidecar(change);
  const where = { annotation: PRE_POPULATE_ONLY };
  if (!init && !sidecar) {
    found.push(checkIssues["pod.no-agent"]({ prePopulate: PRE_POPULATE, only: PRE_POPULATE_ONLY }, where));
  } else if (!init) {
    found.push(checkIssues["pod.secrets-late"]({ key: PRE_POPULATE }, { annotation: PRE_POPULATE }));
  }
  if (sidecar && runsToCompletion(change)) {
    found.push(checkIssues["pod.sidecar-stays"]({ key: PRE_POPULATE_ONLY }, where));
  }
  const owner = sidecar ? undefined : findLastingOwner(change.pod.metadata);
  if (owner) found.push(checkIssues["pod.long-lived"]({ owner, key: PRE_POPULATE_ONLY }, where));
}

function runsToCompletion({ pod }: FinishedChange): boolean {
  const policy = textOf(pod.spec, "restartPolicy");
  return policy === "Never" || policy === "OnFailure";
}

const LASTING_OWNERS: ReadonlyMap<unknown, string> = new Map([
  ["RayCluster", "a RayCluster"],
  ["RayJob", "a RayJob"],
  ["RayService", "a RayService"],
  ["Revision", "a Knative Service"],
]);

/** Ray's and Knative's pods; a Knative pod's owner is a ReplicaSet, so that only the label tells. */
function findLastingOwner(metadata: unknown): string | undefined {
  for (const owner of items(metadata, "ownerReferences")) {
    const lasting = LASTING_OWNERS.get(field(owner, "kind"));
    if (lasting) return lasting;
  }
  const labels = field(metadata, "labels");
  if (field(labels, "ray.io/cluster") !== undefined) return "a RayCluster";
  return field(labels, "serving.knative.dev/service") === undefined ? undefined : "a Knative Service";
}
