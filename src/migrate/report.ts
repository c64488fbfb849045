/** Counts and groups the comparisons of many pods by their differences, so that one page shows what a switch changes. */
import { isObject, type JsonObject } from "../core/json.ts";
import { type Comparison, toRule, type Verdict } from "./compare.ts";
import { type Difference, isCritical } from "./differences.ts";

/** Pods that share one difference. */
export interface ReportGroup {
  readonly verdict: "better" | "different" | "would-refuse";
  /** Kind of the difference, or code of the issue that refuses. */
  readonly what: string;
  /** Number of a rule in docs/differences.md. */
  readonly rule?: number;
  readonly from?: string;
  readonly to?: string;
  /** Whether a task may read another secret, or none. */
  readonly isCritical: boolean;
  readonly pods: number;
  /** `project/domain` of the pods, at most {@link LONGEST_LIST}. */
  readonly projects: readonly string[];
  /** Tasks by Flyte's label `task-name`, else pods by name; at most {@link LONGEST_LIST}. */
  readonly tasks: readonly string[];
}

/** The changes that a migration would cause. */
export interface Report {
  /** Pods that ask for secrets. */
  readonly pods: number;
  /** Objects that are not pods or ask for no secrets. */
  readonly passedOver: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** Groups, first those that would be refused, then critical ones, then others; within each, most pods first. */
  readonly groups: readonly ReportGroup[];
  /** Whether no pod would be refused, and none would read another path, role or namespace. */
  readonly isSafe: boolean;
}

/** Most project and task names of a group; its count includes all pods. */
export const LONGEST_LIST = 10;

/** Most groups; further differences are only counted in the verdicts. */
const MOST_GROUPS = 1_000;

interface Counted extends Omit<ReportGroup, "pods" | "projects" | "tasks"> {
  pods: number;
  readonly projects: Set<string>;
  readonly tasks: Set<string>;
}

/** Collects comparisons. Its memory grows with the differences, not with the pods. */
export class ReportBuilder {
  readonly #verdicts: Record<Verdict, number> = {
    ...{ same: 0, better: 0, different: 0, "would-refuse": 0, "not-served": 0 },
  };
  readonly #groups = new Map<string, Counted>();
  #passedOver = 0;
  #hasCritical = false;

  /** Counts an object that asks for no secrets. */
  passOver(): void {
    this.#passedOver++;
  }

  /** Counts a pod. */
  add(pod: JsonObject, { verdict, differences, refusals }: Comparison): void {
    this.#verdicts[verdict]++;
    this.#hasCritical ||= differences.some(isCritical);
    const groups = new Map(
      [...differences.map(toGroup), ...refusals.map(toRefusal)].map((group) => [toKey(group), group]),
    );
    for (const [key, group] of groups) this.#count(key, group, pod);
  }

  /** @returns the report on everything added so far */
  build(): Report {
    const verdicts = { ...this.#verdicts };
    const pods = Object.values(verdicts).reduce((sum, count) => sum + count, 0);
    return {
      ...{ pods, passedOver: this.#passedOver, verdicts },
      groups: [...this.#groups.values()]
        .toSorted((a, b) => rank(a) - rank(b) || b.pods - a.pods)
        .map((group) => ({ ...group, projects: [...group.projects], tasks: [...group.tasks] })),
      isSafe: verdicts["would-refuse"] === 0 && !this.#hasCritical,
    };
  }

  #count(key: string, group: Omit<Counted, "pods" | "projects" | "tasks">, pod: JsonObject): void {
    const counted = this.#groups.get(key) ?? { ...group, pods: 0, projects: new Set(), tasks: new Set() };
    if (!this.#groups.has(key) && this.#groups.size >= MOST_GROUPS) return;
    this.#groups.set(key, counted);
    counted.pods++;
    const { project, task } = nameOf(pod);
    if (counted.projects.size < LONGEST_LIST) counted.projects.add(project);
    if (counted.tasks.size < LONGEST_LIST) counted.tasks.add(task);
  }
}

/** Groups differences with a rule by the rule alone, because their values differ from secret to secret. */
function toGroup(difference: Difference): Omit<Counted, "pods" | "projects" | "tasks"> {
  const { kind, rule, what, from, to } = difference;
  if (rule !== undefined) return { verdict: "better", what: kind, rule, isCritical: false };
  const values =
    kind === "template" ? {} : { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  return { verdict: "different", what: `${kind} ${what}`, ...values, isCritical: isCritical(difference) };
}

function toRefusal(code: string): Omit<Counted, "pods" | "projects" | "tasks"> {
  const rule = toRule(code);
  return { verdict: "would-refuse", what: code, ...(rule !== undefined && { rule }), isCritical: true };
}

function toKey({ verdict, what, rule, from, to }: Omit<Counted, "pods" | "projects" | "tasks">): string {
  return JSON.stringify([verdict, what, rule, from, to]);
}

function rank({ verdict, isCritical: critical }: Counted): number {
  if (verdict === "would-refuse") return 0;
  return verdict === "different" ? (critical ? 1 : 2) : 3;
}

function nameOf({ metadata }: JsonObject): { readonly project: string; readonly task: string } {
  const { labels, name, namespace } = isObject(metadata) ? metadata : {};
  const read = (key: string) => (isObject(labels) && typeof labels[key] === "string" ? labels[key] : "");
  const project = [read("project"), read("domain")].filter((text) => text !== "").join("/");
  return {
    project: project || String(namespace ?? "default"),
    task: read("task-name") || String(name ?? ""),
  };
}
