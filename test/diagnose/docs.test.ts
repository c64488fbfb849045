import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { ISSUE_CODES } from "../../src/core/issue/registry.ts";

test("docs/diagnose.md has every fault", () => {
  const text = readFileSync(new URL("../../docs/diagnose.md", import.meta.url), "utf8");
  const codes = ISSUE_CODES.filter((code) => code.startsWith("diagnose."));
  expect(codes.filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
});
