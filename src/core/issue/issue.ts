/**
 * The issue model: everything a user can be told, whoever finds it, has this one form.
 * Messages are born in the tables beside this file, one table per area, and nowhere else.
 */

/**
 * How bad an issue is. `deny` always refuses the pod; `error` (the injector will refuse it, or the task will
 * surely start without its secret) refuses under `policy.strict`, else warns; `warning` warns; `info` shows in
 * previews only.
 */
export type Severity = "deny" | "error" | "warning" | "info";

/** Where an issue was found: a JSON Pointer or config path, and the annotation it is about. */
export interface Where {
  /** JSON Pointer into the pod, or dotted path into the configuration. */
  readonly path?: string;
  /** Full key of the pod annotation concerned. */
  readonly annotation?: string;
}

/** One thing a user is told: a stable code, what is wrong, and what to do about it. */
export interface Issue extends Where {
  readonly code: string;
  readonly severity: Severity;
  /** What was attempted, what is there and what is expected; no final stop. */
  readonly message: string;
  /** What to do next. */
  readonly help: string;
}

/** A row of an issue table: facts in, sentences out. */
export interface IssueRow<Facts> {
  readonly severity: Severity;
  readonly message: (facts: Facts) => string;
  readonly help: string | ((facts: Facts) => string);
}

// Rows of different facts share a table; `never` is the one type of facts that all of their functions accept.
type Rows = Readonly<Record<string, IssueRow<never>>>;

type Facts<Row extends IssueRow<never>> =
  Parameters<Row["message"]> extends readonly [infer F] ? F : Readonly<Record<string, never>>;

type Builders<T extends Rows> = {
  readonly [Code in keyof T]: (facts: Facts<T[Code]>, where?: Where) => Issue;
};

/**
 * Turns a table of rows into a table of functions that make issues.
 *
 * @param rows keyed by code; a code is stable for ever, since users search for it
 * @returns one builder per code
 * @example
 * const issues = defineIssues({
 *   "secret.key-missing": { severity: "deny", message: () => "Secret request has no key", help: "Set key=" },
 * });
 * issues["secret.key-missing"]({}, { annotation: "flyte.secrets/s0" });
 */
export function defineIssues<const T extends Rows>(rows: T): Builders<T> {
  const builders = Object.entries(rows).map(([code, row]) => [
    code,
    (facts: never, where: Where = {}): Issue => ({
      code,
      severity: row.severity,
      message: row.message(facts),
      help: typeof row.help === "string" ? row.help : row.help(facts),
      ...where,
    }),
  ]);
  return Object.fromEntries(builders) as Builders<T>;
}

const LONGEST_QUOTE = 80;

/**
 * Quotes a value for a message: JSON string form, so that blanks and control characters are seen, cut where it
 * would drown the sentence.
 */
export function quote(value: string): string {
  const shown = value.length > LONGEST_QUOTE ? `${value.slice(0, LONGEST_QUOTE)}…` : value;
  return JSON.stringify(shown);
}
