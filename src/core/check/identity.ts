/** Rules about users, groups and security settings of the agent and the task. */

import { vaultKey } from "../../injector/vocabulary.ts";
import { checkIssues } from "../issue/check.ts";
import { field, isOn, items, type PodCheck, type Rule, textOf } from "./change.ts";

const SAME_USER = vaultKey("agent-run-as-same-user");
const SHARE_PROCESSES = vaultKey("agent-share-process-namespace");
const JSON_PATCHES = [vaultKey("agent-init-json-patch"), vaultKey("agent-json-patch")];

/** Checks the user that agent-run-as-same-user copies: the first container's, never the pod's (vault-k8s `runAsSameID`). */
export const checkSameUser: Rule = (annotations) =>
  isOn(annotations, SAME_USER, false) ? checkFirstUser : undefined;

const checkFirstUser: PodCheck = ({ pod }, found) => {
  const [first] = items(pod.spec, "containers");
  const user = field(field(first, "securityContext"), "runAsUser");
  if (typeof user === "number" && user !== 0) return;
  const code = user === 0 ? "pod.same-user-root" : "pod.same-user-unset";
  found.report(checkIssues[code], { key: SAME_USER }, { annotation: SAME_USER });
};

/** Reports a pod that disables the process namespace that the annotation asks to share (vault-k8s `setShareProcessNamespace`). */
export const checkProcessNamespace: Rule = (annotations) =>
  isOn(annotations, SHARE_PROCESSES, false) ? checkShared : undefined;

const checkShared: PodCheck = ({ pod }, found) => {
  if (field(pod.spec, "shareProcessNamespace") !== false) return;
  const where = { path: "/spec/shareProcessNamespace", annotation: SHARE_PROCESSES } as const;
  found.report(checkIssues["pod.process-namespace"], { key: SHARE_PROCESSES }, where);
};

/** Pod Security "restricted" requires a seccomp profile for every container, and the injector sets none for the agent. */
export const checkSeccomp: Rule = (annotations) =>
  JSON_PATCHES.some((key) => annotations.get(key)?.includes("seccompProfile")) ? undefined : checkProfiles;

const checkProfiles: PodCheck = ({ pod }, found) => {
  if (hasProfile(pod.spec)) return;
  const containers = items(pod.spec, "containers");
  if (containers.length === 0 || !containers.every(hasProfile)) return;
  if (!items(pod.spec, "initContainers").every(hasProfile)) return;
  found.report(checkIssues["pod.seccomp-containers-only"], {}, { path: "/spec/securityContext" });
};

function hasProfile(holder: unknown): boolean {
  return textOf(field(field(holder, "securityContext"), "seccompProfile"), "type") !== "";
}
