/**
 * The pipeline, every step in order. `/mutate`, `/preview` and the command line all walk it; only what they do with
 * the outcome differs.
 *
 * AdmissionRequest → secret requests → plugins: requests → validate → base Vault transformer →
 * plugins: annotations → plugins: review → checks → Outcome
 */
import { type Pod, readLabel, readLabels, readPod } from "./admission/pod.ts";
import { type AdmissionRequest, isObject } from "./admission/request.ts";
import { refuses, sortIssues, toStatus, toWarnings } from "./admission/status.ts";
import { checkFinished } from "./check.ts";
import { explain, toPodLayer } from "./explain.ts";
import type { Issue } from "./issue/issue.ts";
import { measureReview } from "./measurement.ts";
import type { Explanation, Outcome } from "./outcome.ts";
import { renderPatch } from "./patch.ts";
import { createPlanner, type Plan } from "./plan.ts";
import type { PluginInstance, ReviewContext } from "./plugin/instance.ts";
import { toAnnotations, WaterfallRun } from "./plugin/waterfall.ts";
import { createGuard } from "./policy.ts";
import type { Ports, Signal } from "./ports.ts";
import { createPreparer, type PreparedRequest, type Preparer } from "./prepare.ts";
import { compareRequestKeys } from "./secret/codec.ts";
import { INJECT_LABEL, REQUEST_PREFIX } from "./secret/request.ts";
import type { Settings } from "./settings.ts";
import { checkSize } from "./size.ts";
import { renderEnvOperations } from "./vault/env.ts";
import { AGENT_CONTAINERS, VAULT_DOMAIN, VaultKey } from "./vault/key.ts";
import { checkAnnotation } from "./vault/vocabulary.ts";

/** Reviews admission requests under one configuration. */
export interface Pipeline {
  /** Answers at once unless a plugin takes its time. Never throws for anything the outside can cause. */
  readonly review: (
    request: AdmissionRequest,
    options?: { readonly signal?: Signal },
  ) => Outcome | Promise<Outcome>;
}

/**
 * How many of a pod's own annotations are looked at one by one. The nearest name of an unknown key takes some 30 µs, and
 * 256 KiB hold thousands of keys: a pod must not be able to delay others.
 */
const MOST_CHECKED = 500;

/** A pod with requests on its way through the pipeline. */
interface Review {
  readonly admission: AdmissionRequest;
  readonly pod: Pod;
  readonly requestKeys: readonly string[];
  /** Keys of the pod's annotations that the injector reads. */
  readonly vaultKeys: readonly string[];
}

/**
 * Compiles a configuration.
 *
 * @param settings what the pods get
 * @param plugins in the order in which they run
 * @param hash content hash of the configuration, for the audit log
 */
export function createPipeline(
  settings: Settings,
  plugins: readonly PluginInstance[],
  hash: string,
  ports: Pick<Ports, "clock" | "decodeUtf8" | "encodeUtf8" | "newId">,
): Pipeline {
  const { policy } = settings;
  const preparer = createPreparer(settings, ports);
  const planner = createPlanner(settings, plugins, hash);
  const guard = createGuard(policy);

  /** Admission request → keys of secret requests, or the outcome where there is nothing to do. */
  function open(admission: AdmissionRequest): Review | Outcome {
    if (admission.operation !== "CREATE") return UNCHANGED;
    const pod = readPod(admission.object);
    if (Array.isArray(pod)) return deny(pod);
    const requestKeys: string[] = [];
    const vaultKeys: string[] = [];
    for (const key in pod.annotations) {
      if (key.startsWith(REQUEST_PREFIX)) requestKeys.push(key);
      else if (key.startsWith(VAULT_DOMAIN)) vaultKeys.push(key);
    }
    if (requestKeys.length === 0 || isInjected(pod)) return UNCHANGED;
    if (requestKeys.length > 1) requestKeys.sort(compareRequestKeys);
    return { admission, pod, requestKeys, vaultKeys };
  }

  /** Secret requests → validated, transformed, folded. */
  function plan({ pod, requestKeys, vaultKeys }: Review): Plan {
    const prepareAll = () => requestKeys.map((key) => preparer.prepare(key, pod.annotations[key] ?? ""));
    if (policy.ids === "random" || vaultKeys.length > 0) return planner.plan(prepareAll(), pod, vaultKeys);
    return planner.planKnown(pod, requestKeys, prepareAll);
  }

  /** Plan and pod → checks → outcome. */
  function close({ pod, admission, vaultKeys }: Review, planned: Plan, run?: WaterfallRun): Outcome {
    const size = checkSize(pod, planned, ports.encodeUtf8);
    const issues = size ? [...planned.issues, size] : [...planned.issues];
    if (run) issues.push(...run.issues);
    for (const key of vaultKeys.slice(0, MOST_CHECKED)) {
      issues.push(...checkAnnotation(key, pod.annotations[key] ?? ""));
    }
    issues.push(...guard.checkPod(pod.annotations, planned.folded));
    const { namespace } = admission;
    const hasLabel = readLabel(pod.object, INJECT_LABEL) === "true";
    issues.push(...checkFinished({ pod: pod.object, namespace, annotations: planned.final, hasLabel }));
    const sorted = sortIssues(issues);
    const told: Pick<Outcome, "issues" | "auditAnnotations" | "explain" | "measure"> = {
      issues: sorted,
      auditAnnotations: planned.audit,
      explain: () => explain(pod, planned, run?.runs ?? []),
      measure: () => measureReview(planned.prepared, run?.runs ?? []),
    };
    const refusing = sorted.filter((issue) => refuses(issue, policy.strict));
    if (refusing.length > 0) {
      return { ...told, allowed: false, status: toStatus(refusing), warnings: [], patch: "" };
    }
    const patch = renderPatch([planned.operations, renderEnvOperations(pod.containers)]);
    return { ...told, allowed: true, warnings: toWarnings(sorted), patch };
  }

  /** The same steps with plugins between them. */
  async function reviewWithPlugins(review: Review, signal: Signal | undefined): Promise<Outcome> {
    const { pod, requestKeys, vaultKeys } = review;
    const prepared = requestKeys.map((key) => preparer.prepare(key, pod.annotations[key] ?? ""));
    const run = new WaterfallRun(plugins, ports.clock, signal);
    const context = toReviewContext(review, prepared);
    await run.runRequests(context);
    const changed = applyChanges(prepared, run.requests, preparer);
    const base = planner.plan(changed, pod, vaultKeys);
    const podLayer = toPodLayer(pod);
    const files = Object.fromEntries(
      changed.map(({ annotation, transformed }) => [annotation, transformed?.files ?? []]),
    );
    await run.runAnnotations(context, base.layers, podLayer, files, guard);
    const annotations = toAnnotations([...base.layers, ...run.layers, podLayer, base.corrections]);
    await run.runReviews({ ...context, annotations, files });
    return close(review, planner.plan(changed, pod, vaultKeys, run.layers), run);
  }

  return {
    review: (admission, options) => {
      const opened = open(admission);
      if ("allowed" in opened) return opened;
      if (plugins.length > 0) return reviewWithPlugins(opened, options?.signal);
      return close(opened, plan(opened));
    },
  };
}

const NOTHING_TO_EXPLAIN: Explanation = { requests: [], annotations: [], env: [], plugins: [] };

/** A pod without requests, or one that is served already. */
const UNCHANGED: Outcome = {
  allowed: true,
  issues: [],
  warnings: [],
  patch: "",
  auditAnnotations: {},
  explain: () => NOTHING_TO_EXPLAIN,
};

function deny(issues: readonly Issue[]): Outcome {
  return { ...UNCHANGED, allowed: false, status: toStatus(issues), issues };
}

/** The injector has run: its mark alone is not enough, since a copied manifest carries it as well. */
function isInjected({ annotations, containers }: Pod): boolean {
  return (
    annotations[VaultKey.status] === "injected" && containers.some(({ name }) => AGENT_CONTAINERS.has(name))
  );
}

function applyChanges(
  prepared: readonly PreparedRequest[],
  changes: WaterfallRun["requests"],
  preparer: Preparer,
): PreparedRequest[] {
  return prepared.flatMap((request) => {
    const changed = changes.get(request.annotation);
    if (changed === null) return [];
    if (changed === undefined || !request.request) return [request];
    return [preparer.prepareChanged(request.annotation, request.request, changed)];
  });
}

function toReviewContext({ admission, pod }: Review, prepared: readonly PreparedRequest[]): ReviewContext {
  const labels = readLabels(pod.object);
  const spec = isObject(pod.object.spec) ? pod.object.spec : {};
  return {
    pod: pod.object,
    namespace: admission.namespace,
    project: labels.project,
    domain: labels.domain,
    serviceAccount: typeof spec.serviceAccountName === "string" ? spec.serviceAccountName : "default",
    labels,
    user: admission.user,
    requests: Object.fromEntries(
      prepared.flatMap(({ annotation, request }) => (request ? [[annotation, request]] : [])),
    ),
  };
}
