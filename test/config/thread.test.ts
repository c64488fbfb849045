/** A configuration parsed in a thread: the same result, and the main thread goes on meanwhile; what is too large is refused. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FILE_LIMIT, loadConfig } from "../../src/config/load.ts";
import { parseSources } from "../../src/config/parse.ts";
import { parseInThread } from "../../src/config/thread.ts";
import { measureLoopDelay } from "../../src/telemetry/loop-delay.ts";

const folder = await mkdtemp(join(tmpdir(), "config-thread-"));
afterAll(() => rm(folder, { recursive: true }));

describe("parseInThread", () => {
  test.each([
    ["nothing", ""],
    ["a section", "policy: { ids: random }"],
    [
      "options of any kind",
      "plugins: [{ use: auth, with: { a: [1, .inf, null, { b: 'c' }], d: 2026-01-01 } }]",
    ],
    ["several documents", "policy: { ids: random }\n---\nserver: { reload: false }"],
    ["a variable", `server: { preview: { token: "\${env:TOKEN}" } }`],
    ["a variable that is not set", `server: { preview: { token: "\${env:OTHER}" } }`],
    ["an unknown key", "policy: { idz: stable }"],
    ["bad syntax", "policy: ["],
    ["a warning", "polici: {}"],
  ])("of %s gives what parseSources gives", async (_, content) => {
    const sources = [{ content, file: "a.yaml" }];
    const env = { TOKEN: "s3cret" };
    expect(await parseInThread(sources, env)).toEqual(parseSources(sources, env));
  });

  test("takes a copy of an environment that counts what is read", async () => {
    const env = new Proxy<Record<string, string>>({ TOKEN: "s3cret" }, {});
    const parsed = await parseInThread([{ content: `server: { preview: { token: "\${env:TOKEN}" } }` }], env);
    expect(parsed.ok && parsed.value.config.server.preview.token).toBe("s3cret");
  });

  test.each([
    ["flow YAML", `policy: { denied: [${"{a: [b]}, ".repeat(90_000)}] }`],
    [
      "many annotations",
      `webhook: { vaultSecretManager: { annotations: { ${Array.from({ length: 40_000 }, (_, i) => `a${i}: b`).join(", ")} } } }`,
    ],
    ["unknown keys", `policy: { ${Array.from({ length: 40_000 }, (_, i) => `key${i}: b`).join(", ")} }`],
  ])(
    "does not hold up this thread with a megabyte of %s",
    async (_, content) => {
      await parseInThread([{ content: "" }], {});
      const delay = measureLoopDelay(() => performance.now());
      const start = performance.now();
      await parseInThread([{ content }], {});
      const took = performance.now() - start;
      const held = delay.take();
      delay.stop();
      expect(held).toBeLessThan(Math.max(150, took / 4));
    },
    60_000,
  );
});

describe("loadConfig", () => {
  const codes = async (...paths: string[]) =>
    (
      await loadConfig(
        paths.map((path) => join(folder, path)),
        {},
      )
    ).issues.map(({ code }) => code);

  test("refuses a file over 1 MiB without reading it", async () => {
    await writeFile(join(folder, "fits.yaml"), `policy: { ids: random } #${" ".repeat(FILE_LIMIT - 25)}`);
    expect(await codes("fits.yaml")).toEqual([]);
    await writeFile(join(folder, "large.yaml"), "a: b");
    // 150 GiB that take no space.
    await truncate(join(folder, "large.yaml"), 150 * 1024 ** 3);
    const start = performance.now();
    expect(await codes("large.yaml")).toEqual(["config.file-too-large"]);
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  test("refuses files that are over 4 MiB together", async () => {
    const names = [1, 2, 3, 4, 5].map((i) => `part-${i}.yaml`);
    for (const name of names)
      await writeFile(join(folder, name), `version: 1 #${" ".repeat(FILE_LIMIT - 12)}`);
    expect(await codes(...names.slice(0, 4))).toEqual([]);
    expect(await codes(...names)).toEqual(["config.files-too-large"]);
  });
});
