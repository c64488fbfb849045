/**
 * `policy.mode: observe`: every pod is allowed unchanged. The webhook runs after Flyte's, compares Flyte's annotations with
 * its own, and reports the verdict as a metric and a log line.
 */
import type { AdmissionRequest } from "../core/admission/request.ts";
import type { Engine } from "../core/engine.ts";
import { isObject } from "../core/json.ts";
import type { Outcome } from "../core/outcome.ts";
import type { Ports } from "../core/ports.ts";
import { toAsked } from "../migrate/asked.ts";
import { type Comparison, compareOutcome, type Verdict } from "../migrate/compare.ts";
import type { Log } from "../telemetry/log.ts";

/** Callbacks for the results of comparisons. */
export interface ObserverOptions extends Pick<Ports, "decodeUtf8"> {
  /** Called once for each pod that requests secrets; `failed` if the review threw. */
  readonly onVerdict: (
    verdict: Verdict | "failed",
    request: AdmissionRequest,
    comparison?: Comparison,
  ) => void;
  readonly reportDefect: (error: unknown) => void;
}

/** No patch and no warnings: Flyte's webhook decides about the pod. */
const ALLOWED: Omit<Outcome, "explain"> = {
  allowed: true,
  issues: [],
  warnings: [],
  patch: "",
  auditAnnotations: {},
};

/** @returns an engine that allows every pod unchanged and reports what it would have done */
export function observeEngine(engine: Engine, options: ObserverOptions): Engine {
  return {
    ...engine,
    review: async (request, more) => {
      const { object } = request;
      const asked = isObject(object) ? toAsked(object, options) : undefined;
      const pass = (outcome?: Outcome): Outcome => ({
        ...ALLOWED,
        explain: outcome?.explain ?? explainNothing,
      });
      if (!asked?.asks || !isObject(object) || request.operation !== "CREATE") return pass();
      try {
        const outcome = await engine.review({ ...request, object: asked.pod }, more);
        const comparison = compareOutcome(object, asked.pod, asked.isServed, outcome);
        options.onVerdict(comparison.verdict, request, comparison);
        return pass(outcome);
      } catch (error) {
        options.reportDefect(error);
        options.onVerdict("failed", request);
        return pass();
      }
    },
  };
}

const explainNothing: Outcome["explain"] = () => ({ requests: [], annotations: [], env: [], plugins: [] });

/**
 * Logs one comparison, without values or Vault paths; `preview` shows those to people who may read the pod.
 */
export function logVerdict(
  log: Log,
  verdict: Verdict | "failed",
  request: AdmissionRequest,
  comparison?: Comparison,
): void {
  const { differences = [], refusals = [] } = comparison ?? {};
  const metadata =
    isObject(request.object) && isObject(request.object.metadata) ? request.object.metadata : {};
  const labels = isObject(metadata.labels) ? metadata.labels : {};
  const rules = [...new Set(differences.flatMap(({ rule }) => rule ?? []))];
  const kinds = differences.filter(({ rule }) => rule === undefined).map(({ kind }) => kind);
  log(verdict === "same" || verdict === "better" ? "info" : "warn", "observed", {
    ...{
      uid: request.uid,
      namespace: request.namespace,
      pod: toText(metadata.name ?? metadata.generateName),
    },
    ...{ project: toText(labels.project), domain: toText(labels.domain), verdict },
    ...(rules.length > 0 && { rules }),
    ...(kinds.length > 0 && { different: [...new Set(kinds)] }),
    ...(refusals.length > 0 && { issues: refusals }),
  });
}

function toText(value: unknown): string | undefined {
  return typeof value === "string" ? value.slice(0, 253) : undefined;
}
