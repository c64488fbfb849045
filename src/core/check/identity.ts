/** Rules on who the agent and the task are: service account token, users and groups, security settings. */
import { checkIssues } from "../issue/check.ts";
import type { Issue } from "../issue/issue.ts";
import { vaultKey } from "../vault/vocabulary.ts";
import { type FinishedChange, field, isOn, items, textOf } from "./change.ts";

const TOKEN_VOLUME = vaultKey("agent-service-account-token-volume-name");
const SAME_USER = vaultKey("agent-run-as-same-user");
const SHARE_PROCESSES = vaultKey("agent-share-process-namespace");
const JSON_PATCHES = [vaultKey("agent-init-json-patch"), vaultKey("agent-json-patch")];

/** The token that the agent logs in with (vault-k8s `agent.serviceaccount`). */
export function checkToken({ annotations, pod }: FinishedChange, found: Issue[]): void {
  const volume = annotations.get(TOKEN_VOLUME);
  if (volume) {
    checkTokenVolume(pod.spec, volume, found);
    return;
  }
  // The API server adds the mount before it asks any webhook, unless the pod says no; a preview has none yet.
  if (field(pod.spec, "automountServiceAccountToken") !== false || mountsToken(pod.spec)) return;
  const where = { path: "/spec/automountServiceAccountToken" };
  found.push(checkIssues["pod.service-account-token-missing"]({ key: TOKEN_VOLUME }, where));
}

function mountsToken(spec: unknown): boolean {
  return items(spec, "containers").some((container) =>
    items(container, "volumeMounts").some((mount) => textOf(mount, "mountPath").includes("serviceaccount")),
  );
}

function checkTokenVolume(spec: unknown, volume: string, found: Issue[]): void {
  const facts = { key: TOKEN_VOLUME, volume };
  const where = { annotation: TOKEN_VOLUME };
  const item = items(spec, "volumes").find((candidate) => field(candidate, "name") === volume);
  if (item === undefined) {
    found.push(checkIssues["pod.token-volume-missing"](facts, where));
  } else if (!items(field(item, "projected"), "sources").some(isToken)) {
    found.push(checkIssues["pod.token-volume-not-projected"](facts, where));
  }
}

function isToken(source: unknown): boolean {
  return textOf(field(source, "serviceAccountToken"), "path") !== "";
}

/** The user that agent-run-as-same-user copies (vault-k8s `runAsSameID`: the first container's own only). */
export function checkSameUser(change: FinishedChange, found: Issue[]): void {
  if (!isOn(change, SAME_USER, false)) return;
  const [first] = items(change.pod.spec, "containers");
  const user = field(field(first, "securityContext"), "runAsUser");
  if (typeof user === "number" && user !== 0) return;
  const code = user === 0 ? "pod.same-user-root" : "pod.same-user-unset";
  found.push(checkIssues[code]({ key: SAME_USER }, { annotation: SAME_USER }));
}

/** The pod's own word on its process namespace (vault-k8s `setShareProcessNamespace`). */
export function checkProcessNamespace(change: FinishedChange, found: Issue[]): void {
  if (!isOn(change, SHARE_PROCESSES, false)) return;
  if (field(change.pod.spec, "shareProcessNamespace") !== false) return;
  const where = { path: "/spec/shareProcessNamespace", annotation: SHARE_PROCESSES };
  found.push(checkIssues["pod.process-namespace"]({ key: SHARE_PROCESSES }, where));
}

/** Pod Security "restricted" wants a seccomp profile for every container, and the injector sets none. */
export function checkSeccomp({ annotations, pod }: FinishedChange, found: Issue[]): void {
  if (hasProfile(pod.spec)) return;
  const containers = items(pod.spec, "containers");
  if (containers.length === 0 || !containers.every(hasProfile)) return;
  if (!items(pod.spec, "initContainers").every(hasProfile)) return;
  if (JSON_PATCHES.some((key) => annotations.get(key)?.includes("seccompProfile"))) return;
  found.push(checkIssues["pod.seccomp-containers-only"]({}, { path: "/spec/securityContext" }));
}

function hasProfile(holder: unknown): boolean {
  return textOf(field(field(holder, "securityContext"), "seccompProfile"), "type") !== "";
}
