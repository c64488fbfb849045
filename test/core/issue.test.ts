import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { describeIssue, ISSUE_CODES } from "../../src/core/issue/registry.ts";
import { secretIssues } from "../../src/core/issue/secret.ts";

const FOLDER = new URL("../../src/core/issue/", import.meta.url);

/** Codes of every table in the folder. */
async function collectCodes(): Promise<string[]> {
  const files = readdirSync(FOLDER).filter((file) => !["issue.ts", "registry.ts"].includes(file));
  const modules: Record<string, unknown>[] = await Promise.all(
    files.map((file) => import(new URL(file, FOLDER).href)),
  );
  return modules
    .flatMap((module) => Object.values(module).flatMap((table) => Object.keys(Object(table))))
    .sort();
}

describe("the registry of issues", () => {
  test("has every table of the folder, and each code once", async () => {
    expect(ISSUE_CODES).toEqual(await collectCodes());
    expect(new Set(ISSUE_CODES).size).toBe(ISSUE_CODES.length);
  });

  test.each(ISSUE_CODES.map((code) => [code]))(
    "describes %s in whole sentences, placeholders for facts",
    (code) => {
      const issue = describeIssue(code);
      expect<string | undefined>(issue?.code).toBe(code);
      expect(code).toMatch(/^[a-z0-9]+\.[a-z0-9-]+$/);
      for (const sentence of [issue?.message ?? "", issue?.help ?? ""]) {
        expect(sentence).toMatch(/\S/);
        expect(sentence).not.toMatch(/undefined|\[object|NaN|function/);
        expect(sentence).not.toMatch(/\.$/);
        // Only the beginning of a sentence is a place in a file.
        expect(sentence).not.toMatch(/.<file>:<line>/);
      }
      // The help goes on from the message.
      const repeated = /\blog has\b/;
      expect(repeated.test(issue?.message ?? "") && repeated.test(issue?.help ?? "")).toBe(false);
    },
  );

  test("a path of dots alone is not answered with an empty path", () => {
    const facts = { annotation: "a", field: "key", value: ".", segment: "." } as const;
    const { message, help } = secretIssues["secret.path-segment"](facts, {});
    expect(message).toContain("no client would find the file");
    expect(help).toBe("Name the key as Vault has it");
  });

  test("has nothing for other names", () => {
    for (const code of ["", "toString", "__proto__", "secret"]) expect(describeIssue(code)).toBeUndefined();
  });
});

test("a long text is cut where an issue names it: a hundred issues may name the same", () => {
  const facts = { annotation: "a".repeat(100_000), other: "b".repeat(100_000), file: "f" };
  const { message, annotation } = secretIssues["secret.file-twice"](facts, { annotation: facts.annotation });
  expect(message.length).toBeLessThan(5_000);
  expect(message).toContain("…");
  expect(annotation).toBe(facts.annotation);
});
