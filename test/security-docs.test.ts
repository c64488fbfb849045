/** Every "cannot" of docs/security.md links to a test that exists. */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "..");
const page = readFileSync(join(ROOT, "docs/security.md"), "utf8");
const links = [...page.matchAll(/\[([^\]]+)\]\(\.\.\/(test\/[^)]+)\)/g)].map(([, name = "", file = ""]) => ({
  name,
  file,
}));

describe("docs/security.md", () => {
  test.each(links)("$file has a test named $name", ({ name, file }) => {
    expect(existsSync(join(ROOT, file))).toBe(true);
    expect(readFileSync(join(ROOT, file), "utf8")).toContain(name);
  });

  test("gives a test for each cannot of a table, but for what the webhook has no means to do", () => {
    const rows = page.split("\n").filter((line) => /^\|.*\|.*\|$/.test(line) && line.split("|").length === 4);
    const cannot = rows
      .map((row) => row.split("|")[2]?.trim() ?? "")
      .filter((text) => !/^(-+|cannot)$/.test(text));
    expect(cannot.length).toBeGreaterThan(20);
    expect(cannot.filter((text) => !text.includes("](../test/"))).toEqual([
      "read a secret's value: the webhook has no rights in the cluster and never talks to Vault",
    ]);
  });
});
