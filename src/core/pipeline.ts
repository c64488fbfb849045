/**
 * The pipeline, every step in order. `/mutate`, `/preview` and the command line all walk it; only what they do with
 * the outcome differs.
 *
 * AdmissionRequest → secret requests → plugins: requests → validate → base Vault transformer →
 * plugins: annotations → plugins: review → checks → Outcome
 */
import { type Pod, readLabel, readLabels, readPod } from "./admission/pod.ts";
import type { AdmissionRequest } from "./admission/request.ts";
import { judge, toStatus } from "./admission/status.ts";
import { checkAnnotation } from "./check/annotation.ts";
import { checkCarried } from "./check/carried.ts";
import { checkFinished } from "./check/finished.ts";
import { createGuard } from "./check/policy.ts";
import { checkSize } from "./check/size.ts";
import type { Issue } from "./issue/issue.ts";
import { isObject } from "./json.ts";
import type { Layer } from "./layer.ts";
import { type Explanation, measureReview, type Outcome } from "./outcome.ts";
import { renderPatch } from "./patch/render.ts";
import { explain } from "./plan/explain.ts";
import { createPlanner, type Plan } from "./plan/plan.ts";
import { createPreparer, type PreparedRequest, type Preparer } from "./plan/prepare.ts";
import { configurePlugin } from "./plugin/configured.ts";
import type { PluginInstance } from "./plugin/instance.ts";
import { andThen, type Eventual } from "./plugin/turn.ts";
import { type PodFacts, type View, WaterfallRun } from "./plugin/waterfall.ts";
import { type Annotated, renderLayers, type Wire } from "./plugin/wire.ts";
import type { Ports } from "./ports.ts";
import { compareRequestKeys } from "./secret/codec.ts";
import { INJECT_LABEL, REQUEST_PREFIX } from "./secret/request.ts";
import type { Settings } from "./settings.ts";
import type { Signal } from "./signal.ts";
import { renderEnvOperations } from "./vault/env.ts";
import { AGENT_CONTAINERS, VAULT_DOMAIN, VaultKey } from "./vault/key.ts";

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
  /** In the order of the pod. */
  readonly requestKeys: readonly string[];
  /** Keys of the pod's annotations that the injector reads. */
  readonly vaultKeys: readonly string[];
}

/**
 * Compiles a configuration.
 *
 * @param settings what the pods get
 * @param plugins one for each entry of `settings.plugins`, in the same order
 * @param hash content hash of the configuration, for the audit log
 */
export function createPipeline(
  settings: Settings,
  plugins: readonly PluginInstance[],
  hash: string,
  ports: Omit<Ports, "resolvePlugin">,
): Pipeline {
  const { policy } = settings;
  const preparer = createPreparer(settings, ports);
  const planner = createPlanner(settings, plugins, hash, ports.encodeBase64);
  const guard = createGuard(policy);
  const configured = plugins.flatMap((instance, entry) => {
    const own = settings.plugins[entry];
    return own ? [configurePlugin(instance, own, entry)] : [];
  });

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
    return { admission, pod, requestKeys, vaultKeys };
  }

  /** Secret requests → validated, transformed, folded. */
  function plan({ pod, requestKeys, vaultKeys }: Review): Plan {
    const prepareAll = () =>
      requestKeys
        .toSorted(compareRequestKeys)
        .map((key) => preparer.prepare(key, pod.annotations[key] ?? ""));
    if (policy.ids === "random" || vaultKeys.length > 0) return planner.plan(prepareAll(), pod, vaultKeys);
    return planner.planKnown(pod, requestKeys, prepareAll);
  }

  /** Plan and pod → checks → outcome. */
  function close(review: Review, planned: Plan, run?: WaterfallRun): Outcome {
    const { pod } = review;
    const found = check(review, planned, run);
    const verdict =
      found.length === 0 ? planned.verdict : judge([...planned.issues, ...found], policy.strict);
    const { issues, status, warnings } = verdict;
    const auditAnnotations = planned.audit;
    const explainAll = () => explain(pod, planned, run?.runs ?? []);
    const measure = () => measureReview(planned.prepared, run?.runs ?? []);
    const told = { issues, warnings, auditAnnotations, explain: explainAll, measure };
    if (status) return { allowed: false, status, patch: "", ...told };
    const env = renderEnvOperations(pod.containers);
    const encoded = { patch: planned.patch.encode(env), auditAnnotations: planned.auditText };
    return { allowed: true, patch: renderPatch(planned.patch, env), encoded, ...told };
  }

  /** What is wrong with the pod and the change together; the plan's own issues stand before. */
  function check({ pod, admission, vaultKeys }: Review, planned: Plan, run?: WaterfallRun): Issue[] {
    const size = checkSize(pod, planned, ports.encodeUtf8);
    const found = size ? [size] : [];
    if (run) found.push(...run.issues);
    for (let i = 0; i < Math.min(vaultKeys.length, MOST_CHECKED); i++) {
      const key = vaultKeys[i] ?? "";
      found.push(...checkAnnotation(key, pod.annotations[key] ?? ""));
    }
    if (vaultKeys.length > 0) found.push(...checkCarried(planned.files, pod.annotations, planned.folded));
    found.push(...guard.checkPod(pod.annotations, planned));
    const { namespace } = admission;
    const hasLabel = readLabel(pod.object, INJECT_LABEL) === "true";
    found.push(...checkFinished({ pod: pod.object, namespace, annotations: planned.final, hasLabel }));
    return found;
  }

  /** The same steps with plugins between them; synchronous as long as every plugin answers at once. */
  function reviewWithPlugins(review: Review, options: { readonly signal?: Signal }): Eventual<Outcome> {
    const { pod, vaultKeys } = review;
    const asked = plan(review);
    const run = new WaterfallRun(configured, toPodFacts(review, asked.prepared), ports, options);
    return andThen(run.runRequests(), () => {
      const changed = run.requests.size > 0 && applyChanges(asked.prepared, run.requests, preparer);
      const base = changed ? planner.plan(changed, pod, vaultKeys) : asked;
      const toView = (above: readonly Layer[]): View => ({
        get below() {
          return base.layers;
        },
        above,
        files: () => toFiles(base),
        texts: () => toTexts(base),
      });
      return andThen(run.runAnnotations(toView([]), guard), () =>
        andThen(run.runReviews(toView([base.corrections])), () =>
          close(review, planner.planOver(base, run.layers, pod, vaultKeys), run),
        ),
      );
    });
  }

  return {
    review: (admission, options) => {
      const opened = open(admission);
      if ("allowed" in opened) return opened;
      if (plugins.length > 0) return reviewWithPlugins(opened, options ?? {});
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

function toPodFacts({ admission, pod }: Review, prepared: readonly PreparedRequest[]): PodFacts {
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

/** Files under the ids that the pod will have them by. */
function toFiles({ prepared, files }: Plan): Annotated["files"] {
  const reused = new Map(files.map((file) => [file.identity, file]));
  return Object.fromEntries(
    prepared.map(({ annotation, transformed }) => [
      annotation,
      (transformed?.files ?? []).map((own) => {
        const { id, path, for: readers } = reused.get(own.identity) ?? own;
        return { id, path, for: readers };
      }),
    ]),
  );
}

/** Texts for other threads, which live as long as their plan does. */
const texts = new WeakMap<Plan, Pick<Wire, "below" | "files">>();

function toTexts(plan: Plan): Pick<Wire, "below" | "files"> {
  const known = texts.get(plan);
  if (known) return known;
  const made = { below: renderLayers(plan.layers), files: JSON.stringify(toFiles(plan)) };
  texts.set(plan, made);
  return made;
}
