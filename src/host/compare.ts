/** Finds what a new engine would do differently from the current one, with recently reviewed pods. */
import type { AdmissionRequest } from "../core/admission/request.ts";
import type { Engine } from "../core/engine.ts";
import { quote } from "../core/issue/define.ts";
import type { Outcome } from "../core/outcome.ts";
import { hashPath } from "../core/plan/audit.ts";
import type { AuditPaths } from "../core/settings.ts";
import { VAULT_DOMAIN } from "../core/vault/key.ts";
import { within } from "./limit.ts";
import { webPorts } from "./ports.ts";
import { reviewSample } from "./samples.ts";

/** The result of a comparison: counts of pods, and a list of changes. */
export interface Comparison {
  /** Pods that both engines reviewed within the time. */
  readonly reviewed: number;
  /** Pods whose result would differ. */
  readonly changed: number;
  /** Pods that the current engine allows. */
  readonly allowed: number;
  /** Pods that both engines allow. */
  readonly stillAllowed: number;
  /** Codes of newly refused pods, with the number of pods for each. */
  readonly refused: ReadonlyMap<string, number>;
  readonly newlyRefused: number;
  /** Codes of pods for which the webhook would newly fail, with the number of pods for each. */
  readonly failing: ReadonlyMap<string, number>;
  readonly newlyFailing: number;
  readonly newlyAllowed: number;
  /** Changes of annotations, each with the number of pods, most frequent first. */
  readonly changes: readonly string[];
  /** Namespaces of pods whose result would differ. */
  readonly namespaces: readonly string[];
}

/** The time limit, and what may be shown. */
export interface CompareOptions {
  /** Time for all pods together, milliseconds. */
  readonly ms: number;
  readonly paths: AuditPaths;
}

const MOST_CHANGES = 10;
const MOST_NAMESPACES = 10;

/** Reviews pods with both engines, yielding between pods so that admissions are not delayed. */
export async function comparePods(
  before: Engine,
  after: Engine,
  pods: readonly AdmissionRequest[],
  { ms, paths }: CompareOptions,
): Promise<Comparison> {
  const end = performance.now() + ms;
  const tally = new Tally(paths);
  for (const pod of pods) {
    const left = end - performance.now();
    const outcomes =
      left > 0 ? await within(left, reviewBoth(before, after, pod), () => undefined) : undefined;
    if (!outcomes) break;
    tally.count(pod, ...outcomes);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return tally.sum();
}

/** Repeats the new engine's review after a plugin timeout: the first call of a new plugin is its slowest. */
async function reviewBoth(before: Engine, after: Engine, pod: AdmissionRequest): Promise<[Outcome, Outcome]> {
  const old = await reviewSample(before, pod);
  const next = await reviewSample(after, pod);
  return [old, next.status?.code === 504 ? await reviewSample(after, pod) : next];
}

class Tally {
  readonly #paths: AuditPaths;
  readonly #refused = new Map<string, number>();
  readonly #failing = new Map<string, number>();
  readonly #changes = new Map<string, number>();
  readonly #namespaces = new Set<string>();
  readonly #counts = {
    reviewed: 0,
    changed: 0,
    allowed: 0,
    stillAllowed: 0,
    newlyRefused: 0,
    newlyFailing: 0,
    newlyAllowed: 0,
  };

  constructor(paths: AuditPaths) {
    this.#paths = paths;
  }

  count({ namespace }: AdmissionRequest, before: Outcome, after: Outcome): void {
    const counts = this.#counts;
    counts.reviewed++;
    if (before.allowed) counts.allowed++;
    if (after.allowed) counts.stillAllowed++;
    const isFailure = (after.status?.code ?? 0) >= 500 && (before.status?.code ?? 0) < 500;
    if (isFailure) {
      counts.newlyFailing++;
      add(this.#failing, codeOf(after));
    } else if (before.allowed && !after.allowed) {
      counts.newlyRefused++;
      add(this.#refused, codeOf(after));
    } else if (!before.allowed && after.allowed) counts.newlyAllowed++;
    const changes = before.allowed && after.allowed ? describeChanges(before, after, this.#paths) : [];
    for (const change of changes) add(this.#changes, change);
    if (changes.length > 0) counts.changed++;
    if (changes.length > 0 || before.allowed !== after.allowed || isFailure) this.#namespaces.add(namespace);
  }

  sum(): Comparison {
    const sorted = [...this.#changes].toSorted(([, a], [, b]) => b - a);
    return {
      ...this.#counts,
      refused: this.#refused,
      failing: this.#failing,
      changes: sorted
        .slice(0, MOST_CHANGES)
        .map(([text, count]) => `${count} of ${this.#counts.reviewed} recent pods: ${text}`),
      namespaces: [...this.#namespaces].slice(0, MOST_NAMESPACES),
    };
  }
}

/** @returns counts by code in one line, such as `2 secret.group-missing, 1 plugin.failed` */
export function describeCodes(codes: ReadonlyMap<string, number>): string {
  return [...codes].map(([code, count]) => `${count} ${code}`).join(", ");
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function codeOf({ issues }: Outcome): string {
  return issues[0]?.code ?? "unknown";
}

function describeChanges(before: Outcome, after: Outcome, paths: AuditPaths): string[] {
  if (before.patch === after.patch) return [];
  const [old, next] = [collect(before), collect(after)];
  return [...new Set([...old.keys(), ...next.keys()])].flatMap((key) => {
    const [from, to] = [old.get(key), next.get(key)];
    if (from?.join("\n") === to?.join("\n")) return [];
    return [`${key} ${from ? show(key, from, paths) : "(none)"} → ${to ? show(key, to, paths) : "(none)"}`];
  });
}

/** Values by key. Keys of single secrets are collected without their ids, which may be random or change with a path. */
function collect(outcome: Outcome): Map<string, string[]> {
  const { annotations, requests } = outcome.explain();
  const ids = requests.flatMap(({ files }) => files.map(({ id }) => id));
  const values = new Map<string, string[]>();
  for (const { key, value } of annotations) {
    const id = ids.find((each) => key.endsWith(`-${each}`));
    const name = id === undefined ? key : `${key.slice(0, -id.length)}<id>`;
    values.set(
      name,
      [...(values.get(name) ?? []), id === undefined ? value : value.replaceAll(id, "<id>")].toSorted(),
    );
  }
  return values;
}

/** Values that are not shown because they may contain anything: templates, commands, and keys outside of the injector's domain. */
const HIDDEN = /(?:template|command|patch|-delim)/;

function show(key: string, values: readonly string[], paths: AuditPaths): string {
  if (!key.startsWith(VAULT_DOMAIN) || HIDDEN.test(key)) return "(a text)";
  if (!key.endsWith("<id>")) return values.map(quote).join(", ");
  if (paths === "none") return "(a path)";
  return values.map((value) => (paths === "hash" ? hashPath(value, webPorts) : quote(value))).join(", ");
}
