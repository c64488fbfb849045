/** What the configuration's tests share: parsing that must succeed, and issues in one line each. */
import { expect } from "bun:test";
import { type ParseOptions, parseConfig } from "../../src/config/parse.ts";
import type { Config } from "../../src/config/schema.ts";
import type { Issue } from "../../src/core/issue/issue.ts";

/** Parses what must be accepted without an error or a warning. */
export function accepted(content: string | object, options: ParseOptions = {}): Config {
  const parsed = parseConfig(content, { file: "webhook.yaml", ...options });
  expect(parsed.issues.filter(({ severity }) => severity !== "info")).toEqual([]);
  if (!parsed.ok) throw new Error("refused");
  return parsed.value;
}

/** Parses anything, for its issues. */
export function issuesOf(content: string | object, options: ParseOptions = {}): readonly Issue[] {
  return parseConfig(content, { file: "webhook.yaml", ...options }).issues;
}

/** Code and message, with what matters of an issue in a table of cases. */
export function brief({ code, message }: Issue): string {
  return `${code} ${message}`;
}
