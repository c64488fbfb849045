/** Previews in a thread of their own: the same answers as in the main thread, which goes on serving meanwhile. */
import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "../../src/config/parse.ts";
import { createEngine } from "../../src/host/engine.ts";
import { createMemoryWatch, type MemoryWatch, type Suspect } from "../../src/host/plugin/memory-watch.ts";
import { createSnapshots } from "../../src/host/plugin/snapshot.ts";
import type { PreviewSetup } from "../../src/host/preview/protocol.ts";
import { createPreviewThread, type PreviewThread } from "../../src/host/preview/thread.ts";
import { createApp } from "../../src/http/app.ts";
import type { AppOptions } from "../../src/http/options.ts";
import { loadEngine } from "../../src/server/load.ts";
import { measureLoopDelay } from "../../src/telemetry/loop-delay.ts";
import { createTestEngine, DEFAULT_SETTINGS, podWith, secret } from "../fixtures/engine.ts";

const engine = await createTestEngine();
const script = new URL("../../src/server/preview-worker.ts", import.meta.url);
const DEFAULT_SETUP: PreviewSetup = { settings: DEFAULT_SETTINGS, file: undefined, known: new Map() };
const TOKEN = "s3cret";

const threads: PreviewThread[] = [];
afterAll(() => {
  for (const { close } of threads) close();
});

/** Starts a thread that is asked for nothing yet. */
function startThread({
  setup = () => DEFAULT_SETUP,
  seconds = 20,
  idleMs = 60_000,
  memory = createMemoryWatch({ report: () => {} }),
  held = { now: 0 },
}: {
  setup?: () => PreviewSetup;
  seconds?: number;
  idleMs?: number;
  memory?: MemoryWatch;
  held?: { now: number };
} = {}): PreviewThread {
  const hold = () => {
    held.now++;
    return { setup: setup(), letGo: () => held.now-- };
  };
  const thread = createPreviewThread({
    ...{ script, hold, memory, report: () => {}, longestSeconds: seconds, idleMs },
  });
  threads.push(thread);
  return thread;
}

const appOf = ({ make }: PreviewThread, options: Partial<AppOptions> = {}) =>
  createApp(engine, { surface: "management", makePreview: make, ...options });
type App = ReturnType<typeof appOf>;

const send = (app: App, body: string, headers: Record<string, string> = {}, signal?: AbortSignal) =>
  app.request("/preview", { method: "POST", headers, body, ...(signal && { signal }) });

const pod = JSON.stringify(podWith([secret({ group: "secret/data/team", key: "api-key" })]));
const PLAIN = "secrets: [{ group: secret/data/team, key: api_key }]";
/** About 1 MiB of YAML, which takes a second to read. */
const large = `apiVersion: v1\nkind: Pod\nmetadata: { name: x }\nspec:\n  containers:\n${"  - { name: a, image: b, env: [{ name: c, value: d }] }\n".repeat(10_000)}`;

describe("a preview in its thread", () => {
  const beside = appOf(startThread(), { preview: { token: TOKEN } });
  const within = createApp(engine, {
    ...{ surface: "management", preview: { token: TOKEN } },
    createCandidate: async (config) => {
      const parsed = parseConfig(config as object);
      return parsed.ok ? createEngine(parsed.value) : parsed;
    },
  });
  const authorization = `Bearer ${TOKEN}`;

  test.each([
    ["a pod", pod, "application/json"],
    ["a pod as YAML", pod, "application/yaml"],
    ["the plain form", PLAIN, "application/json"],
    [
      "letters outside of ASCII",
      "secrets: [{ group: secret/data/tëam-日本-😀, key: k }]",
      "application/json",
    ],
    ["several documents", `${pod}\n---\n${pod}`, "application/json"],
    ["a refusal", "secrets: [{ key: k }]", "application/yaml"],
    ["what cannot be read", "kind: [", "application/json"],
    ["nothing", "", "application/json"],
    ["a candidate", `${PLAIN}\nconfig: { webhook: { vaultSecretManager: { role: r } } }`, "application/json"],
    ["a bad candidate", `${PLAIN}\nconfig: { policy: { idz: stable } }`, "application/json"],
    ["an unknown plugin", `${PLAIN}\nconfig: { plugins: [{ use: nowhere }] }`, "application/json"],
  ])("%s is answered as in the main thread", async (_, body, accept) => {
    const [a, b] = await Promise.all([
      send(beside, body, { accept, authorization }),
      send(within, body, { accept, authorization }),
    ]);
    const codes = ({ issues = [] }: { issues?: { code: string }[] }) => issues.map(({ code }) => code);
    expect([a.status, a.headers.get("content-type")]).toEqual([b.status, b.headers.get("content-type")]);
    const [textA, textB] = [await a.text(), await b.text()];
    // A plugin that is not known has another reason here, since no code is looked for.
    if (a.status === 400 && !textA.includes("plugin.candidate")) expect(textA).toBe(textB);
    else if (a.status === 400) expect(codes(JSON.parse(textA))).toEqual(["plugin.candidate"]);
    else expect(textA).toBe(textB);
  });

  test("a candidate without a token to check is refused", async () => {
    const open = appOf(startThread());
    const response = await send(open, `${PLAIN}\nconfig: {}`);
    expect([response.status, await response.json()]).toMatchObject([403, { code: "http.candidate-config" }]);
  });
});

describe("the main thread", () => {
  test.each([
    ["a megabyte of YAML", large],
    [
      "a candidate configuration of 900 kB",
      JSON.stringify({
        secrets: [{ group: "g", key: "k" }],
        config: `{ policy: { denied: [${"'a', ".repeat(180_000)}] } }`,
      }),
    ],
    [
      "a pod with 20,000 annotations",
      JSON.stringify({
        ...JSON.parse(pod),
        metadata: {
          ...JSON.parse(pod).metadata,
          annotations: {
            ...JSON.parse(pod).metadata.annotations,
            ...Object.fromEntries(
              Array.from({ length: 20_000 }, (_, i) => [`vault.hashicorp.com/agent-x-${i}`, "1"]),
            ),
          },
        },
      }),
    ],
  ])(
    "is not held up by %s",
    async (_, body) => {
      const app = appOf(startThread(), { preview: { token: TOKEN } });
      const authorization = `Bearer ${TOKEN}`;
      await send(app, pod, { authorization });
      const delay = measureLoopDelay(() => performance.now());
      const start = performance.now();
      const response = await send(app, body, { accept: "application/yaml", authorization });
      const took = performance.now() - start;
      const held = delay.take();
      delay.stop();
      expect([200, 400, 422]).toContain(response.status);
      expect(held).toBeLessThan(Math.max(150, took / 4));
    },
    30_000,
  );
});

describe("a preview that goes wrong", () => {
  test("is given up after its time, and the next one is answered", async () => {
    const app = appOf(startThread({ seconds: 0.3 }));
    const late = await send(app, large);
    expect([late.status, await late.json()]).toMatchObject([400, { code: "http.preview-overrun" }]);
    // A new thread may take longer to start than this short limit.
    const patient = appOf(startThread());
    expect((await send(patient, pod)).status).toBe(200);
  }, 30_000);

  test("is given up where memory runs out, and the next one is answered", async () => {
    const suspects: Suspect[] = [];
    const memory: MemoryWatch = {
      heapLimit: 1e9,
      add: (suspect) => {
        suspects.push(suspect);
        return () => suspects.splice(suspects.indexOf(suspect), 1);
      },
      close: () => {},
    };
    const app = appOf(startThread({ memory }));
    expect((await send(app, pod)).status).toBe(200);
    expect(suspects).toEqual([]);
    const answer = send(app, large);
    while (suspects.length === 0) await Bun.sleep(5);
    const [suspect] = suspects;
    for (const call of suspect?.running?.() ?? []) suspect?.end?.(call, "the process has too much");
    const response = await answer;
    expect([response.status, await response.json()]).toMatchObject([503, { code: "http.preview-memory" }]);
    expect((await send(app, pod)).status).toBe(200);
  }, 30_000);

  test("frees its place soon after its client has gone", async () => {
    const held = { now: 0 };
    const app = appOf(startThread({ held }));
    const gone = new AbortController();
    const answer = send(app, large.repeat(1), { accept: "application/yaml" }, gone.signal);
    await Bun.sleep(50);
    gone.abort();
    const start = performance.now();
    expect((await send(app, pod)).status).toBe(200);
    expect(performance.now() - start).toBeLessThan(2_500);
    await answer;
    expect(held.now).toBe(0);
  }, 30_000);
});

describe("the engine of the thread", () => {
  const PLUGIN = (value: string) => `import { definePlugin } from "flyte-vault-webhook/plugin";
export default definePlugin({
  name: "level", description: "Level", writes: ["acme.io/*"],
  setup: () => ({ annotations: () => ({ "acme.io/level": "${value}" }) }),
});
`;
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  test.each(["worker", "none"])(
    "is the serving one's, with the same plugins (isolate: %s), hash and copies, and follows it",
    async (isolate) => {
      const folder = await mkdtemp(join(tmpdir(), "preview-engine-"));
      cleanups.push(() => rm(folder, { recursive: true }));
      const snapshots = createSnapshots();
      cleanups.push(snapshots.close);
      const memory = createMemoryWatch({ report: () => {} });
      const load = async (value: string) => {
        await writeFile(join(folder, "level.ts"), PLUGIN(value));
        const config = `plugins: [{ use: ./level.ts, isolate: ${isolate}, allow: ["acme.io/*"] }]`;
        await writeFile(join(folder, "webhook.yaml"), config);
        const loaded = await loadEngine([join(folder, "webhook.yaml")], {
          ...{ env: {}, snapshots, memory, reportEvent: () => {}, reportFailure: () => {} },
        });
        if (!loaded.ok) throw new Error(loaded.issues[0].message);
        cleanups.push(loaded.value.engine.close);
        return loaded.value;
      };
      let current = await load("low");
      const thread = startThread({ setup: () => current.previewSetup, memory });
      const app = appOf(thread, { preview: { token: TOKEN } });
      const ask = async (body: string) =>
        (await send(app, body, { authorization: `Bearer ${TOKEN}` })).text();

      // The file changes, but the serving engine does not: the copy decides.
      await writeFile(join(folder, "level.ts"), PLUGIN("unseen"));
      const first = await ask(pod);
      expect(first).toContain(`"configHash":"${current.engine.hash}"`);
      expect(first).toContain('"value":"low"');
      current = await load("high");
      const second = await ask(pod);
      expect(second).toContain(`"configHash":"${current.engine.hash}"`);
      expect(second).toContain('"value":"high"');

      const candidateOf = (use: string) =>
        `${PLAIN}\nconfig: { plugins: [{ use: ${use}, allow: ["acme.io/*"] }] }`;
      expect(await ask(candidateOf("./level.ts"))).toContain('"value":"high"');
      expect(await ask(candidateOf("./other.ts"))).toContain("plugin.candidate");
    },
    30_000,
  );

  test("is closed with its thread after a time without previews", async () => {
    const thread = startThread({ idleMs: 50 });
    const app = appOf(thread);
    expect(thread.isRunning()).toBe(false);
    for (const _ of [1, 2]) {
      expect((await send(app, pod)).status).toBe(200);
      expect(thread.isRunning()).toBe(true);
      await Bun.sleep(200);
      expect(thread.isRunning()).toBe(false);
    }
  });
});
