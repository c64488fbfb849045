/**
 * Rules on the finished change, whoever made it: what the injector, the API server or the agent will refuse, and
 * what will silently leave a task without its secret. One annotation by itself is `vault/vocabulary.ts`.
 */
import { checkLogin } from "./check/auth.ts";
import type { FinishedChange, PodView, Rule } from "./check/change.ts";
import {
  checkContainerNames,
  checkCopiedMounts,
  checkInitOrder,
  checkMounts,
  checkNames,
} from "./check/collision.ts";
import { checkFiles } from "./check/file.ts";
import { checkProcessNamespace, checkSameUser, checkSeccomp, checkToken } from "./check/identity.ts";
import {
  checkAgentContainers,
  checkConfigMap,
  checkLabel,
  checkNamespace,
  checkSwitch,
} from "./check/injection.ts";
import { checkResources } from "./check/resource.ts";
import type { Issue } from "./issue/issue.ts";
import { checkAnnotation } from "./vault/vocabulary.ts";

export type { FinishedChange, PodView };

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

/**
 * Checks the finished change: final annotations against each other and against the pod.
 *
 * @param change the pod as it came, its namespace, its final annotations, and whether it has Flyte's label
 * @returns everything that can be foreseen to go wrong, in the order of the rules
 */
export function checkFinished(change: FinishedChange): Issue[] {
  const found: Issue[] = [];
  checkLabel(change, found);
  if (checkSwitch(change, found)) return found;
  for (const rule of RULES) rule(change, found);
  return found;
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
