/** Renders a migration report as text. */
import { quote } from "../core/issue/define.ts";
import { escapeControls } from "../core/printable.ts";
import { LONGEST_LIST, type Report, type ReportGroup } from "./report.ts";

/** @returns one sentence with all counts, then a paragraph for each difference */
export function renderReport(report: Report): string {
  const groups = report.groups.map(renderGroup);
  const ending = report.isSafe
    ? "No pod would be refused, and none would read another path, role or Vault namespace."
    : "Some tasks would change: look at every entry marked with ! before you switch.";
  return `${[summarise(report), ...groups, ending].join("\n\n")}\n`;
}

/** Short descriptions of rules in docs/differences.md, to follow a number of pods. */
const RULES: Readonly<Record<number, string>> = {
  1: "get better templates",
  2: "get escaped templates",
  3: "have a path or key that is unsafe",
  5: "lose annotations of a second pass",
  6: "lose annotations of a repeated request",
  10: "lose repeated variables",
  11: "get a template where Flyte writes none",
  15: "have a request that is not UTF-8",
  19: "find their secrets where the configuration moves them",
  18: "get a path that the agent reads as it is meant",
};

function summarise({ pods, passedOver, verdicts, groups }: Report): string {
  const better = groups.filter(({ verdict }) => verdict === "better").map(describeRule);
  const codes = groups.filter(({ verdict }) => verdict === "would-refuse").map(({ what }) => what);
  const parts = [
    `${count(verdicts.same)} identical`,
    ...(verdicts.better > 0 ? [`${count(verdicts.better)} better (${better.join(", ")})`] : []),
    ...(verdicts.different > 0 ? [`${count(verdicts.different)} different`] : []),
    ...(verdicts["would-refuse"] > 0
      ? [`${count(verdicts["would-refuse"])} would be refused (${codes.join(", ")})`]
      : []),
    ...(verdicts["not-served"] > 0
      ? [`${count(verdicts["not-served"])} without Vault annotations from Flyte's webhook`]
      : []),
  ];
  const others = passedOver > 0 ? `; ${count(passedOver)} objects ask for no secrets` : "";
  return `${count(pods)} ${pods === 1 ? "pod" : "pods"}: ${parts.join(", ")}${others}`;
}

function describeRule({ rule, pods }: ReportGroup): string {
  return `${count(pods)} ${RULES[rule ?? 0] ?? "differ"}: rule ${rule}`;
}

function renderGroup(group: ReportGroup): string {
  const { what, rule, from, to, pods, projects, tasks, verdict } = group;
  const mark = group.isCritical ? "!" : " ";
  const named = rule === undefined ? "" : `, rule ${rule}`;
  const values = from === undefined && to === undefined ? "" : `: ${show(from)} → ${show(to)}`;
  const lines = [
    `${mark} ${count(pods)} ${verdict === "would-refuse" ? "would be refused" : verdict}${named}: ${what}${values}`,
    `    projects: ${renderList(projects)}`,
    `    tasks:    ${renderList(tasks)}`,
  ];
  return lines.map(escapeControls).join("\n");
}

function show(value: string | undefined): string {
  return value === undefined ? "(none)" : quote(value);
}

function renderList(names: readonly string[]): string {
  return `${names.join(", ")}${names.length === LONGEST_LIST ? ", …" : ""}`;
}

/** Formats a number as `1,204`, independent of the machine's locale. */
function count(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ",");
}
