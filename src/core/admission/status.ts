/**
 * What a refusal and its warnings say to the API server. Flyte reads the code: 400 and 413 fail the task at once and
 * show the message to its author, others are tried again (DESIGN §6).
 */
import { type Findings, MOST_ISSUES } from "../issue/findings.ts";
import type { Issue } from "../issue/issue.ts";
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
  "pod.agent-config-too-large": 413,
  "plugin.failed": 500,
  "plugin.timeout": 504,
  "plugin.stopped": 500,
  "plugin.answer": 500,
  "plugin.writes": 500,
  "webhook.defect": 500,
};

/** What issues come to. */
export interface Verdict {
  /** Worst first; of more than {@link MOST_ISSUES}, the last one says how many there are besides. */
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
export function judge(found: Findings, strict: boolean): Verdict {
  if (found.total === 0) return NOTHING_FOUND;
  const issues = found.list();
  const refusing = found.count("deny") + (strict ? found.count("error") : 0);
  // The worst come first.
  if (refusing > 0)
    return {
      issues,
      status: toStatus(issues.slice(0, Math.min(refusing, MOST_ISSUES)), refusing),
      warnings: [],
    };
  const told = found.count("error") + found.count("warning");
  return { issues, warnings: toWarnings(issues.slice(0, Math.min(told, MOST_ISSUES)), told) };
}

/**
 * Puts refusing issues into the status of a refusal.
 *
 * @param issues at least one; what the author must fix outweighs what is ours and passing, since trying again would
 *   not help
 * @param total how many there are with those that are not listed
 */
export function toStatus(issues: readonly Issue[], total = issues.length): Status {
  const [code = 400] = issues.map((issue) => CODES[issue.code] ?? 400).toSorted((a, b) => a - b);
  const sentences = issues.map((issue) => `${issue.message}. ${issue.help}.`);
  return { code, reason: REASONS[code], message: toSafeText(joinWithin(sentences, total, LONGEST_MESSAGE)) };
}

/**
 * Puts errors and warnings into what `kubectl` shows for a pod that is allowed, within Kubernetes' limits.
 *
 * @param told worst first
 * @param count how many there are with those that are not listed
 */
function toWarnings(told: readonly Issue[], count: number): readonly string[] {
  const warnings: string[] = [];
  let total = 0;
  for (const issue of told) {
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

/** Message and help where both fit, else the message: half of a help says nothing, and a preview has it. */
function toWarning({ message, help }: Issue): string {
  if (message.length + help.length < LONGEST_WARNING) {
    const whole = toSafeText(`${message}. ${help}.`);
    if (whole.length <= LONGEST_WARNING) return whole;
  }
  // Escaping makes a text longer, and only its beginning is shown.
  return cutAtWord(toSafeText(`${message.slice(0, LONGEST_WARNING)}.`), LONGEST_WARNING);
}

function cutAtWord(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const kept = text.slice(0, limit - 1);
  const space = kept.lastIndexOf(" ");
  return `${space > limit / 2 ? kept.slice(0, space) : kept}…`;
}

/**
 * Makes a text fit for a terminal and for Flyte: control and format characters are escaped, and "exceeded quota" is broken
 * up, since Flyte takes it for a sign to wait for resources.
 */
export function toSafeText(text: string): string {
  return escapeControls(text).replaceAll(/exceeded quota/gi, "exceeded-quota");
}

/** @param total how many there are with those that are not in the list */
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
