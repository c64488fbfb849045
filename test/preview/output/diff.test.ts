import { expect, test } from "bun:test";
import fc from "fast-check";
import { renderDiff } from "../../../src/preview/output/diff.ts";

const lines = (text: string) =>
  text
    .split("")
    .map((line) => `${line}\n`)
    .join("");

test("renderDiff writes hunks with three lines of context", () => {
  expect(renderDiff("f", lines("abcdefghijklmnop"), lines("abcdXefghijklmop"))).toBe(
    "--- a/f\n+++ b/f\n" +
      "@@ -2,6 +2,7 @@\n b\n c\n d\n+X\n e\n f\n g\n" +
      "@@ -11,6 +12,5 @@\n k\n l\n m\n-n\n o\n p\n",
  );
});

test.each([
  ["equal texts", "a\n", "a\n", ""],
  ["an empty old text", "", "a\n", "--- a/f\n+++ b/f\n@@ -0,0 +1,1 @@\n+a\n"],
  ["an empty new text", "a\n", "", "--- a/f\n+++ b/f\n@@ -1,1 +0,0 @@\n-a\n"],
])("renderDiff of %s", (_, before, after, diff) => {
  expect(renderDiff("f", before, after)).toBe(diff);
});

test("renderDiff joins hunks whose contexts meet", () => {
  expect(renderDiff("f", lines("abcdefgh"), lines("aXbcdefgYh")).match(/@@/g)).toHaveLength(2);
  expect(renderDiff("f", lines("abcdefghi"), lines("aXbcdefghYi")).match(/@@/g)).toHaveLength(4);
});

/** Applies a unified diff strictly, as `patch` would without fuzz. */
function applyDiff(before: string, diff: string): string {
  const old = before === "" ? [] : before.trimEnd().split("\n");
  const result: string[] = [];
  let at = 0;
  for (const line of diff.split("\n").slice(2)) {
    const head = /^@@ -(\d+),(\d+) \+(\d+),(\d+) @@$/.exec(line);
    if (head) {
      const start = Number(head[1]) - (head[2] === "0" ? 0 : 1);
      result.push(...old.slice(at, start));
      at = start;
      expect(result.length).toBe(Number(head[3]) - (head[4] === "0" ? 0 : 1));
    } else if (line.startsWith("+")) result.push(line.slice(1));
    else if (line !== "") {
      expect(old[at]).toBe(line.slice(1));
      if (line.startsWith(" ")) result.push(line.slice(1));
      at++;
    }
  }
  return [...result, ...old.slice(at)].map((line) => `${line}\n`).join("");
}

test("a diff applied to the old text gives the new one, with as few edits as can be", () => {
  const text = fc
    .array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 25 })
    .map((all) => lines(all.join("")));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const diff = renderDiff("f", before, after);
      if (before === after) return expect(diff).toBe("");
      expect(applyDiff(before, diff)).toBe(after);
      const edits = diff
        .split("\n")
        .slice(2)
        .filter((line) => /^[-+]/.test(line)).length;
      expect(edits).toBe(countEdits(before, after));
    }),
    { numRuns: 500 },
  );
});

/** Lines that are not in the longest common subsequence. */
function countEdits(before: string, after: string): number {
  const [a, b] = [before, after].map((text) => text.split("\n").slice(0, -1));
  let row = new Array<number>((b?.length ?? 0) + 1).fill(0);
  for (const line of a ?? []) {
    const next = [0];
    for (const [j, other] of (b ?? []).entries()) {
      next.push(line === other ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0));
    }
    row = next;
  }
  return (a?.length ?? 0) + (b?.length ?? 0) - 2 * (row.at(-1) ?? 0);
}
