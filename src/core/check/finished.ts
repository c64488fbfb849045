/**
 * Rules on the finished change, whoever made it: what the injector, the API server or the agent will refuse, and
 * what will silently leave a task without its secret. One annotation by itself is `annotation.ts`.
 */

import { checkIssues } from "../issue/check.ts";
import type { Issue } from "../issue/issue.ts";
import { checkAnnotation } from "./annotation.ts";
import { checkLogin } from "./auth.ts";
import type { Annotations, CheckedPod, PodCheck, PodView, Rule } from "./change.ts";
import { checkFiles } from "./file.ts";
import { checkProcessNamespace, checkSameUser, checkSeccomp, checkToken } from "./identity.ts";
import { checkAgentContainers, checkConfigMap, checkNamespace, checkSwitch } from "./injection.ts";
import {
  checkContainerNames,
  checkCopiedMounts,
  checkInitOrder,
  checkMounts,
  checkNames,
} from "./name-collision.ts";
import { checkResources } from "./resource.ts";

export type { PodView };

/** Rules for a pod that the injector will work on. */
const RULES: readonly Rule[] = [
  checkNamespace,
  checkConfigMap,
  checkAgentContainers,
  checkToken,
  checkSameUser,
  checkProcessNamespace,
  checkSeccomp,
  checkMounts,
  checkNames,
  checkContainerNames,
  checkCopiedMounts,
  checkInitOrder,
  checkFiles,
  checkLogin,
  checkResources,
];

/** A change as it will be made. */
export interface FinishedChange extends CheckedPod {
  readonly annotations: Annotations;
  /** Whether the pod carries the label that sends it to the webhook. */
  readonly hasLabel: boolean;
}

/** Pods that ask for the same secrets share one map of annotations. */
const compiled = new WeakMap<Annotations, readonly PodCheck[]>();

/**
 * Checks the finished change: final annotations against each other and against the pod.
 *
 * @param change the pod as it came, its namespace, its final annotations (a map that does not change any more), and
 *   whether it has Flyte's label
 * @returns everything that can be foreseen to go wrong, in the order of the rules
 */
export function checkFinished(change: FinishedChange): readonly Issue[] {
  let checks = compiled.get(change.annotations);
  if (!checks) {
    checks = compile(change.annotations);
    compiled.set(change.annotations, checks);
  }
  const found: Issue[] = [];
  if (!change.hasLabel) found.push(checkIssues["pod.label-missing"]({}, { path: "/metadata/labels" }));
  for (const check of checks) check(change, found);
  return found;
}

/** Where the injector leaves a pod alone, no other rule applies. */
function compile(annotations: Annotations): readonly PodCheck[] {
  const left = checkSwitch(annotations);
  if (left) return [left];
  const checks: PodCheck[] = [];
  for (const rule of RULES) {
    const check = rule(annotations);
    if (check) checks.push(check);
  }
  return checks;
}

/**
 * Checks annotations one by one, as they stand in a configuration or come from a plugin.
 *
 * @returns the issues of all of them; an issue names its annotation
 */
export function checkAnnotations(changes: Iterable<readonly [key: string, value: string]>): Issue[] {
  const found: Issue[] = [];
  for (const [key, value] of changes) found.push(...checkAnnotation(key, value));
  return found;
}
