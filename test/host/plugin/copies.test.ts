/** Copies of plugins' folders: what is in them, who shares them, and when they go. */
import { afterAll, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createCopies } from "../../../src/host/plugin/copies.ts";

const copies = createCopies();
afterAll(() => copies.close());

/** Writes a folder of files. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "plugin-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** @returns the files of a copy, without packages */
function listCopy(url: string): string[] {
  const folder = dirname(fileURLToPath(url));
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => !name.startsWith("node_modules"))
    .filter((name) => /\./.test(name))
    .toSorted();
}

describe("take", () => {
  test("copies sources of all folders below, and nothing else", async () => {
    const folder = folderOf({
      ...{ "plugin.ts": "1", "lib/deep/a.mjs": "2", "b.cts": "3", "data.json": "{}" },
      ...{ "notes.txt": "-", ".env.ts": "-", ".git/x.ts": "-", "node_modules/p/index.js": "-" },
      "flyte-vault-webhook-x/plugin.ts": "-",
    });
    const copy = await copies.take(join(folder, "plugin.ts"));
    const own = ["b.cts", "data.json", "lib/deep/a.mjs", "plugin.ts"];
    expect(listCopy(copy.url)).toEqual([...own, "package.json"].toSorted());
    expect(copy.files.toSorted()).toEqual(own.map((name) => join(folder, name)));
    expect(readFileSync(fileURLToPath(copy.url), "utf8")).toBe("1");
    expect(readFileSync(new URL("package.json", copy.url), "utf8")).toBe('{"type":"module"}');
    await copy.release();
  });

  test("keeps the plugin's own package.json", async () => {
    const folder = folderOf({ "plugin.ts": "1", "package.json": '{"type":"commonjs"}' });
    const copy = await copies.take(join(folder, "plugin.ts"));
    expect(readFileSync(new URL("package.json", copy.url), "utf8")).toBe('{"type":"commonjs"}');
    await copy.release();
  });

  test("links this package, valibot, and the packages beside or above the plugin", async () => {
    const above = folderOf({
      ...{ "node_modules/near/index.js": "export default 1", "node_modules/.bin/x": "" },
      ...{ "node_modules/valibot/index.js": "export default 'other'", "plugins/plugin.ts": "1" },
    });
    const copy = await copies.take(join(above, "plugins/plugin.ts"));
    const packages = join(dirname(fileURLToPath(copy.url)), "node_modules");
    expect(readdirSync(packages).toSorted()).toEqual(["flyte-vault-webhook", "near", "valibot"]);
    expect(realpathSync(join(packages, "near"))).toBe(realpathSync(join(above, "node_modules/near")));
    expect(realpathSync(join(packages, "valibot"))).not.toStartWith(realpathSync(above));
    expect(existsSync(join(packages, "flyte-vault-webhook/src/plugin.ts"))).toBe(true);
    await copy.release();
  });

  test("the same content is copied once, and deleted after the last release", async () => {
    const file = join(folderOf({ "plugin.ts": "1" }), "plugin.ts");
    const [one, two] = await Promise.all([copies.take(file), copies.take(file)]);
    expect(two.url).toBe(one.url);
    expect(two.digest).toBe(one.digest);
    await one.release();
    await one.release();
    expect(existsSync(fileURLToPath(one.url))).toBe(true);
    await two.release();
    expect(existsSync(fileURLToPath(one.url))).toBe(false);
    const again = await copies.take(file);
    // No runtime imports a path twice, and the old folder may not be gone yet.
    expect(again.url).not.toBe(one.url);
    expect(existsSync(fileURLToPath(again.url))).toBe(true);
    await again.release();
  });

  test("another content, a neighbour's too, or another place is another copy", async () => {
    const files = { "plugin.ts": "1", "neighbour.ts": "1" };
    const folder = folderOf(files);
    const first = await copies.take(join(folder, "plugin.ts"));
    writeFileSync(join(folder, "neighbour.ts"), "2");
    const changed = await copies.take(join(folder, "plugin.ts"));
    const elsewhere = await copies.take(join(folderOf(files), "plugin.ts"));
    const other = await copies.take(join(folder, "neighbour.ts"));
    expect(new Set([first, changed, elsewhere, other].map(({ digest }) => digest)).size).toBe(4);
    expect(first.digest).toMatch(/^[0-9a-f]{16}$/);
    await Promise.all([first, changed, elsewhere, other].map(({ release }) => release()));
  });

  test("messages name the original files", async () => {
    const folder = folderOf({ "plugin.ts": "1" });
    const copy = await copies.take(join(folder, "plugin.ts"));
    const path = fileURLToPath(copy.url);
    expect(copy.toOriginal(`at ${copy.url}:1 and ${path}:2 and ${path}:3`)).toBe(
      `at ${pathToFileURL(join(folder, "plugin.ts")).href}:1 and ${join(folder, "plugin.ts")}:2 and ${join(folder, "plugin.ts")}:3`,
    );
    await copy.release();
  });

  test("a folder is refused where a file is expected", () => {
    expect(copies.take(folderOf({}))).rejects.toThrow("it is not a file");
  });

  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i}.ts`, ""]));

  test.each([
    ["500 files", many(499), true],
    ["501 files", many(500), false],
    ["10 MiB", { "large.ts": "x".repeat(10 * 1024 * 1024 - 1) }, true],
    ["more than 10 MiB", { "large.ts": "x".repeat(10 * 1024 * 1024) }, false],
    ["more than 10 MiB that are not sources", { "large.txt": "x".repeat(11 * 1024 * 1024) }, true],
  ])("a folder with %s", async (_, files, isTaken) => {
    const folder = folderOf({ ...files, "plugin.ts": "1" });
    const taken = copies.take(join(folder, "plugin.ts"));
    if (isTaken) await (await taken).release();
    else expect(taken).rejects.toThrow("holds more than 500 source files or 10 MiB of them");
    await taken.catch(() => {});
    rmSync(folder, { recursive: true });
  });
});

describe("takePackage", () => {
  const manifest = (name: string) =>
    JSON.stringify({ name, version: "1.0.0", main: "index.js", type: "module" });

  test.each(["acme", "@acme/plugin", "acme/sub.js"])(
    "%s: a module that exports its default",
    async (name) => {
      const folder = name
        .split("/")
        .slice(0, name.startsWith("@") ? 2 : 1)
        .join("/");
      const base = folderOf({
        [`node_modules/${folder}/package.json`]: manifest(folder),
        [`node_modules/${folder}/index.js`]: "export default { name: 'it' }",
        [`node_modules/${folder}/sub.js`]: "export default { name: 'it' }",
        "config/webhook.yaml": "",
      });
      const copy = await copies.takePackage(name, join(base, "config"));
      const module: { readonly default: unknown } = await import(copy.url);
      expect(module.default).toEqual({ name: "it" });
      expect(copy.files).toEqual([join(base, `node_modules/${folder}/package.json`)]);
      await copy.release();
    },
  );

  test("another version is another copy", async () => {
    const base = folderOf({ "node_modules/acme/package.json": manifest("acme") });
    const one = await copies.takePackage("acme", base);
    writeFileSync(join(base, "node_modules/acme/package.json"), `${manifest("acme")}\n`);
    const two = await copies.takePackage("acme", base);
    expect(two.digest).not.toBe(one.digest);
    await Promise.all([one.release(), two.release()]);
  });

  test("a package that is not installed is refused by its place", () => {
    expect(copies.takePackage("@acme/none", "/base")).rejects.toThrow(
      "no package of this name is installed at /base or above",
    );
  });

  test("a package of this program is found from everywhere", async () => {
    const copy = await copies.takePackage("valibot", folderOf({}));
    expect(copy.files[0]).toEndWith("node_modules/valibot/package.json");
    await copy.release();
  });
});

test("close deletes every copy", async () => {
  const own = createCopies();
  const { url } = await own.take(join(folderOf({ "plugin.ts": "1" }), "plugin.ts"));
  await own.close();
  expect(existsSync(fileURLToPath(url))).toBe(false);
  await createCopies().close();
});
