/**
 * One pod, twice: as Flyte's webhook left it, and as this one would. Every difference says which rule of
 * docs/differences.md makes it, where one does; a migration report and `policy.mode: observe` use the same comparison.
 */
import { isObject, type JsonObject } from "../core/json.ts";
import type { Outcome } from "../core/outcome.ts";
import { applyPatch, type Operation } from "../core/patch/apply.ts";
import { toFlytePath } from "../core/vault/file.ts";
import { type AskedOptions, toAsked } from "./asked.ts";
import { compareServed, type Difference } from "./differences.ts";
import { readServed } from "./served.ts";

/**
 * What the comparison comes to. `same`: equal but for ids and order. `better`: differs by numbered rules only. `different`:
 * differs otherwise. `would-refuse`: this webhook would not admit the pod. `not-served`: Flyte's webhook has put no Vault
 * annotations on it, so that there is nothing to compare.
 */
export type Verdict = "same" | "better" | "different" | "would-refuse" | "not-served";

/** Both results of one pod, compared. */
export interface Comparison {
  readonly verdict: Verdict;
  readonly differences: readonly Difference[];
  /** Codes of the issues that refuse the pod. */
  readonly refusals: readonly string[];
}

/** Rules of docs/differences.md that refuse what Flyte's webhook lets through, by the code of the issue. */
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

/** @returns the number of the rule in docs/differences.md that an issue's code belongs to, if one does. */
export function toRule(code: string): number | undefined {
  return REFUSING_RULES[code];
}

/** A pod on its way through a comparison. */
export interface Asked extends AskedOptions {
  /** Reviews the pod as it was created. */
  readonly review: (pod: JsonObject) => Outcome | Promise<Outcome>;
}

/**
 * Compares what Flyte's webhook did for a stored pod with what this one would do.
 *
 * @returns nothing for a pod that asks for no secrets
 */
export async function comparePod(stored: JsonObject, asked: Asked): Promise<Comparison | undefined> {
  const { pod, asks, isServed } = toAsked(stored, asked);
  if (!asks) return undefined;
  const outcome = await asked.review(pod);
  return compareOutcome(stored, pod, isServed, outcome);
}

/** The same with the review at hand. */
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
  // The engine's own patch: what it renders are operations.
  return operations as readonly Operation[];
}

/** @returns whether a value is a pod that can be compared. */
export function isPod(value: unknown): value is JsonObject {
  return isObject(value) && value.kind === "Pod" && value.apiVersion === "v1";
}
