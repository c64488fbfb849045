/**
 * The pipeline: every step of a review, in order. `/mutate`, `/preview` and the command line all run it, and differ only in
 * their use of the outcome.
 *
 * AdmissionRequest → secret requests → plugins: requests → validate → base Vault transformer →
 * plugins: annotations → plugins: review → checks → Outcome
 */
import { type Pod, readLabel, readLabels, readPod } from "./admission/pod.ts";
import type { AdmissionRequest } from "./admission/request.ts";
import { judge } from "./admission/status.ts";
import { reportLookAlike } from "./check/annotation.ts";
import { checkCarried } from "./check/carried.ts";
import { readContext, reportInContext } from "./check/context.ts";
import { checkFinished } from "./check/finished.ts";
import { checkOwnFolder } from "./check/folder.ts";
import { createGuard } from "./check/policy.ts";
import { checkOwnSize, checkSize, measureOwnSize } from "./check/size.ts";
import { checkAddedSize, checkFinalizer, checkLasting, checkReplaced } from "./check/variable.ts";
import { Findings } from "./issue/findings.ts";
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
import { sortRequestKeys } from "./secret/codec.ts";
import { INJECT_LABEL } from "./secret/request.ts";
import type { Settings } from "./settings.ts";
import type { Signal } from "./signal.ts";
import { renderEnvOperations } from "./vault/env.ts";
import { AGENT_CONTAINERS, VaultKey } from "./vault/key.ts";

/** Reviews admission requests under one configuration. */
export interface Pipeline {
  /** Returns a promise only if a plugin does. Never throws because of its input. */
  readonly review: (
    request: AdmissionRequest,
    options?: { readonly signal?: Signal },
  ) => Outcome | Promise<Outcome>;
}

/** A pod with requests on its way through the pipeline. */
interface Review {
  readonly admission: AdmissionRequest;
  readonly pod: Pod;
  /** Upper bound of the size of the pod's own annotations, in bytes. */
  readonly ownBytes: number;
}

/**
 * Compiles a configuration.
 *
 * @param settings the parsed configuration
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

  /** Admission request → a review with its keys sorted out, or the outcome if there is nothing to do. */
  function open(admission: AdmissionRequest): Review | Outcome {
    if (admission.operation !== "CREATE") return UNCHANGED;
    const pod = readPod(admission.object);
    if (pod instanceof Findings) return deny(pod);
    if (pod.requestKeys.length === 0 || isInjected(pod)) return UNCHANGED;
    const ownBytes = measureOwnSize(pod);
    const size = checkOwnSize(ownBytes);
    if (size) return deny(Findings.of(size));
    return { admission, pod, ownBytes };
  }

  /** Secret requests → validated, transformed, folded. */
  function plan({ pod }: Review): Plan {
    const { annotations, requestKeys } = pod;
    return planner.plan(pod, requestKeys, () =>
      preparer.prepareAll(sortRequestKeys(requestKeys), annotations),
    );
  }

  /** Plan and pod → checks → outcome. */
  function close(review: Review, planned: Plan, run?: WaterfallRun): Outcome {
    const { pod } = review;
    const found = check(review, planned, run);
    // Most pods add nothing to what the shared plan found, and then its verdict is used as it is.
    const { issues, status, warnings } = found ? judge(found, policy.strict) : planned.verdict;
    const { audit: auditAnnotations, auditText } = planned;
    const explainAll = () => explain(pod, planned, run);
    const measure = () => measureReview(planned.prepared, run?.runs ?? []);
    if (status) {
      const shared = { issues, warnings, auditAnnotations, explain: explainAll, measure };
      return { allowed: false, status, patch: "", ...shared };
    }
    const env = renderEnvOperations(pod.containers, planned.lines.secretsDir, planned.requested);
    const encoded = { patch: planned.patch.encode(env), auditAnnotations: auditText };
    return {
      allowed: true,
      // `/mutate` sends the encoded patch and never reads its text, so the text is rendered only for previews.
      get patch() {
        return renderPatch(planned.patch, env);
      },
      issues,
      warnings,
      auditAnnotations,
      encoded,
      explain: explainAll,
      measure,
    };
  }

  /** Checks the variables that the requests ask for against the pod. */
  function checkRequested(pod: Pod, planned: Plan, found: Findings): void {
    const { requested, lines } = planned;
    const { variables } = requested;
    const dir = lines.secretsDir;
    checkAddedSize(variables, pod.containers.length, dir, found);
    checkReplaced(requested, pod.containers, dir, found);
    checkFinalizer(variables, pod.object.metadata, found);
    checkLasting(variables, pod.object, found);
  }

  /**
   * Checks the pod and the change together.
   *
   * @returns the plan's findings and the pod's own; `undefined` if the pod has none of its own
   */
  function check(review: Review, planned: Plan, run?: WaterfallRun): Findings | undefined {
    const { pod } = review;
    const found = new Findings();
    const size = checkSize(pod, review.ownBytes, planned);
    if (size) found.add(size);
    if (run) found.addAll(run.issues);
    if (planned.requested.variables.length > 0) checkRequested(pod, planned, found);
    checkAnnotations(review, planned, found);
    if (found.total + found.unchecked === 0) return undefined;
    const all = new Findings();
    all.merge(planned.found);
    all.merge(found);
    return all;
  }

  /** Checks the pod's own annotations, and the finished change, unless enough issues refuse the pod already. */
  function checkAnnotations(review: Review, planned: Plan, found: Findings): void {
    const { pod, admission } = review;
    const { vaultKeys, lookAlikes } = pod;
    if (planned.found.isFull) {
      found.leaveUnchecked(vaultKeys.length);
      return;
    }
    const refused = new Findings();
    guard.checkPod(pod.annotations, planned.lines, refused);
    if (refused.isFull) {
      found.merge(refused);
      return;
    }
    if (vaultKeys.length > 0) found.merge(recallOwn(review, planned));
    for (const key of lookAlikes) reportLookAlike(key, found);
    found.merge(refused);
    const { namespace, isPreview = false } = admission;
    const hasLabel = readLabel(pod.object, INJECT_LABEL) === "true";
    checkFinished(planned.rules, { pod: pod.object, namespace, hasLabel, isPreview }, found);
  }

  /** The same steps with the plugins' hooks between them; synchronous as long as no plugin returns a promise. */
  function reviewWithPlugins(review: Review, options: { readonly signal?: Signal }): Eventual<Outcome> {
    const { pod: carried } = review;
    const asked = plan(review);
    const run = new WaterfallRun(configured, toPodFacts(review, asked.prepared), ports, options);
    return andThen(run.runRequests(), () => {
      const changed = run.requests.size > 0 && applyChanges(asked.prepared, run.requests, preparer);
      const base = changed ? planner.planChanged(carried, changed) : asked;
      const toView = (above: readonly Layer[]): View => ({
        get below() {
          return base.lines.layers;
        },
        above,
        files: () => toFiles(base),
        texts: () => toTexts(base),
      });
      return andThen(run.runAnnotations(toView([]), guard), () =>
        andThen(run.runReviews(toView([base.corrections])), () =>
          close(review, planner.planOver(base, run.layers, carried), run),
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

/** The outcome for a pod without requests, or one that is already injected. */
const UNCHANGED: Outcome = {
  allowed: true,
  issues: [],
  warnings: [],
  patch: "",
  auditAnnotations: {},
  explain: () => NOTHING_TO_EXPLAIN,
};

/** What was found in the annotations of the injector that a plan's pods carry: all of them carry the same. */
const own = new WeakMap<Plan, Findings>();

function recallOwn(review: Review, planned: Plan): Findings {
  const known = own.get(planned);
  if (known) return known;
  const found = checkOwn(review, planned);
  own.set(planned, found);
  return found;
}

/** Checks the annotations of the injector that the pod carries itself. */
function checkOwn(review: Review, planned: Plan): Findings {
  const { pod } = review;
  const found = new Findings();
  const context = readContext(planned.final);
  for (const key of pod.vaultKeys) {
    const annotation = planned.final.find(key);
    if (annotation) reportInContext(annotation, context, found);
  }
  checkCarried(planned.files, pod.annotations, planned.lines.folded, found);
  const ids = planned.files.map(({ id }) => id);
  found.addAll(checkOwnFolder(pod.annotations, planned.lines.secretsDir, ids));
  return found;
}

/** @param found issues of severity `deny` only */
function deny(found: Findings): Outcome {
  const { issues, status } = judge(found, false);
  return { ...UNCHANGED, allowed: false, issues, ...(status && { status }) };
}

/** Whether the injector has run. Its status annotation alone is not enough, because a copied manifest has it as well. */
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

/** The files of each request, under the ids that the pod will have. */
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

/** Texts for plugin threads, rendered once per plan: most pods share their plan with others. */
const texts = new WeakMap<Plan, Pick<Wire, "below" | "files">>();

function toTexts(plan: Plan): Pick<Wire, "below" | "files"> {
  const known = texts.get(plan);
  if (known) return known;
  const made = { below: renderLayers(plan.lines.layers), files: JSON.stringify(toFiles(plan)) };
  texts.set(plan, made);
  return made;
}
