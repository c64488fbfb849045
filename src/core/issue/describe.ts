/** What the code of an issue stands for, without the facts of one that happened. */
import type { Issue } from "./issue.ts";

/** A table of issues, whatever facts its rows take. */
export type IssueTable = Readonly<Record<string, (facts: never) => Issue>>;

/**
 * Describes what a code of some tables stands for.
 *
 * @returns the issue, with the names of facts in angle brackets where a real one has the facts; `undefined` where none of the
 *   tables has the code
 */
export function describeIn(tables: readonly IssueTable[], code: string): Issue | undefined {
  const table = tables.find((each) => Object.hasOwn(each, code));
  return table?.[code]?.(PLACEHOLDERS);
}

/** Facts of any row: whichever it asks for is its name. */
const PLACEHOLDERS = new Proxy<Record<string, string>>(
  {},
  // The beginning of FILE:LINE:COLUMN is glued to the sentence behind it.
  { get: (_, name) => (name === "at" ? "<file>:<line>:<column>: " : `<${String(name)}>`) },
) as never;
