/** The plugins of one configuration: what is known of those that were loaded, and of those that were not. */
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PluginEntrySettings } from "../../../src/core/settings.ts";
import { createLoader, type LoaderOptions } from "../../../src/host/plugin/load.ts";
import { createMemoryWatch } from "../../../src/host/plugin/memory-watch.ts";
import { createSnapshots } from "../../../src/host/plugin/snapshot.ts";
import { PLUGINS } from "../plugins.ts";

const snapshots = createSnapshots();
afterAll(() => snapshots.close());

function create(options: Partial<LoaderOptions> = {}) {
  const memory = createMemoryWatch({ report: () => {} });
  return createLoader({
    file: join(PLUGINS, "webhook.yaml"),
    snapshots,
    memory,
    report: () => {},
    ...options,
  });
}

const entry = (use: string, changes: Partial<PluginEntrySettings> = {}): PluginEntrySettings => ({
  ...{ use, with: {}, when: {}, allow: [], onError: "deny", timeout: 1_000 },
  ...changes,
});
const EVERYTHING = entry("./everything.ts", { with: { team: "a" } });

describe("createLoader", () => {
  test.each([
    ["worker", undefined],
    ["worker", "worker"],
    ["none", "none"],
  ] as const)(
    "a file runs in isolation %s (isolate: %s), and is known until it is closed",
    async (isolation, isolate) => {
      const loader = create();
      const loaded = await loader.resolvePlugin({ ...EVERYTHING, isolate }, 2);
      if (!loaded.ok) throw new Error(loaded.issues[0].message);
      const digest = loaded.value.digest ?? "";
      expect(digest).toMatch(/^[0-9a-f]{16}$/);
      expect([...loader.entries]).toEqual([[2, { name: "everything", isolation, digest }]]);
      const url = loader.loaded.get("./everything.ts")?.url ?? "";
      expect([...loader.loaded]).toEqual([["./everything.ts", { isolation, digest, url }]]);
      expect(loader.files.has(join(PLUGINS, "everything.ts"))).toBe(true);
      expect(loader.files.has(join(PLUGINS, "neighbour.ts"))).toBe(true);
      expect(existsSync(fileURLToPath(url))).toBe(true);
      await loaded.value.close?.();
      expect(existsSync(fileURLToPath(url))).toBe(false);
    },
  );

  test("a bundled plugin runs in process, and another loader need not know it", async () => {
    const loader = create();
    const loaded = await loader.resolvePlugin(entry("namespace", { with: { namespace: "a" } }), 0);
    expect(loaded.ok).toBe(true);
    expect([...loader.entries]).toEqual([[0, { name: "namespace", isolation: "none" }]]);
    expect([...loader.loaded]).toEqual([]);
    expect([...loader.files]).toEqual([]);
    if (loaded.ok) await loaded.value.close?.();
  });

  test("a plugin that is refused is not among the loaded, but its files are watched; its copy is deleted", async () => {
    const loader = create();
    const loaded = await loader.resolvePlugin({ ...EVERYTHING, with: { taem: "a" }, isolate: "none" }, 1);
    expect(loaded.issues.map(({ code, path }): unknown => [code, path])).toEqual([
      ["plugin.options", "plugins[1]"],
      ["plugin.options", "plugins[1]"],
    ]);
    expect([loader.entries.size, loader.loaded.size]).toEqual([0, 0]);
    expect(loader.files.has(join(PLUGINS, "everything.ts"))).toBe(true);
  });

  test("a thread that cannot start is an issue of its own", async () => {
    const loader = create({ memory: { ...createMemoryWatch({ report: () => {} }), heapLimit: Number.NaN } });
    const loaded = await loader.resolvePlugin(entry("./exits.ts"), 0);
    expect(loaded.issues[0]).toMatchObject({ code: "plugin.worker", path: "plugins[0]" });
  }, 20_000);

  describe("with the plugins of another loader only", () => {
    test("a known one runs where it ran, from the same copy", async () => {
      const first = create();
      const loaded = await first.resolvePlugin({ ...EVERYTHING, isolate: "none" }, 0);
      const second = create({ known: first.loaded });
      const again = await second.resolvePlugin(EVERYTHING, 0);
      if (!loaded.ok || !again.ok) throw new Error("not loaded");
      expect(second.entries.get(0)).toEqual(first.entries.get(0) as never);
      await again.value.close?.();
      const url = first.loaded.get("./everything.ts")?.url ?? "";
      expect(existsSync(fileURLToPath(url))).toBe(true);
      await loaded.value.close?.();
    });

    test.each(["./everything.ts", "@acme/plugin"])("%s is refused if it is not known", async (use) => {
      const { issues } = await create({ known: new Map() }).resolvePlugin(entry(use), 3);
      expect(issues).toMatchObject([{ code: "plugin.candidate", path: "plugins[3]" }]);
    });

    test("a bundled one is always known", async () => {
      const loader = create({ known: new Map() });
      const loaded = await loader.resolvePlugin(entry("namespace", { with: { namespace: "a" } }), 0);
      expect(loaded.ok).toBe(true);
    });
  });
});
