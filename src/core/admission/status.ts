/**
 * What a refusal and its warnings say to the API server. Flyte reads the code: 400 and 413 fail the task at once and
 * show the message to its author, others are tried again (DESIGN §6).
 */
import type { Issue, Severity } from "../issue/issue.ts";
import type { Status } from "../outcome.ts";
import { escapeControls } from "../printable.ts";

const LONGEST_MESSAGE = 8_000;
const LONGEST_WARNING = 256;
const LONGEST_WARNINGS = 2_000;
/** What "and N more" may take of the total. */
const MORE_RESERVE = 24;

const REASONS = {
  400: "BadRequest",
  413: "RequestEntityTooLarge",
  500: "InternalError",
  504: "Timeout",
} as const;

/** Issues that are not the pod author's to fix; every other one is 400. */
const CODES: Readonly<Record<string, Status["code"]>> = {
  "pod.annotations-too-large": 413,
  "plugin.failed": 500,
  "plugin.timeout": 504,
  "plugin.stopped": 500,
  "plugin.answer": 500,
  "plugin.writes": 500,
  "webhook.defect": 500,
};

const RANK: Readonly<Record<Severity, number>> = { deny: 0, error: 1, warning: 2, info: 3 };

/** What issues come to. */
export interface Verdict {
  /** Worst first. */
  readonly issues: readonly Issue[];
  /** Present exactly where they refuse the pod. */
  readonly status?: Status;
  /** What the pod's author is told where they do not. */
  readonly warnings: readonly string[];
}

const NOTHING_FOUND: Verdict = { issues: [], warnings: [] };

/**
 * Judges a pod by what was found.
 *
 * @param found in the order of the pipeline
 * @param strict whether issues of severity `error` refuse as well
 */
export function judge(found: readonly Issue[], strict: boolean): Verdict {
  if (found.length === 0) return NOTHING_FOUND;
  const issues = found.toSorted((a, b) => RANK[a.severity] - RANK[b.severity]);
  const refusing = issues.filter(({ severity }) => severity === "deny" || (strict && severity === "error"));
  if (refusing.length > 0) return { issues, status: toStatus(refusing), warnings: [] };
  return { issues, warnings: toWarnings(issues) };
}

/**
 * Puts refusing issues into the status of a refusal.
 *
 * @param issues at least one; what the author must fix outweighs what is ours and passing, since trying again would
 *   not help
 */
export function toStatus(issues: readonly Issue[]): Status {
  const [code = 400] = issues.map((issue) => CODES[issue.code] ?? 400).toSorted((a, b) => a - b);
  const sentences = issues.map((issue) => `${issue.message}. ${issue.help}.`);
  return { code, reason: REASONS[code], message: toSafeText(joinWithin(sentences, " ", LONGEST_MESSAGE)) };
}

/** @returns what `kubectl` shows for a pod that is allowed: errors and warnings, worst first, within the limits. */
export function toWarnings(sorted: readonly Issue[]): readonly string[] {
  const told = sorted.filter(({ severity }) => severity === "error" || severity === "warning");
  const warnings: string[] = [];
  let total = 0;
  for (const issue of told) {
    const warning = cut(toSafeText(`${issue.message}. ${issue.help}.`), LONGEST_WARNING);
    if (total + warning.length > LONGEST_WARNINGS - MORE_RESERVE) {
      return [...warnings, `and ${told.length - warnings.length} more`];
    }
    total += warning.length;
    warnings.push(warning);
  }
  return warnings;
}

/**
 * Makes a text fit for a terminal and for Flyte: control and format characters are escaped, and "exceeded quota" is broken
 * up, since Flyte takes it for a sign to wait for resources.
 */
export function toSafeText(text: string): string {
  return escapeControls(text).replaceAll(/exceeded quota/gi, "exceeded-quota");
}

function joinWithin(sentences: readonly string[], separator: string, limit: number): string {
  let text = cut(sentences[0] ?? "", limit);
  for (let i = 1; i < sentences.length; i++) {
    if (text.length + (sentences[i] ?? "").length > limit)
      return `${text}${separator}And ${sentences.length - i} more.`;
    text += separator + sentences[i];
  }
  return text;
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}
