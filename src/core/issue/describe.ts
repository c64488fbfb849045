/** Describes an issue code without the facts of a real issue. */
import type { Issue } from "./issue.ts";

/** A table of issues, for rows with any facts. */
export type IssueTable = Readonly<Record<string, (facts: never) => Issue>>;

/**
 * Describes an issue code.
 *
 * @returns an issue with placeholders in angle brackets instead of facts; `undefined` if no table has the code
 */
export function describeIn(tables: readonly IssueTable[], code: string): Issue | undefined {
  const table = tables.find((each) => Object.hasOwn(each, code));
  return table?.[code]?.(PLACEHOLDERS);
}

/** Facts for any row: the value of each fact is its name in angle brackets. */
const PLACEHOLDERS = new Proxy<Record<string, string>>(
  {},
  // The prefix FILE:LINE:COLUMN needs a colon and a space before the message.
  { get: (_, name) => (name === "at" ? "<file>:<line>:<column>: " : `<${String(name)}>`) },
) as never;
