/** A thousand reloads while pods are reviewed: none refused, none on an old engine for long, memory flat. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLive, type ReloadEvent } from "../../src/host/live.ts";
import { createMemoryWatch } from "../../src/host/plugin/memory-watch.ts";
import { createSnapshots } from "../../src/host/plugin/snapshot.ts";
import { loadEngine } from "../../src/server/load.ts";
import { podWith, reviewPod, secret } from "../fixtures/engine.ts";

const RELOADS = 1_000;
const KEY = "vault.hashicorp.com/namespace";
const MIB = 1024 * 1024;
const pod = podWith([secret({ group: "secret/data/team", key: "api_key", group_version: "kv2" })]);
const folder = await mkdtemp(join(tmpdir(), "reloads-"));
// Copies go here, where nobody else's are.
process.env.TMPDIR = folder;
const snapshots = createSnapshots();

afterAll(async () => {
  await snapshots.close();
  await rm(folder, { recursive: true });
});

const writePlugin = (n: number) =>
  writeFile(
    join(folder, "changing.ts"),
    `import { definePlugin } from "flyte-vault-webhook/plugin";
export default definePlugin({
  name: "changing", description: "Changes", writes: ["${KEY}"],
  setup: () => ({ annotations: () => ({ "${KEY}": "n${n}" }) }),
});
`,
  );

describe.each([
  ["worker", 60],
  ["none", 200],
] as const)("isolate: %s", (isolate, growth) => {
  test(`${RELOADS} reloads under load`, async () => {
    const memory = createMemoryWatch({ report: () => {} });
    const context = { env: {}, snapshots, memory, reportEvent: () => {}, reportFailure: () => {} };
    const load = () => loadEngine([join(folder, "webhook.yaml")], context);
    await writeFile(
      join(folder, "webhook.yaml"),
      `plugins: [{ use: ./changing.ts, isolate: ${isolate}, timeout: 5s }]`,
    );
    await writePlugin(0);
    const first = await load();
    if (!first.ok) throw new Error(first.issues[0].message);
    const events: ReloadEvent[] = [];
    const live = createLive(first.value, load, (event) => events.push(event));
    let isOver = false;
    let reviewed = 0;
    const refused: (string | undefined)[] = [];
    const reviews = Array.from({ length: 4 }, async () => {
      while (!isOver) {
        const outcome = await reviewPod(live.engine(), pod);
        reviewed++;
        if (!outcome.allowed) refused.push(outcome.status?.message);
        await Bun.sleep(1);
      }
    });
    let early = 0;
    for (let n = 1; n <= RELOADS; n++) {
      await writePlugin(n);
      await live.reload();
      if (n === RELOADS / 5) early = measure();
    }
    isOver = true;
    await Promise.all(reviews);
    const grown = (measure() - early) / MIB;
    const last = await reviewPod(live.engine(), pod);
    expect(last.explain().annotations.find(({ key }) => key === KEY)?.value).toBe(`n${RELOADS}`);
    expect(events.filter(({ kind }) => kind === "reloaded")).toHaveLength(RELOADS);
    expect(refused).toEqual([]);
    expect(reviewed).toBeGreaterThan(RELOADS);
    await live.close();
    const [copies = ""] = (await readdir(folder)).filter((name) => name.startsWith("flyte-vault-webhook-"));
    expect(await readdir(join(folder, copies))).toEqual([]);
    process.stderr.write(
      `${isolate}: ${reviewed} reviews, RSS +${grown.toFixed(0)} MiB over ${RELOADS * 0.8} reloads\n`,
    );
    expect(grown).toBeLessThan(growth);
  }, 300_000);
});

function measure(): number {
  Bun.gc(true);
  return process.memoryUsage().rss;
}
