/**
 * Rules on the finished change, whoever made it: what the injector, the API server or the agent will refuse, and
 * what will silently leave a task without its secret. One annotation by itself is `annotation.ts`.
 */

import { checkIssues } from "../issue/check.ts";
import type { Findings } from "../issue/findings.ts";
import { DEFAULT_INJECTOR, type InjectorSettings } from "../settings.ts";
import { checkLogin } from "./auth.ts";
import { type Annotations, type CheckedPod, type PodCheck, type Rule, toOptions } from "./change.ts";
import { checkFiles } from "./file.ts";
import { checkCertificates, checkFolders } from "./folder.ts";
import { checkProcessNamespace, checkSameUser, checkSeccomp } from "./identity.ts";
import { checkAgentContainers, checkConfigMap, checkNamespace, checkSwitch } from "./injection.ts";
import { checkModelled } from "./modelled.ts";
import {
  checkContainerNames,
  checkCopiedMounts,
  checkInitOrder,
  checkMounts,
  checkNames,
} from "./name-collision.ts";
import { checkMesh, checkSystem } from "./platform.ts";
import { checkResources } from "./resource.ts";
import { checkPhase, checkToken } from "./token.ts";

/** Rules for a pod that the injector will work on. */
const RULES: readonly Rule[] = [
  checkNamespace,
  () => checkPhase,
  checkConfigMap,
  checkAgentContainers,
  () => checkSystem,
  checkToken,
  checkSameUser,
  checkProcessNamespace,
  checkSeccomp,
  checkFolders,
  checkMounts,
  checkNames,
  checkContainerNames,
  checkCopiedMounts,
  checkMesh,
  checkInitOrder,
  checkFiles,
  checkCertificates,
  checkLogin,
  checkResources,
  checkModelled,
];

/** A pod as it came, and the namespace that it is created in. */
export interface FinishedChange extends CheckedPod {
  /** Whether the pod carries the label that sends it to the webhook. */
  readonly hasLabel: boolean;
}

/**
 * Chooses the rules that can find something in a pod with these annotations. Where the injector leaves a pod alone, no other
 * rule applies.
 *
 * @param annotations final annotations, whoever set them
 * @param injector the injector that will read them
 */
export function compileRules(
  annotations: Annotations,
  { flags }: InjectorSettings = DEFAULT_INJECTOR,
): readonly PodCheck[] {
  const options = toOptions(flags);
  const left = checkSwitch(annotations, options);
  if (left) return [left];
  const checks: PodCheck[] = [];
  for (const rule of RULES) {
    const check = rule(annotations, options);
    if (check) checks.push(check);
  }
  return checks;
}

/**
 * Checks the finished change: final annotations against each other and against the pod.
 *
 * @param rules those of the pod's final annotations
 */
export function checkFinished(rules: readonly PodCheck[], change: FinishedChange, found: Findings): void {
  if (!change.hasLabel) found.report(checkIssues["pod.label-missing"], {}, { path: "/metadata/labels" });
  for (const check of rules) check(change, found);
}
