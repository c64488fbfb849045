/** Engines that replace each other: whole, in one step, with their plugins' code as it is on disk. */
import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLive, type Live, type ReloadEvent } from "../../src/host/live.ts";
import { createMemoryWatch } from "../../src/host/plugin/memory-watch.ts";
import { createSnapshots } from "../../src/host/plugin/snapshot.ts";
import { type LoadContext, type LoadedEngine, loadEngine } from "../../src/server/load.ts";
import { podWith, reviewPod, secret } from "../fixtures/engine.ts";

const KEY = "vault.hashicorp.com/namespace";
const pod = podWith([secret({ group: "secret/data/team", key: "api_key", group_version: "kv2" })]);
const folder = await mkdtemp(join(tmpdir(), "live-"));
const snapshots = createSnapshots();
const memory = createMemoryWatch({ report: () => {} });
const context: LoadContext = { env: {}, snapshots, memory, reportEvent: () => {}, reportFailure: () => {} };
const events: ReloadEvent[] = [];
const lives: Live<LoadedEngine>[] = [];

const PLUGIN = `import { definePlugin } from "flyte-vault-webhook/plugin";
import { value } from "./lib/value.ts";
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export default definePlugin({
  name: "changing", description: "Changes", writes: ["${KEY}"],
  setup: () => ({ annotations: async ({ labels }) => {
    await wait(Number(labels.wait ?? 0));
    return { "${KEY}": value };
  } }),
});
`;

async function writePlugin(value: string, plugin = PLUGIN): Promise<void> {
  await mkdir(join(folder, "plugins/lib"), { recursive: true });
  await writeFile(join(folder, "plugins/changing.ts"), plugin);
  await writeFile(join(folder, "plugins/lib/value.ts"), `export const value = ${JSON.stringify(value)};\n`);
}

const writeConfig = (isolate: string, rest = "") =>
  writeFile(
    join(folder, "webhook.yaml"),
    `plugins: [{ use: ./plugins/changing.ts, isolate: ${isolate} }]\n${rest}`,
  );

async function start(): Promise<Live<LoadedEngine>> {
  const load = () => loadEngine([join(folder, "webhook.yaml")], context);
  const first = await load();
  if (!first.ok) throw new Error(first.issues[0].message);
  const live = createLive(first.value, load, (event) => events.push(event));
  lives.push(live);
  return live;
}

async function namespaceOf(live: Live<LoadedEngine>, labels = {}): Promise<string | undefined> {
  const metadata = { ...pod.metadata, labels: { ...pod.metadata.labels, ...labels } };
  const outcome = await reviewPod(live.engine(), { ...pod, metadata });
  if (!outcome.allowed) throw new Error(outcome.status?.message);
  return outcome.explain().annotations.find(({ key }) => key === KEY)?.value;
}

beforeEach(async () => {
  await Promise.all(lives.splice(0).map((live) => live.close()));
  events.length = 0;
});
afterAll(async () => {
  await Promise.all(lives.map((live) => live.close()));
  await snapshots.close();
  await rm(folder, { recursive: true });
});

describe.each(["none", "worker"])("isolate: %s", (isolate) => {
  test("a change of what a plugin imports is picked up", async () => {
    await writePlugin("one");
    await writeConfig(isolate);
    const live = await start();
    expect(await namespaceOf(live)).toBe("one");
    const { hash } = live.engine();
    await writePlugin("two");
    await live.reload();
    expect(await namespaceOf(live)).toBe("two");
    expect(live.engine().hash).not.toBe(hash);
    await live.reload();
    expect(events.map(({ kind }) => kind)).toEqual(["reloaded", "unchanged"]);
  });

  test("a review under way ends on the engine that it began with", async () => {
    await writePlugin("before");
    await writeConfig(isolate);
    const live = await start();
    const slow = namespaceOf(live, { wait: "150" });
    await writePlugin("after");
    await live.reload();
    expect(await namespaceOf(live)).toBe("after");
    expect(await slow).toBe("before");
  });

  test("what does not validate leaves the old engine in force", async () => {
    await writePlugin("good");
    await writeConfig(isolate);
    const live = await start();
    const bad: readonly [string, () => Promise<void>][] = [
      ["plugin.import", () => writePlugin("x", "export default {{{")],
      ["plugin.definition", () => writePlugin("x", "export default 1")],
      [
        "plugin.fails-always",
        () => writePlugin("x", PLUGIN.replace("return {", "throw new Error(); return {")),
      ],
      ["config.name-unknown", () => writeConfig(isolate, "policy: { stict: true }")],
      ["config.file-missing", () => rm(join(folder, "webhook.yaml"))],
    ];
    for (const [code, spoil] of bad) {
      await writePlugin("good");
      await writeConfig(isolate);
      await spoil();
      await live.reload();
      expect<string[]>(live.failure()?.map((issue) => issue.code) ?? []).toContain(code);
      expect(await namespaceOf(live)).toBe("good");
    }
    await writePlugin("better");
    await writeConfig(isolate);
    await live.reload();
    expect(live.failure()).toBeUndefined();
    expect(await namespaceOf(live)).toBe("better");
  });

  test("calls while it loads lead to one more load", async () => {
    await writePlugin("first");
    await writeConfig(isolate);
    const live = await start();
    await writePlugin("last");
    await Promise.all(Array.from({ length: 20 }, () => live.reload()));
    expect(events.length).toBe(2);
    expect(await namespaceOf(live)).toBe("last");
  });
});
