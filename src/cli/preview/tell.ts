/** Reports about reviews besides their output: positions of issues, and why a pod is unchanged. */

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

/** @returns notes about one pod that are not issues of its review */
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
 * Prepares to locate issues of a file's pods: file, line and column if the text contains them, and the pod's name if there
 * are several.
 *
 * @returns a function that locates an issue of the pod with the given index
 */
export function createPlacer(
  source: ReviewedSource,
  isOnlyPod: boolean,
): (issue: Issue, index: number) => string {
  const { name, text, given, input } = source;
  // After fields were removed, paths and lines no longer match the text.
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
