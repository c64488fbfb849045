/** Sample reviews: what would fail on every pod is found before an engine may serve. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PluginFailure } from "../../src/core/ports.ts";
import { createMemoryWatch } from "../../src/host/plugin/memory-watch.ts";
import { createSnapshots } from "../../src/host/plugin/snapshot.ts";
import { createSamples } from "../../src/host/samples.ts";
import { loadEngine } from "../../src/server/load.ts";
import { createTestEngine, DEFAULT_SETTINGS, reviewPod } from "../fixtures/engine.ts";
import { PLUGINS } from "../host/plugins.ts";

const folder = mkdtempSync(join(tmpdir(), "samples-"));
const snapshots = createSnapshots();
const memory = createMemoryWatch({ report: () => {} });
afterAll(async () => {
  memory.close();
  await snapshots.close();
  rmSync(folder, { recursive: true });
});

async function load(plugins: readonly object[], rest: object = {}) {
  const path = join(folder, "webhook.yaml");
  writeFileSync(path, JSON.stringify({ version: 1, plugins, ...rest }));
  const failures: PluginFailure[] = [];
  const context = { env: {}, snapshots, memory, reportEvent: () => {} };
  const loaded = await loadEngine([path], { ...context, reportFailure: (failed) => failures.push(failed) });
  if (loaded.ok) await loaded.value.engine.close();
  const issues = loaded.issues.map(({ code, severity, message }) => ({
    code: String(code),
    severity,
    message,
  }));
  return { ok: loaded.ok, issues, codes: issues.map(({ code }) => code), failures };
}

const use = join(PLUGINS, "choosy.ts");

describe.each(["none", "worker"])("isolate: %s", (isolate) => {
  const entry = (fails: string, more: object = {}) => ({
    use,
    isolate,
    with: { fails },
    timeout: "150ms",
    ...more,
  });

  test.each([
    ["always", /\(4 of 4, hook annotations\): (?:Error: )?no good reason$/],
    ["writes", /sets "vault.hashicorp.com\/role"/],
    ["slow", /did not answer in time$/],
  ])("a plugin that fails on every sample (%s) is a load error", async (fails, message) => {
    const { ok, issues, failures } = await load([entry(fails)]);
    expect([ok, issues[0]?.code]).toEqual([false, "plugin.fails-always"]);
    expect(issues[0]?.message).toMatch(message);
    expect(issues[0]?.message).toStartWith("plugins[0]: ");
    // Nothing that a new engine does on samples counts as a failure of the server's.
    expect(failures).toEqual([]);
  });

  test.each([
    ["kv1", {}, ["error plugin.fails-sometimes"]],
    ["always", { onError: "skip" }, ["error plugin.fails-sometimes"]],
    ["slow-once", {}, []],
    ["denies", {}, []],
    ["never", {}, []],
    // No sample is for it: no pod can be.
    ["always", { when: { groups: [] } }, ["warning config.when-nothing"]],
  ])("%s with %j: %j", async (fails, more, expected) => {
    const { ok, issues } = await load([entry(fails, more)]);
    expect([ok, issues.map(({ code, severity }) => `${severity} ${code}`)]).toEqual([true, expected]);
  });

  test.each([
    { projects: ["ml-*"] },
    { domains: ["prod"], labels: { team: ["a*", "b"], "x/y": ["*"] } },
    { namespaces: ["*-batch"], serviceAccounts: ["runner-*"] },
    { groups: ["secret/data/*/db"] },
  ])("an entry for %j has its sample", async (when) => {
    const { ok, codes } = await load([entry("never"), entry("always", { when })]);
    expect([ok, codes]).toEqual([false, ["plugin.fails-always"]]);
  });

  test("a value of a plugin that the injector refuses is said at load, with its entry", async () => {
    const { ok, issues } = await load([
      { use: join(PLUGINS, "everything.ts"), isolate, allow: ["*"], with: { team: "a", cpu: "lots" } },
    ]);
    expect(ok).toBe(true);
    expect(issues).toEqual([
      expect.objectContaining({
        code: "annotation.value-injector",
        message: expect.stringMatching(/^plugins\[0\]: .*"lots"/),
      }),
    ]);
  });
});

test("nothing is said about a configuration without faults, whatever its policy", async () => {
  for (const policy of [
    {},
    { strict: true },
    { profile: "hardened" },
    { fileNames: "flytekit", ids: "random" },
  ]) {
    expect((await load([], { policy })).codes).toEqual([]);
  }
});

test("every engine of Vault and a long-lived owner are among the samples, and each is a good pod", async () => {
  const engine = await createTestEngine();
  const engines = new Set<string>();
  const samples = createSamples(DEFAULT_SETTINGS);
  for (const { object } of samples) {
    const outcome = await reviewPod(engine, object);
    expect(outcome.allowed).toBe(true);
    for (const name of Object.keys(outcome.measure?.().engines ?? {})) engines.add(name);
  }
  expect([...engines].toSorted()).toEqual(["db", "kv1", "kv2"]);
  expect(JSON.stringify(samples)).toContain("RayCluster");
});
