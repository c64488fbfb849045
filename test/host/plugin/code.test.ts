/** Where a plugin's code is found, and which files cause a reload. */
import { describe, expect, test } from "bun:test";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { findCode, type KnownPlugin, kindOf, toFindIssue } from "../../../src/host/plugin/code.ts";
import type { Snapshot, Snapshots } from "../../../src/host/plugin/snapshot.ts";

test.each([
  ["namespace", "bundled"],
  ["auth", "bundled"],
  ["namspace", "package"],
  ["@acme/plugin", "package"],
  ["acme/plugin", "package"],
  ["./a.ts", "file"],
  ["../a", "file"],
  ["/a/b", "file"],
  ["file:///a/b.ts", "file"],
  ["a.ts", "file"],
  ["a/b.js", "file"],
  ["a.mts", "file"],
  ["a.cjs", "file"],
  ["a.tsx", "package"],
  [".hidden", "package"],
  [".../a", "package"],
])("%s is of the kind %s", (use, kind) => {
  expect(kindOf(use)).toBe(kind as ReturnType<typeof kindOf>);
});

/** Copies that are not made, and what was asked for. */
function create(known?: ReadonlyMap<string, KnownPlugin>) {
  const asked: string[] = [];
  const noted: string[] = [];
  const copy = (url: string): Snapshot => ({
    ...{ url, digest: "d", toOriginal: (text: string) => text, release: async () => {} },
    files: ["/copied/a.ts", "/copied/b.ts"],
  });
  const snapshots: Snapshots = {
    take: async (file) => {
      asked.push(file);
      if (file.includes("missing")) throw Object.assign(new Error("gone"), { code: "ENOENT" });
      return copy(file);
    },
    takePackage: async (name, from) => {
      asked.push(`${name} from ${from}`);
      return copy(name);
    },
    close: async () => {},
  };
  const sources = { base: "/base", snapshots, known, note: (path: string) => void noted.push(path) };
  const find = (use: string) => findCode(use, kindOf(use), sources);
  return { asked, noted, find };
}

describe("findCode", () => {
  test("a bundled plugin is used where it is", async () => {
    const { asked, noted, find } = create();
    const { url, digest, toOriginal, release } = await find("namespace");
    expect(url).toBe(pathToFileURL(join(import.meta.dir, "../../../plugins/namespace.ts")).href);
    expect(digest).toBeUndefined();
    expect(toOriginal("text")).toBe("text");
    await release();
    expect([asked, noted]).toEqual([[], []]);
  });

  test.each([
    ["./a.ts", resolve("/base/a.ts")],
    ["../a.ts", "/a.ts"],
    ["/c/a.ts", "/c/a.ts"],
    ["file:///c/a.ts", "/c/a.ts"],
  ])("the file %s is copied from %s", async (use, path) => {
    const { asked, noted, find } = create();
    expect(await find(use)).toMatchObject({ url: path, digest: "d" });
    expect(asked).toEqual([path]);
    expect(noted).toEqual([path, "/copied/a.ts", "/copied/b.ts"]);
  });

  test("a missing file is watched: its arrival causes a reload", async () => {
    const { noted, find } = create();
    expect(find("./missing.ts")).rejects.toThrow("gone");
    expect(noted).toEqual(["/base/missing.ts"]);
  });

  test("a package is looked for from the configuration's folder", async () => {
    const { asked, noted, find } = create();
    await find("@acme/plugin");
    expect(asked).toEqual(["@acme/plugin from /base"]);
    expect(noted).toEqual(["/copied/a.ts", "/copied/b.ts"]);
  });

  test("code that another loader keeps is not copied again", async () => {
    const known = new Map<string, KnownPlugin>([
      ["./a.ts", { isolation: "worker", url: "file:///kept.ts", digest: "kept" }],
      ["pkg", { isolation: "worker", url: "file:///pkg.mjs", digest: undefined }],
    ]);
    const { asked, noted, find } = create(known);
    expect(await find("./a.ts")).toMatchObject({ url: "file:///kept.ts", digest: "kept" });
    expect(await find("pkg")).not.toHaveProperty("digest");
    expect([asked, noted]).toEqual([[], []]);
    await find("./b.ts");
    expect(asked).toEqual(["/base/b.ts"]);
  });
});

describe("toFindIssue", () => {
  const place = { at: "plugins[0]", use: "namspace" };
  const missing = Object.assign(new Error("gone"), { code: "ENOENT" });

  test.each([
    ["a file that does not exist", "file", missing, "plugin.not-found", "there is no such file"],
    ["a folder that cannot be copied", "file", new Error("too large"), "plugin.folder", "Error: too large"],
    ["a package that is not installed", "package", new Error("none"), "plugin.not-found", "Error: none"],
    ["a value that is no error", "file", "ENOENT", "plugin.folder", "ENOENT"],
  ] as const)("%s", (_, kind, error, code, reason) => {
    const issue = toFindIssue(error, kind, place);
    expect(issue).toMatchObject({ code, path: "plugins[0]", message: expect.stringContaining(reason) });
  });

  test("only a package's name may be a mistyped bundled one", () => {
    expect(toFindIssue(missing, "package", place).help).toBe("Did you mean namespace?");
    expect(toFindIssue(missing, "file", place).help).not.toContain("Did you mean");
  });
});
