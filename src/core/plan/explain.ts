/** Explains every line of an outcome; runs only for previews. */
import type { Pod } from "../admission/pod.ts";
import { explainLayers, type Layer, toLayer } from "../layer.ts";
import type { ExplainedRequest, Explanation, PluginRun, RequestChange } from "../outcome.ts";
import { explainEnv } from "../vault/env.ts";
import type { SecretFile } from "../vault/secret-file.ts";
import type { Plan } from "./plan.ts";
import type { PreparedRequest } from "./prepare.ts";

/** What the plugins of one review did. */
export interface PluginWork {
  readonly runs: readonly PluginRun[];
  /** What they changed in requests, by annotation. */
  readonly changes: ReadonlyMap<string, readonly RequestChange[]>;
}

/**
 * Explains what a plan means for a pod.
 *
 * @param work absent if no plugin is configured
 */
export function explain(pod: Pod, plan: Plan, work?: PluginWork): Explanation {
  const files = new Map(plan.files.map((file) => [file.identity, file]));
  return {
    requests: plan.prepared.flatMap((request) =>
      explainRequest(request, files, work?.changes.get(request.annotation)),
    ),
    annotations: explainLayers([...plan.lines.layers, toPodLayer(pod), plan.corrections]),
    env: explainEnv(pod.containers, plan.lines.secretsDir, plan.requested),
    plugins: work?.runs ?? [],
  };
}

/** @returns the pod's own annotations, as the layer that wins over the platform's */
function toPodLayer({ annotations }: Pod): Layer {
  const entries = Object.entries(annotations).map(([key, value]) => [key, value ?? ""]);
  return toLayer({ kind: "pod" }, Object.fromEntries(entries));
}

function explainRequest(
  { annotation, request, transformed }: PreparedRequest,
  files: ReadonlyMap<string, SecretFile>,
  changes: readonly RequestChange[] | undefined,
): ExplainedRequest[] {
  if (!request) return [];
  const explained = (transformed?.files ?? []).map((own) => {
    const { id, path, for: readers, template } = files.get(own.identity) ?? own;
    return { id, path, for: readers, ...(template !== undefined && { template }) };
  });
  return [{ annotation, ...request, ...(changes && { changes }), files: explained }];
}
