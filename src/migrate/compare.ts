/**
 * Compares the results of Flyte's webhook and of this one for the same pod. Each difference names its rule in
 * docs/differences.md, if any. Migration reports and `policy.mode: observe` use the same comparison.
 */
import { isObject, type JsonObject } from "../core/json.ts";
import type { Outcome } from "../core/outcome.ts";
import { applyPatch, type Operation } from "../core/patch/apply.ts";
import { toFlytePath } from "../core/vault/file.ts";
import { type AskedOptions, toAsked } from "./asked.ts";
import { compareServed, type Difference } from "./differences.ts";
import { readServed } from "./served.ts";

/**
 * The result of a comparison. `same`: equal except for ids and order. `better`: differs by numbered rules only. `different`:
 * differs otherwise. `would-refuse`: this webhook would refuse the pod. `not-served`: Flyte's webhook has not added Vault
 * annotations, so there is nothing to compare.
 */
export type Verdict = "same" | "better" | "different" | "would-refuse" | "not-served";

/** Both results of one pod, compared. */
export interface Comparison {
  readonly verdict: Verdict;
  readonly differences: readonly Difference[];
  /** Codes of the issues that refuse the pod. */
  readonly refusals: readonly string[];
}

/** Rules of docs/differences.md that refuse what Flyte's webhook allows, by issue code. */
const REFUSING_RULES: Readonly<Record<string, number>> = {
  "secret.control-character": 3,
  "secret.template-delimiter": 3,
  "secret.path-segment": 3,
  "secret.database-quote": 3,
  "secret.carried": 5,
  "secret.file-twice": 6,
  "secret.file-in-file": 6,
  "secret.utf8": 15,
  "secret.version-clash": 18,
  "secret.database-path": 18,
};

/** @returns the number of the rule in docs/differences.md for an issue code; `undefined` if there is none */
export function toRule(code: string): number | undefined {
  return REFUSING_RULES[code];
}

/** The options of a comparison. */
export interface Asked extends AskedOptions {
  /** Reviews the pod as it was created. */
  readonly review: (pod: JsonObject) => Outcome | Promise<Outcome>;
}

/**
 * Compares what Flyte's webhook did for a stored pod with what this one would do.
 *
 * @returns the comparison; `undefined` if the pod asks for no secrets
 */
export async function comparePod(stored: JsonObject, asked: Asked): Promise<Comparison | undefined> {
  const { pod, asks, isServed } = toAsked(stored, asked);
  if (!asks) return undefined;
  const outcome = await asked.review(pod);
  return compareOutcome(stored, pod, isServed, outcome);
}

/** Compares as {@link comparePod} does, with an outcome that is already known. */
export function compareOutcome(
  stored: JsonObject,
  pod: JsonObject,
  isServed: boolean,
  outcome: Outcome,
): Comparison {
  if (!outcome.allowed) {
    const refusals = outcome.issues.filter(({ severity }) => severity === "deny").map(({ code }) => code);
    const codes = refusals.length > 0 ? refusals : outcome.issues.map(({ code }) => code);
    return { verdict: "would-refuse", differences: [], refusals: [...new Set(codes)] };
  }
  if (!isServed) return { verdict: "not-served", differences: [], refusals: [] };
  const ours = readServed(applyPatch(pod, toOperations(outcome.patch)));
  const countRequests = (path: string) =>
    outcome.explain().requests.filter((request) => toFlytePath(request) === path).length;
  const differences = compareServed(readServed(stored), ours, countRequests);
  return { verdict: toVerdict(differences), differences, refusals: [] };
}

function toVerdict(differences: readonly Difference[]): Verdict {
  if (differences.length === 0) return "same";
  return differences.every(({ rule }) => rule !== undefined) ? "better" : "different";
}

function toOperations(patch: string): readonly Operation[] {
  const operations: unknown = patch === "" ? [] : JSON.parse(patch);
  // The patch comes from the pipeline, so its text is a list of operations.
  return operations as readonly Operation[];
}

/** @returns whether a value is a v1 Pod */
export function isPod(value: unknown): value is JsonObject {
  return isObject(value) && value.kind === "Pod" && value.apiVersion === "v1";
}
