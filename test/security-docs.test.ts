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

  test("gives a test for each cannot of a table", () => {
    const cells = page
      .split("\n")
      .filter((line) => /^\|.*\|.*\|$/.test(line) && line.split("|").length === 4)
      .map((row) => row.split("|")[2]?.trim() ?? "")
      .filter((text) => !/^(?:-+|cannot)?$/.test(text));
    expect(cells.length).toBeGreaterThan(25);
    // Of a cell with several things, each has one.
    expect(
      cells.flatMap((cell) => cell.split(/; (?![^[\]]*\]\()/)).filter((text) => !text.includes("](../test/")),
    ).toEqual([]);
  });

  test("links to tests that a script of package.json runs", () => {
    const scripts = readFileSync(join(ROOT, "package.json"), "utf8");
    const run = { test: "bun test", heavy: "*.heavy.ts", cluster: "*.cluster.ts", browser: "*.browser.ts" };
    const suffixes = new Set(links.map(({ file }) => /\.(\w+)\.ts$/.exec(file)?.[1] ?? "test"));
    for (const suffix of suffixes) expect(scripts).toContain(run[suffix as keyof typeof run]);
  });
});
