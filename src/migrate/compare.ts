/**
 * One pod, twice: as Flyte's webhook left it, and as this one would. Every difference says which rule of
 * docs/differences.md makes it, where one does; a migration report and `policy.mode: observe` use the same comparison.
 */
import { isObject, type JsonObject } from "../core/json.ts";
import type { Outcome } from "../core/outcome.ts";
import { applyPatch, type Operation } from "../core/patch/apply.ts";
import { toFlytePath } from "../core/vault/file.ts";
import { VaultKey, VaultKeyPrefix } from "../core/vault/key.ts";
import { renderFlyteTemplate, renderTemplate } from "../core/vault/template.ts";
import { type AskedOptions, toAsked } from "./asked.ts";
import { type DeclaredFile, readServed, type Served } from "./served.ts";

/**
 * What the comparison comes to. `same`: equal but for ids and order. `better`: differs by numbered rules only. `different`:
 * differs otherwise. `would-refuse`: this webhook would not admit the pod. `not-served`: Flyte's webhook has put no Vault
 * annotations on it, so that there is nothing to compare.
 */
export type Verdict = "same" | "better" | "different" | "would-refuse" | "not-served";

/** What differs. `role`, `namespace` and `path` decide which secret is read, and where the task looks for it. */
export type DifferenceKind = "role" | "namespace" | "path" | "annotation" | "template" | "file" | "variable";

/** One difference. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** Number of the rule in docs/differences.md that makes it; absent where none does. */
  readonly rule?: number;
  /** Key of the annotation, path of the file, or container and variable. */
  readonly what: string;
  /** Flyte's value; absent where there is none. */
  readonly from?: string;
  /** Ours; absent where there is none. */
  readonly to?: string;
}

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

/** Whether a difference can make a task read another secret, or none. */
export function isCritical({ kind, rule }: Difference): boolean {
  return rule === undefined && (kind === "role" || kind === "namespace" || kind === "path");
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

/** @returns how many requests of the pod lead to a file. */
type CountRequests = (path: string) => number;

function compareServed(flyte: Served, ours: Served, countRequests: CountRequests): readonly Difference[] {
  return [
    ...compareAnnotations(flyte.annotations, ours.annotations),
    ...compareFiles(flyte.files, ours.files, countRequests),
    ...compareVariables(flyte, ours),
  ];
}

function compareAnnotations(
  flyte: ReadonlyMap<string, string>,
  ours: ReadonlyMap<string, string>,
): readonly Difference[] {
  return [...new Set([...flyte.keys(), ...ours.keys()])].flatMap((what) => {
    const [from, to] = [flyte.get(what), ours.get(what)];
    return from === to ? [] : [toDifference({ kind: toKind(what), what }, from, to)];
  });
}

function toKind(key: string): DifferenceKind {
  if (key === VaultKey.role) return "role";
  if (key === VaultKey.namespace) return "namespace";
  return key === VaultKey.secretVolumePath || key.startsWith(VaultKeyPrefix.volume) ? "path" : "annotation";
}

function toDifference(
  difference: Omit<Difference, "from" | "to">,
  from: string | undefined,
  to: string | undefined,
): Difference {
  return { ...difference, ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

function compareFiles(
  flyte: readonly DeclaredFile[],
  ours: readonly DeclaredFile[],
  countRequests: CountRequests,
): readonly Difference[] {
  const paths = new Set([...flyte, ...ours].map(({ file }) => file));
  return [...paths].flatMap((path) => {
    const [before, after] = [flyte, ours].map((files) => files.filter(({ file }) => file === path));
    return compareFile(path, before ?? [], after ?? [], countRequests);
  });
}

function compareFile(
  what: string,
  before: readonly DeclaredFile[],
  after: readonly DeclaredFile[],
  countRequests: CountRequests,
): readonly Difference[] {
  const [from, to] = [before[0], after[0]];
  if (!from || !to) {
    // A second spelling of a file harms nobody; one that is gone is missed by its task.
    return [toDifference({ kind: from ? "path" : "file", what }, from?.secret, to?.secret)];
  }
  const found: Difference[] = [];
  if (from.secret !== to.secret) found.push(toDifference({ kind: "path", what }, from.secret, to.secret));
  else found.push(...compareTemplates(from, to, before));
  if (before.length > after.length) {
    // One set for each request, though they are the same; more sets than requests come from a second pass.
    const rule = countRequests(what) >= before.length ? 6 : 5;
    const facts = { from: `declared ${before.length} times`, to: `declared ${after.length} times` };
    found.push({ kind: "file", rule, what, ...facts });
  }
  return found;
}

function compareTemplates(
  from: DeclaredFile,
  to: DeclaredFile,
  all: readonly DeclaredFile[],
): readonly Difference[] {
  if (all.some(({ template }) => template === to.template)) return [];
  const rules = explainTemplate(from, to);
  const facts = toDifference({ kind: "template", what: to.file }, from.template, to.template);
  return rules.length === 0 ? [facts] : rules.map((rule) => ({ ...facts, rule }));
}

const IDENTIFIER = /^[\p{L}_][\p{L}\p{Nd}_]*$/u;

/** @returns the rules that turn Flyte's template of a secret into ours; none where it is not Flyte's, or of another engine. */
function explainTemplate({ secret, file, template }: DeclaredFile, ours: DeclaredFile): readonly number[] {
  const key = file.slice(secret.length + 1);
  const engine = (["kv1", "kv2"] as const).find(
    (each) => renderTemplate(each, secret, key) === ours.template,
  );
  if (!engine || !file.startsWith(`${secret}/`)) return [];
  // Flyte leaves the template out where kvVersion is a number in its configuration.
  if (template === undefined) return [11];
  if (template !== renderFlyteTemplate(engine, secret, key)) return [];
  return [
    ...(IDENTIFIER.test(key) ? [] : [1]),
    ...(/["\\]/.test(secret) ? [2] : []),
    ...(/[#%?:]|^\s|\s$/u.test(secret) ? [18] : []),
  ];
}

function compareVariables(flyte: Served, ours: Served): readonly Difference[] {
  return ours.variables.flatMap((mine): readonly Difference[] => {
    const theirs = flyte.variables.find(
      ({ container, name }) => container === mine.container && name === mine.name,
    );
    const what = `${mine.container}: ${mine.name}`;
    if (theirs && theirs.count > 1) {
      return [{ kind: "variable", rule: 10, what, from: `set ${theirs.count} times`, to: "set once" }];
    }
    if (theirs?.value === mine.value) return [];
    // The configuration moves the secrets: here the variable follows, and the task finds them.
    if (theirs && flyte.annotations.get(VaultKey.secretVolumePath) === mine.value) {
      return [toDifference({ kind: "variable", rule: 19, what }, theirs.value, mine.value)];
    }
    return [toDifference({ kind: "path", what }, theirs?.value, mine.value)];
  });
}

/** @returns whether a value is a pod that can be compared. */
export function isPod(value: unknown): value is JsonObject {
  return isObject(value) && value.kind === "Pod" && value.apiVersion === "v1";
}
