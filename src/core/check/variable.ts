/** Rules about environment variables that requests set: duplicates, and files that would be written too late. */
import { parseGoBool } from "../../injector/go.ts";
import type { IndexedAnnotations } from "../../injector/indexed-annotations.ts";
import { vaultKey } from "../../injector/vocabulary.ts";
import type { EnvVar, PodContainer } from "../admission/pod.ts";
import type { Findings } from "../issue/findings.ts";
import { secretIssues } from "../issue/secret.ts";
import { isObject } from "../json.ts";
import { isSameVariable, LONGEST_ADDED, measureAdded, type RequestedVariables, suits } from "../vault/env.ts";
import type { TransformedRequest } from "../vault/transformer.ts";
import { type TaskVariable, toEnvVar } from "../vault/variable.ts";
import { field, textOf } from "./change.ts";
import { findLastingOwner } from "./injection.ts";

const PRE_POPULATE = vaultKey("agent-pre-populate");
const NONE: readonly TaskVariable[] = [];

/**
 * Collects the variables of all requests, each name once; the later request wins.
 *
 * @param prepared requests in order
 */
export function collectVariables(
  prepared: readonly { readonly transformed?: TransformedRequest }[],
  found: Findings,
): readonly TaskVariable[] {
  let byName: Map<string, Asked> | undefined;
  for (const { transformed } of prepared) {
    if (!transformed) continue;
    for (const variable of transformed.variables) {
      byName ??= new Map();
      const asked = { variable, secret: transformed.audit };
      reportTwice(byName.get(variable.name), asked, found);
      byName.set(variable.name, asked);
    }
  }
  return byName ? Array.from(byName.values(), ({ variable }) => variable) : NONE;
}

/** A variable, and the secret of the request that asks for it. */
interface Asked {
  readonly variable: TaskVariable;
  readonly secret: TransformedRequest["audit"];
}

function reportTwice(other: Asked | undefined, asked: Asked, found: Findings): void {
  const { name, annotation } = asked.variable;
  const first = other?.variable.annotation;
  if (!other || first === undefined || annotation === undefined || isSame(other, asked)) return;
  found.report(secretIssues["secret.variable-twice"], { annotation, name, other: first }, { annotation });
}

/** Whether the variable has the same value for both: the same text or path, or the same secret from whichever file. */
function isSame({ variable: { source: a }, secret: x }: Asked, { variable: b, secret: y }: Asked): boolean {
  if (a.kind === "file-key" && b.source.kind === "file-key")
    return x.engine === y.engine && x.path === y.path && x.key === y.key;
  return JSON.stringify(a) === JSON.stringify(b.source);
}

/** Reports variables that the kubelet cannot set, because the agent writes their files only after the containers start. */
export function checkVariables(
  variables: readonly TaskVariable[],
  annotations: IndexedAnnotations,
  found: Findings,
): void {
  if (!variables.some(({ source }) => source.kind === "file-key")) return;
  if (parseGoBool(annotations.get(PRE_POPULATE) ?? "true") !== false) return;
  found.report(secretIssues["secret.variable-late"], { key: PRE_POPULATE }, { annotation: PRE_POPULATE });
}

/** Finds Flyte's finalizer on a pod with variables: an old client cannot remove it (client-go 0.28 drops `fileKeyRef`). */
export function checkFinalizer(variables: readonly TaskVariable[], metadata: unknown, found: Findings): void {
  if (!variables.some(({ source }) => source.kind === "file-key")) return;
  const finalizer = findFlyteFinalizer(metadata);
  if (finalizer !== undefined) found.report(secretIssues["secret.variable-finalizer"], { finalizer });
}

/** Reports variables of a pod that may live for weeks: they keep the value that they have at the container's start. */
export function checkLasting(variables: readonly TaskVariable[], pod: unknown, found: Findings): void {
  if (!variables.some(({ source }) => source.kind === "file-key")) return;
  const owner = findLastingOwner(field(pod, "metadata"));
  // Containers of such a pod are started again, so it does not end with a task.
  const isService = textOf(field(pod, "spec"), "restartPolicy") === "Always";
  if (owner === undefined && !isService) return;
  found.report(secretIssues["secret.variable-lasting"], {
    why: owner ? `belongs to ${owner}` : "has restartPolicy: Always",
  });
}

/** Reports variables that would make a pod too large: every container gets every variable. */
export function checkAddedSize(
  variables: readonly TaskVariable[],
  containers: number,
  dir: string,
  found: Findings,
): void {
  const bytes = measureAdded(variables, containers, dir);
  if (bytes <= LONGEST_ADDED) return;
  const facts = { variables: variables.length, containers, bytes, limit: LONGEST_ADDED };
  found.report(secretIssues["secret.variables-too-large"], facts, { path: "/spec/containers" });
}

/** @returns the finalizer that Flyte puts on pods (`inject-finalizer: true`), if the pod has one */
export function findFlyteFinalizer(metadata: unknown): string | undefined {
  const finalizers = isObject(metadata) && Array.isArray(metadata.finalizers) ? metadata.finalizers : [];
  return finalizers.find((each): each is string => typeof each === "string" && /^flyte/.test(each));
}

/**
 * Reports variables of the pod's author that a request replaces.
 *
 * @param dir folder of the secrets
 */
export function checkReplaced(
  requested: RequestedVariables,
  containers: readonly PodContainer[],
  dir: string,
  found: Findings,
): void {
  const byName = new Map(requested.variables.map((variable) => [variable.name, variable]));
  for (const container of containers) {
    for (const own of container.env) {
      const variable = byName.get(own.name);
      if (variable?.annotation === undefined || !suits(container, variable, requested)) continue;
      // Its own from an earlier call, or a variable without a value to lose.
      if (isSameVariable(own, toEnvVar(variable, dir)) || !hasValue(own)) continue;
      const { annotation } = variable;
      const facts = { annotation, name: own.name, container: container.name };
      found.report(secretIssues["secret.variable-replaced"], facts, { annotation });
    }
  }
}

function hasValue({ value, valueFrom }: EnvVar): boolean {
  return (value ?? "") !== "" || (valueFrom ?? null) !== null;
}
