/**
 * Status and warnings of an admission response. Flyte reads the status code: on 400 and 413 the task fails at once and
 * its author sees the message; on any other code Flyte tries again.
 */
import { type Findings, MOST_ISSUES } from "../issue/findings.ts";
import type { Issue } from "../issue/issue.ts";
import type { Status } from "../outcome.ts";
import { escapeControls } from "../printable.ts";

const LONGEST_MESSAGE = 8_000;
const LONGEST_WARNING = 256;
const LONGEST_WARNINGS = 2_000;
/** Characters reserved for "and N more". */
const MORE_RESERVE = 24;

const REASONS = {
  400: "BadRequest",
  413: "RequestEntityTooLarge",
  500: "InternalError",
  504: "Timeout",
} as const;

/** Status codes of issues that the pod's author cannot fix; all other issues have 400. */
const CODES: Readonly<Record<string, Status["code"]>> = {
  "pod.annotations-too-large": 413,
  "pod.agent-config-too-large": 413,
  "plugin.failed": 500,
  "plugin.timeout": 504,
  "plugin.stopped": 500,
  "plugin.answer": 500,
  "plugin.writes": 500,
  "webhook.defect": 500,
};

/** The consequence of a review's issues: a refusal, or warnings. */
export interface Verdict {
  /** Worst first; if there are more than {@link MOST_ISSUES}, the last one says how many are left out. */
  readonly issues: readonly Issue[];
  /** Present if and only if the pod is refused. */
  readonly status?: Status;
  /** Warnings for the pod's author; empty if the pod is refused. */
  readonly warnings: readonly string[];
}

const NOTHING_FOUND: Verdict = { issues: [], warnings: [] };

/**
 * Decides whether the issues of a review refuse the pod.
 *
 * @param found issues in the order of the pipeline
 * @param strict whether issues of severity `error` refuse as well
 */
export function judge(found: Findings, strict: boolean): Verdict {
  if (found.total === 0) return NOTHING_FOUND;
  const issues = found.list();
  const refusing = found.count("deny") + (strict ? found.count("error") : 0);
  // The list is sorted by severity, so the first ones are those that refuse.
  if (refusing > 0)
    return {
      issues,
      status: toStatus(issues.slice(0, Math.min(refusing, MOST_ISSUES)), refusing, found.unchecked),
      warnings: [],
    };
  const shown = found.count("error") + found.count("warning");
  return { issues, warnings: toWarnings(issues.slice(0, Math.min(shown, MOST_ISSUES)), shown) };
}

/**
 * Puts refusing issues into the status of a refusal.
 *
 * @param issues at least one. The lowest code wins: while the author has something to fix (400), trying again is useless
 * @param total number of refusing issues, including those that are not in the list
 * @param unchecked number of annotations that were not checked
 */
export function toStatus(issues: readonly Issue[], total = issues.length, unchecked = 0): Status {
  const [code = 400] = issues.map((issue) => CODES[issue.code] ?? 400).toSorted((a, b) => a - b);
  const sentences = issues.map((issue) => `${issue.message}. ${issue.help}.`);
  const shown = joinWithin(sentences, total, LONGEST_MESSAGE);
  const message = unchecked === 0 ? shown : `${shown} Did not check ${unchecked} more annotations.`;
  return { code, reason: REASONS[code], message: toSafeText(message) };
}

/**
 * Renders errors and warnings as the warnings that `kubectl` shows for an allowed pod, within Kubernetes' limits.
 *
 * @param shown worst first
 * @param count number of errors and warnings, including those that are not in the list
 */
function toWarnings(shown: readonly Issue[], count: number): readonly string[] {
  const warnings: string[] = [];
  let total = 0;
  for (const issue of shown) {
    const warning = toWarning(issue);
    if (total + warning.length > LONGEST_WARNINGS - MORE_RESERVE) {
      return [...warnings, `and ${count - warnings.length} more`];
    }
    total += warning.length;
    warnings.push(warning);
  }
  if (warnings.length < count) warnings.push(`and ${count - warnings.length} more`);
  return warnings;
}

/** Message and help if both fit, else the message alone: half a help text is useless, and a preview shows all of it. */
function toWarning({ message, help }: Issue): string {
  if (message.length + help.length < LONGEST_WARNING) {
    const whole = toSafeText(`${message}. ${help}.`);
    if (whole.length <= LONGEST_WARNING) return whole;
  }
  // Cut before escaping as well: only the beginning is shown, and escaping a long text takes time.
  return cutAtWord(toSafeText(`${message.slice(0, LONGEST_WARNING)}.`), LONGEST_WARNING);
}

function cutAtWord(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const kept = text.slice(0, limit - 1);
  const space = kept.lastIndexOf(" ");
  return `${space > limit / 2 ? kept.slice(0, space) : kept}…`;
}

/**
 * Makes a text safe for a terminal and for Flyte: escapes control and format characters, and writes "exceeded quota" with
 * a dash, because Flyte would treat these words as a resource quota that is used up, and wait.
 */
export function toSafeText(text: string): string {
  return escapeControls(text).replaceAll(/exceeded quota/gi, "exceeded-quota");
}

/** @param total number of sentences, including those that are not in the list */
function joinWithin(sentences: readonly string[], total: number, limit: number): string {
  let text = cut(sentences[0] ?? "", limit);
  let joined = 1;
  for (; joined < sentences.length; joined++) {
    const sentence = sentences[joined] ?? "";
    if (text.length + sentence.length > limit) break;
    text += ` ${sentence}`;
  }
  return joined < total ? `${text} And ${total - joined} more.` : text;
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}
