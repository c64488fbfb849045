/** What is said about reviews beside their output: where an issue is, and why nothing happened. */

import { cliIssues } from "../../core/issue/cli.ts";
import type { Issue } from "../../core/issue/issue.ts";
import { isObject } from "../../core/json.ts";
import { appendPointer, isJsonPointer } from "../../core/patch/pointer.ts";
import { REQUEST_PREFIX } from "../../core/secret/request.ts";
import { isInjectedPod, listKept } from "../../preview/input/as-created.ts";
import type { PreviewTarget } from "../../preview/input/input.ts";
import { createLocator } from "../../preview/input/locate.ts";
import { rebaseIssue } from "../../preview/input/rebase.ts";
import type { ReviewedSource } from "./review.ts";

/** @returns notes on one pod, which are no issues of its review. */
export function noteOutcome({ given, input, answer }: ReviewedSource, index: number): Issue[] {
  const [before, target, result] = [given.targets[index], input.targets[index], answer.results[index]];
  if (!before || !target || !result?.allowed) return [];
  const pod = nameTarget(target);
  if (!asksForSecrets(target.pod)) return [cliIssues["cli.pod-asks-nothing"]({ pod })];
  if (!isInjectedPod(before.pod)) return [];
  if (given === input) return [cliIssues["cli.pod-injected"]({ pod })];
  const kept = listKept(result);
  return kept.length > 0 ? [cliIssues["cli.pod-kept"]({ pod, keys: kept.join(", ") })] : [];
}

/**
 * Prepares to say where issues of a file's pods are: file, line and column where the text shows them, and the pod where
 * there are several.
 *
 * @returns where an issue of the pod with some index is
 */
export function createPlacer(
  source: ReviewedSource,
  isOnlyPod: boolean,
): (issue: Issue, index: number) => string {
  const { name, text, given, input } = source;
  // What was taken away moves the rest: its lines are no longer those of the text.
  const find = given === input ? createLocator(text) : () => undefined;
  return (issue, index) => {
    const target = input.targets[index];
    if (!target) return name;
    const pointer = issue.path ?? toAnnotationPath(issue, target);
    const found = isJsonPointer(pointer) ? find(target.document, pointer) : undefined;
    const at = found ? `${name}:${found.line}:${found.column}` : name;
    return isOnlyPod ? at : `${at}: ${nameTarget(target)}`;
  };
}

function toAnnotationPath(issue: Issue, target: PreviewTarget): string | undefined {
  if (issue.annotation === undefined) return undefined;
  const path = appendPointer("", "metadata", "annotations", issue.annotation);
  return rebaseIssue({ ...issue, path }, target).path;
}

function nameTarget({ kind, namespace, name }: PreviewTarget): string {
  return `${kind || "Object"} ${namespace}/${name || "(no name)"}`;
}

function asksForSecrets(pod: unknown): boolean {
  const metadata = isObject(pod) ? pod.metadata : undefined;
  const annotations = isObject(metadata) ? metadata.annotations : undefined;
  return isObject(annotations) && Object.keys(annotations).some((key) => key.startsWith(REQUEST_PREFIX));
}
