/** `--fail-on`: the lowest severity of an issue that makes the exit code 1. */
import { cliIssues } from "../core/issue/cli.ts";
import type { Issue } from "../core/issue/issue.ts";
import { Exit } from "./exit.ts";
import type { CliIo } from "./io.ts";
import type { Text } from "./options.ts";
import { report } from "./report.ts";

const RANKS = ["deny", "error", "warning"] as const;

/** A severity that can be a threshold. */
export type FailOn = (typeof RANKS)[number];

/** The option, the same for every command that has it. */
export const FAIL_ON = {
  type: "text",
  value: "SEVERITY",
  summary: "Least severity of an issue that makes the exit code 1",
  choices: RANKS,
  default: "error",
} as const satisfies Text;

/**
 * Compares issues with the threshold, and reports how many reach it.
 *
 * @returns the exit code: 0 if none reaches it, else 1
 */
export function judgeIssues(io: CliIo, issues: readonly Issue[], severity: FailOn): number {
  const bad: readonly string[] = RANKS.slice(0, RANKS.indexOf(severity) + 1);
  const count = issues.filter((issue) => bad.includes(issue.severity)).length;
  if (count === 0) return Exit.fine;
  report(io, [cliIssues["cli.threshold"]({ count, severity })]);
  return Exit.refused;
}
