/** The reasons for every line of an outcome, worked out only when somebody asks. */
import type { Pod } from "../admission/pod.ts";
import { explainLayers, type Layer, toLayer } from "../layer.ts";
import type { ExplainedRequest, Explanation, PluginRun } from "../outcome.ts";
import { explainEnv, toRequested, toSecretsDir } from "../vault/env.ts";
import { VaultKey } from "../vault/key.ts";
import type { SecretFile } from "../vault/secret-file.ts";
import type { Plan } from "./plan.ts";
import type { PreparedRequest } from "./prepare.ts";

/** Explains what a plan means for a pod. */
export function explain(pod: Pod, plan: Plan, plugins: readonly PluginRun[]): Explanation {
  const files = new Map(plan.files.map((file) => [file.identity, file]));
  return {
    requests: plan.prepared.flatMap((request) => explainRequest(request, files)),
    annotations: explainLayers([...plan.layers, toPodLayer(pod), plan.corrections]),
    env: explainEnv(
      pod.containers,
      toSecretsDir(plan.folded.get(VaultKey.secretVolumePath)?.value ?? undefined),
      toRequested(plan.variables, plan.final),
    ),
    plugins,
  };
}

/** @returns what the pod carries itself, as the layer that wins over the platform's. */
function toPodLayer({ annotations }: Pod): Layer {
  const entries = Object.entries(annotations).map(([key, value]) => [key, value ?? ""]);
  return toLayer({ kind: "pod" }, Object.fromEntries(entries));
}

function explainRequest(
  { annotation, request, transformed }: PreparedRequest,
  files: ReadonlyMap<string, SecretFile>,
): ExplainedRequest[] {
  if (!request) return [];
  const explained = (transformed?.files ?? []).map((own) => {
    const { id, path, for: readers, template } = files.get(own.identity) ?? own;
    return { id, path, for: readers, ...(template !== undefined && { template }) };
  });
  return [{ annotation, ...request, files: explained }];
}
