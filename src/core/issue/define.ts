/** Defines the issue tables: each row has a code, a severity, a message and a help text. */
import type { JsonPointer } from "../patch/pointer.ts";
import { escapeControls } from "../printable.ts";

/**
 * How bad an issue is. `deny` always refuses the pod. `error` (the injector will refuse the pod, or the task will certainly
 * start without its secret) refuses it under `policy.strict` and warns otherwise; outside of a review, the command, request or
 * loading of a configuration fails. `warning` warns; `info` appears in previews only.
 */
export type Severity = "deny" | "error" | "warning" | "info";

/** The place of an issue, and the annotation that it is about. */
export interface Where<Path extends string = string> {
  /** JSON Pointer (RFC 6901) into the document, dotted path into the configuration, or the file's name. */
  readonly path?: Path;
  /** Full key of the pod annotation concerned. */
  readonly annotation?: string;
}

/** An issue with one of the given codes. */
export interface IssueOf<Code extends string, Path extends string = string> extends Where<Path> {
  /** Never changes, because users search for it. */
  readonly code: Code;
  readonly severity: Severity;
  /** What failed, what was found and what was expected; without a final period. */
  readonly message: string;
  /** What to do next. */
  readonly help: string;
}

/** A row of an issue table: severity, and the texts as functions of facts. */
interface IssueRow<Facts> {
  readonly severity: Severity;
  readonly message: (facts: Facts) => string;
  readonly help: string | ((facts: Facts) => string);
}

// Rows with different facts share a table; `never` is the only type that all of their functions accept.
type Rows = Readonly<Record<string, IssueRow<never>>>;

type Facts<Row extends IssueRow<never>> =
  Parameters<Row["message"]> extends readonly [infer F] ? F : Readonly<Record<string, never>>;

/** Creates issues with one code. */
export interface IssueBuilder<Facts, Code extends string, Path extends string = string> {
  (facts: Facts, where?: Where<Path>): IssueOf<Code, Path>;
  /** Severity of every issue that the function creates. */
  readonly severity: Severity;
}

type Builders<T extends Rows, Path extends string> = {
  readonly [Code in keyof T]: IssueBuilder<Facts<T[Code]>, Code & string, Path>;
};

/**
 * Turns a table of rows into functions that create issues. The paths of these issues point into the configuration, or name a file.
 *
 * @param rows rows by code
 * @returns one builder per code
 * @example
 * const issues = defineIssues({
 *   "secret.key-missing": { severity: "deny", message: () => "Secret request has no key", help: "Set key=" },
 * });
 * issues["secret.key-missing"]({}, { annotation: "flyte.secrets/s0" });
 */
export function defineIssues<const T extends Rows>(rows: T): Builders<T, string> {
  return build(rows);
}

/** Like {@link defineIssues}, for issues about reviewed objects, whose paths are JSON Pointers. */
export function defineReviewIssues<const T extends Rows>(rows: T): Builders<T, JsonPointer> {
  return build(rows);
}

function build<T extends Rows, Path extends string>(rows: T): Builders<T, Path> {
  const builders = Object.entries(rows).map(([code, row]) => {
    const create = (given: never, where: Where<Path> = {}): IssueOf<string, Path> => {
      const facts = shorten(given);
      return {
        code,
        severity: row.severity,
        message: row.message(facts),
        help: typeof row.help === "string" ? row.help : row.help(facts),
        ...where,
      };
    };
    return [code, Object.assign(create, { severity: row.severity })];
  });
  return Object.fromEntries(builders) as Builders<T, Path>;
}

/**
 * Longest text of a fact, in UTF-16 units. Keys and names in Kubernetes are shorter, but a pod's author may send longer ones, and a
 * hundred issues may name the same one.
 */
const LONGEST_FACT = 2_000;

/** @returns the facts, with long texts cut */
function shorten<T extends object>(facts: T): T {
  const isLong = (value: unknown) => typeof value === "string" && value.length > LONGEST_FACT;
  if (!Object.values(facts).some(isLong)) return facts;
  const cut = (value: unknown) => (isLong(value) ? `${String(value).slice(0, LONGEST_FACT)}…` : value);
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, cut(value)])) as T;
}

const LONGEST_QUOTE = 80;
/** Printable ASCII but the quote and the backslash. */
const NEEDS_NO_ESCAPE = /^[ !#-[\]-~]*$/;

/**
 * Quotes a value for a message.
 *
 * @returns the value as a JSON string, which makes blanks and control characters visible, cut after 80 characters
 */
export function quote(value: string): string {
  if (value.length <= LONGEST_QUOTE && NEEDS_NO_ESCAPE.test(value)) return `"${value}"`;
  const shown = value.length > LONGEST_QUOTE ? `${value.slice(0, LONGEST_QUOTE)}…` : value;
  return escapeControls(JSON.stringify(shown));
}
