/** Writes issues to standard error: where, what is wrong, and what to do. */
import type { Issue, Severity } from "../core/issue/issue.ts";
import { escapeControls } from "../core/printable.ts";
import type { CliIo } from "./io.ts";

const COLOURS: Readonly<Record<Severity, string>> = {
  deny: "\u001b[1;31m",
  error: "\u001b[1;31m",
  warning: "\u001b[1;33m",
  info: "\u001b[1;36m",
};
const PLAIN = "\u001b[0m";

/**
 * Writes issues, each in two lines: `error[config.value]: FILE:LINE:COLUMN: what`, and what to do.
 *
 * @param place text before each message, or a function that returns it for an issue
 */
export function report(
  io: Pick<CliIo, "stderr" | "env" | "isTerminal" | "cwd">,
  issues: readonly Issue[],
  place: string | ((issue: Issue) => string) = "",
): void {
  const isColoured = io.isTerminal.stderr && !io.env.NO_COLOR;
  for (const issue of issues) {
    const { severity, code, help } = issue;
    const head = `${severity}[${code}]`;
    const at = typeof place === "string" ? place : place(issue);
    const message = shortenPaths(`${at === "" ? "" : `${at}: `}${issue.message}`, io.cwd);
    const painted = isColoured ? `${COLOURS[severity]}${head}${PLAIN}` : head;
    io.stderr(`${painted}: ${escapeControls(message)}\n  ${escapeControls(help)}\n`);
  }
}

/** Shortens absolute paths below the working folder to relative ones. */
export function shortenPaths(text: string, cwd: string): string {
  return cwd.length > 1 ? text.replaceAll(`${cwd}/`, "") : text;
}
