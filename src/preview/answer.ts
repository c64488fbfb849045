/** A preview's answer: each pod reviewed by the pipeline itself, and every line of the outcome explained. */
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

/** What one pod or pod template would get. */
export interface PreviewResult {
  /** Of the object that was given: the pod, or the workload around the template. */
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly allowed: boolean;
  /** Worst first; their paths are JSON Pointers into the given document. */
  readonly issues: readonly Issue[];
  readonly requests: readonly PreviewRequest[];
  readonly annotations: readonly FoldedAnnotation[];
  readonly env: readonly EnvChange[];
  readonly warnings: readonly string[];
  /** Applies to the given document; empty where the pod is refused. */
  readonly patch: readonly Operation[];
  /** The given object, a workload whole, as this result's patch leaves it. */
  readonly object: unknown;
  readonly plugins: readonly PluginRun[];
  /** What the injector will do then, by a model of it; absent where the pod is refused before, or asks for nothing. */
  readonly injected?: InjectedPreview;
}

/** What `POST /preview` answers as JSON. */
export interface PreviewAnswer {
  readonly version: 1;
  /** Content hash of the configuration that the pods were reviewed under. */
  readonly configHash: string;
  /** One for each target of the input, in its order. */
  readonly results: readonly PreviewResult[];
}

/** What a preview needs from outside. */
export interface PreviewOptions {
  /** The pipeline, as `/mutate` uses it. */
  readonly review: (request: AdmissionRequest) => Outcome | Promise<Outcome>;
  readonly configHash: string;
  /** Absent: the injector as it is shipped. */
  readonly injector?: InjectorSettings | undefined;
  /** Gets each pod as it will be stored, in the order of the results; nothing where it is refused. */
  readonly keepStored?: ((pod: unknown) => void) | undefined;
  /** Awaited between two objects, so that others get their turn. */
  readonly yieldControl?: () => Promise<void>;
}

/** Reviews every target of an input, one after the other. */
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

/** The injector gets the pod as the webhook leaves it. */
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
