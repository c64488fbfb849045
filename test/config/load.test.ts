import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { loadConfig } from "../../src/config/load.ts";

let root = "";

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "config-"));
  await write("one.yaml", "policy: { ids: random }");
  await write("conf.d/010-ours.yaml", "policy: { strict: true, locked: [a] }");
  await write(
    "conf.d/000-core.yml",
    "webhook: { vaultSecretManager: { role: core } }\npolicy: { locked: [z] }",
  );
  await write("conf.d/100-inline.json", '{"webhook":{"vaultSecretManager":{"role":"inline"}}}');
  await write("conf.d/webhook.schema.json", "not: [yaml");
  await write("conf.d/notes.txt", "not: [yaml");
  await write("conf.d/.hidden.yaml", "not: [yaml");
  await write("conf.d/sub.yaml/file.yaml", "not: [yaml");
  await write("bad/a.yaml", "policy: { ids: x }");
  await write("bad/b.yaml", "\naudit: { paths: x }");
  await writeFile(join(root, "latin1.yaml"), new Uint8Array([0x61, 0x3a, 0x20, 0xe4]));
  await write("empty/readme.md", "");
  // A ConfigMap's mount: the visible names are links through `..data`.
  await write("mount/..2026_01_01/a.yaml", "policy: { ids: random }");
  await symlink("..2026_01_01", join(root, "mount/..data"));
  await symlink("..data/a.yaml", join(root, "mount/a.yaml"));
});

afterAll(() => rm(root, { recursive: true }));

async function write(name: string, text: string): Promise<void> {
  await mkdir(join(root, name, ".."), { recursive: true });
  await writeFile(join(root, name), text);
}

async function load(...paths: string[]) {
  const loaded = await loadConfig(
    paths.map((path) => join(root, path)),
    {},
  );
  return loaded.ok
    ? { ...loaded.value, files: loaded.value.files.map((file) => relative(root, file)) }
    : { issues: loaded.issues.map(({ code, message }) => `${code} ${message.replaceAll(`${root}/`, "")}`) };
}

const CONF_D = ["conf.d/000-core.yml", "conf.d/010-ours.yaml", "conf.d/100-inline.json"];

describe("loadConfig", () => {
  test.each([
    ["a file", ["one.yaml"], ["one.yaml"]],
    ["a folder, in name order, without other files", ["conf.d"], CONF_D],
    ["a glob in the file's name", ["conf.d/*.yaml"], ["conf.d/010-ours.yaml"]],
    ["a glob in a folder's name", ["*.d/0*"], CONF_D.slice(0, 2)],
    ["a ConfigMap's mount, each file once", ["mount"], ["mount/a.yaml"]],
    [
      "several paths, in the order given, each file once",
      ["one.yaml", "conf.d", "one*"],
      ["one.yaml", ...CONF_D],
    ],
  ])("reads %s", async (_, paths, files) => {
    expect(await load(...paths)).toMatchObject({ files });
  });

  test("merges the files, later ones winning", async () => {
    expect(await load("one.yaml", "conf.d")).toMatchObject({
      config: {
        webhook: { vaultSecretManager: { role: "inline" } },
        policy: { ids: "random", strict: true, locked: ["a"] },
      },
    });
  });

  test.each([
    [
      "none.yaml",
      ['config.file-missing Cannot read the configuration: file or folder "none.yaml" does not exist'],
    ],
    ["empty", ['config.files-none Cannot read the configuration: no file matches "empty"']],
    ["none/*.yaml", ['config.files-none Cannot read the configuration: no file matches "none/*.yaml"']],
    [
      "latin1.yaml",
      ['config.file-unreadable Cannot read the configuration "latin1.yaml": it is not UTF-8 text'],
    ],
    [
      "bad",
      [
        'config.value bad/a.yaml:1:11: policy.ids is "x", expected stable or random',
        'config.value bad/b.yaml:2:10: audit.paths is "x", expected full, hash or none',
      ],
    ],
  ])("refuses %s, saying why", async (path, issues) => {
    expect(await load(path)).toEqual({ issues });
  });

  test("reads the example of the repository without an issue", async () => {
    const example = new URL("../../config/webhook.yaml", import.meta.url).pathname;
    expect(await loadConfig([example], {})).toMatchObject({
      ok: true,
      issues: [],
      value: {
        files: [example],
        config: { webhook: { vaultSecretManager: { role: "flyte-role", kvVersion: 2 } } },
      },
    });
  });
});
