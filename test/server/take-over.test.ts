/** Which engine may replace the one that serves, by sample pods and recent ones. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AdmissionRequest } from "../../src/core/admission/request.ts";
import { createMemoryWatch } from "../../src/host/plugin/memory-watch.ts";
import { createSnapshots } from "../../src/host/plugin/snapshot.ts";
import { type LoadedEngine, loadEngine } from "../../src/server/load.ts";
import { judgeTakeOver } from "../../src/server/take-over.ts";
import { podWith, secret } from "../fixtures/engine.ts";
import { PLUGINS } from "../host/plugins.ts";

const folder = mkdtempSync(join(tmpdir(), "take-over-"));
const snapshots = createSnapshots();
const memory = createMemoryWatch({ report: () => {} });
const engines: LoadedEngine[] = [];
afterAll(async () => {
  await Promise.all(engines.map(({ engine }) => engine.close()));
  memory.close();
  await snapshots.close();
  rmSync(folder, { recursive: true });
});

async function load(config: object): Promise<LoadedEngine> {
  const path = join(folder, `${engines.length}.yaml`);
  writeFileSync(path, JSON.stringify({ version: 1, ...config }));
  const context = { env: {}, snapshots, memory, reportEvent: () => {}, reportFailure: () => {} };
  const loaded = await loadEngine([path], context);
  if (!loaded.ok) throw new Error(loaded.issues[0].message);
  engines.push(loaded.value);
  return loaded.value;
}

const podOf = (group: string): AdmissionRequest => ({
  ...{ uid: "u", operation: "CREATE", dryRun: false, namespace: "team-a" },
  object: podWith([secret({ group, key: "k", group_version: "kv2" })]),
});
const ours = [podOf("secret/data/team-a"), podOf("secret/data/team-b")];
const paths = (...allowed: string[]) => ({
  plugins: [{ use: "path-policy", with: { allow: allowed } }],
});
const choosy = (fails: string, more = {}) => ({
  plugins: [{ use: join(PLUGINS, "choosy.ts"), isolate: "none", with: { fails }, ...more }],
});
const strict = { server: { reload: { refuse: "newly-refused" } } };

const CASES: readonly [
  what: string,
  next: object,
  pods: readonly AdmissionRequest[],
  reason: RegExp | undefined,
][] = [
  ["an equal one", {}, ours, undefined],
  ["one with another role", { webhook: { vaultSecretManager: { role: "ml" } } }, ours, undefined],
  [
    "one that denies all, without recent pods",
    choosy("denies"),
    [],
    /every sample pod would newly be refused/,
  ],
  [
    "one that denies all",
    choosy("denies"),
    ours,
    /every recent pod that is allowed now would be refused \(2 plugin:choosy\/no\)/,
  ],
  ["a policy for real paths, with recent pods that it allows", paths("secret/data/team-*"), ours, undefined],
  ["a policy that refuses one of them", paths("secret/data/team-a"), ours, undefined],
  [
    "the same where one is too many",
    { ...paths("secret/data/team-a"), ...strict },
    ours,
    /^[^:]*: 1 of 2 recent pods would newly be refused \(1 plugin:path-policy\/[a-z-]+\), and server\.reload\.refuse is newly-refused/,
  ],
  [
    "one that fails on a recent pod only",
    choosy("kv1"),
    [
      podOf("secret/data/a"),
      {
        ...podOf("secret/a"),
        object: podWith([secret({ group: "secret/a", key: "k", group_version: "kv1" })]),
      },
    ],
    /1 of 2 recent pods would newly end in a failure of the webhook \(1 plugin\.failed\)/,
  ],
  ["one that fails there with onError: skip", choosy("kv1", { onError: "skip" }), ours, undefined],
  [
    "the same with replay off: samples decide",
    { ...paths("secret/data/team-*"), server: { replay: 0 } },
    ours,
    /every sample pod/,
  ],
];

test.each(CASES)("%s", async (_, config, pods, reason) => {
  const [current, next] = [await load({}), await load(config)];
  const { held, fields } = await judgeTakeOver(current, next, pods);
  if (reason === undefined) expect(held).toBeUndefined();
  else
    expect(held).toMatchObject({
      code: "engine.held-back",
      severity: "error",
      message: expect.stringMatching(reason),
    });
  // The line for /readyz has counts and codes only.
  expect(JSON.stringify(held ?? {})).not.toContain("secret/data");
  expect(fields).toHaveProperty("changed");
});

test("what refused before may refuse again: only what is new counts", async () => {
  const [current, next] = [
    await load(choosy("denies")),
    await load({ ...choosy("denies"), policy: { strict: true } }),
  ];
  expect((await judgeTakeOver(current, next, ours)).held).toBeUndefined();
});
