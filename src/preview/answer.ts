/** Reviews each pod of a preview with the same pipeline as `/mutate`, and explains every line of the outcome. */
import type { AdmissionRequest } from "../core/admission/request.ts";
import type { Issue } from "../core/issue/issue.ts";
import { isObject, type JsonObject } from "../core/json.ts";
import type { FoldedAnnotation } from "../core/layer.ts";
import type { EnvChange, ExplainedRequest, Outcome, PluginRun } from "../core/outcome.ts";
import { applyPatch, type Operation } from "../core/patch/apply.ts";
import { getByPointer } from "../core/patch/pointer.ts";
import { mountRequirementName } from "../core/secret/request.ts";
import { DEFAULT_INJECTOR, type InjectorSettings } from "../core/settings.ts";
import { type InjectedPreview, previewInjection, toStoredPod } from "./injected.ts";
import type { PreviewInput, PreviewTarget } from "./input/input.ts";
import { rebaseIssue, rebasePatch } from "./input/rebase.ts";

/** A secret request, with Flyte's name of its mount requirement. */
interface PreviewRequest extends Omit<ExplainedRequest, "mount_requirement"> {
  readonly mount_requirement: string;
}

/** The result for one pod or pod template. */
export interface PreviewResult {
  /** Kind of the given object: the pod, or the workload around the template. */
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly allowed: boolean;
  /** Issues, worst first; their paths are JSON Pointers into the given document. */
  readonly issues: readonly Issue[];
  readonly requests: readonly PreviewRequest[];
  readonly annotations: readonly FoldedAnnotation[];
  readonly env: readonly EnvChange[];
  readonly warnings: readonly string[];
  /** Patch for the given document; empty if the pod is refused. */
  readonly patch: readonly Operation[];
  /** The whole given object (pod or workload) with this result's patch applied. */
  readonly object: unknown;
  readonly plugins: readonly PluginRun[];
  /** What the injector will do afterwards, by a model of it; absent if the webhook refuses the pod or does not change it. */
  readonly injected?: InjectedPreview;
}

/** The JSON answer of `POST /preview`. */
export interface PreviewAnswer {
  readonly version: 1;
  /** Hash of the configuration under which the pods were reviewed. */
  readonly configHash: string;
  /** One result for each target of the input, in order. */
  readonly results: readonly PreviewResult[];
}

/** The functions and settings that a preview needs. */
export interface PreviewOptions {
  /** The pipeline, as `/mutate` uses it. */
  readonly review: (request: AdmissionRequest) => Outcome | Promise<Outcome>;
  readonly configHash: string;
  /** The injector's version and flags; its defaults if absent. */
  readonly injector?: InjectorSettings | undefined;
  /** Called with each pod as it will be stored, in the order of the results; with `undefined` if it is refused. */
  readonly keepStored?: ((pod: unknown) => void) | undefined;
  /** Awaited between two objects, to let other work of the thread run. */
  readonly yieldControl?: () => Promise<void>;
}

/** Reviews the targets of an input, one after another. */
export async function previewDocuments(input: PreviewInput, options: PreviewOptions): Promise<PreviewAnswer> {
  const results: PreviewResult[] = [];
  const { injector = DEFAULT_INJECTOR } = options;
  for (const target of input.targets) {
    if (results.length > 0) await options.yieldControl?.();
    const outcome = await options.review(toAdmissionRequest(target));
    const result = toResult(target, input.documents[target.document], outcome);
    const mutated = toMutated(target, outcome);
    const isBare = target.request === undefined;
    const injected =
      mutated && outcome.patch !== "" && previewInjection(mutated, target.namespace, injector, isBare);
    results.push(injected ? { ...result, injected } : result);
    options.keepStored?.(injected ? toStoredPod(mutated, injected, isBare) : mutated);
  }
  return { version: 1, configHash: options.configHash, results };
}

function toAdmissionRequest({ request, namespace, pod }: PreviewTarget): AdmissionRequest {
  if (request) return { ...request, namespace };
  return { uid: "preview", operation: "CREATE", namespace, dryRun: true, isPreview: true, object: pod };
}

/** @returns the pod as the injector will receive it; `undefined` if the webhook refuses it */
function toMutated({ pod }: PreviewTarget, { allowed, patch }: Outcome): JsonObject | undefined {
  const mutated = applyPatch(pod, rebasePatch(patch, { pointer: "", owner: "", form: "pod" }));
  return allowed && isObject(mutated) ? mutated : undefined;
}

function toResult(target: PreviewTarget, document: unknown, outcome: Outcome): PreviewResult {
  const { kind, name, namespace, owner } = target;
  const patch = rebasePatch(outcome.patch, target);
  const { requests, annotations, env, plugins } = outcome.explain();
  return {
    kind,
    name,
    namespace,
    allowed: outcome.allowed,
    issues: [...outcome.issues.map((issue) => rebaseIssue(issue, target)), ...(target.notices ?? [])],
    requests: requests.map(toPreviewRequest),
    annotations,
    env,
    warnings: outcome.warnings,
    patch,
    object: getByPointer(applyPatch(document, patch), owner),
    plugins,
  };
}

function toPreviewRequest(request: ExplainedRequest): PreviewRequest {
  const { annotation, group, group_version, key, mount_requirement, env_var, changes, files } = request;
  const fields = {
    group,
    group_version,
    key,
    mount_requirement: mountRequirementName(mount_requirement),
    env_var,
  };
  return { annotation, ...fields, ...(changes && { changes }), files };
}
