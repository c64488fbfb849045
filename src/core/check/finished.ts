/**
 * Runs the rules about the finished change: what the injector, the API server or the agent will refuse, and what would
 * silently leave a task without its secret. Single annotations are checked in `annotation.ts`.
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

/** Rules for a pod that the injector works on. */
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

/** A pod from an admission request, and its namespace. */
export interface FinishedChange extends CheckedPod {
  /** Whether the pod has the label that selects it for the webhook. */
  readonly hasLabel: boolean;
}

/**
 * Compiles the rules for pods with these annotations, and leaves out those that cannot find an issue. If the injector leaves
 * such pods alone, no other rule applies.
 *
 * @param annotations final annotations, from all sources
 * @param injector version and flags of the injector
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
 * @param rules the compiled rules for the pod's final annotations
 */
export function checkFinished(rules: readonly PodCheck[], change: FinishedChange, found: Findings): void {
  if (!change.hasLabel) found.report(checkIssues["pod.label-missing"], {}, { path: "/metadata/labels" });
  for (const check of rules) check(change, found);
}
