/** What a plugin can do, the same in process and in threads of its own. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { podWith, reviewPod, secret } from "../fixtures/engine.ts";
import { cleanUp, PLUGINS, told, tryPlugins, withPlugins } from "./plugins.ts";

cleanUp();

const good = secret({ group: "team", key: "api_key", group_version: "kv1" });
const MIB = 1024 * 1024;
const VAULT = "vault.hashicorp.com";

/** A good pod with labels. */
function podOf(labels: Record<string, string>, requests = [good]) {
  const pod = podWith(requests);
  return { ...pod, metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, ...labels } } };
}

type Worst = [worst: string, code: string, status: number];

/** In process, these would end the webhook. */
const THREADS_ONLY: readonly Worst[] = [
  ["loops", "plugin.timeout", 504],
  ["loops-later", "plugin.timeout", 504],
  ["exits", "plugin.stopped", 500],
  ["aborts", "plugin.failed", 500],
];

describe.each(["none", "worker"] as const)("isolate: %s", (isolate) => {
  const everything = { use: "./everything.ts", with: { team: "a" }, allow: ["acme.io/*"], isolate };

  test("every hook does its part", async () => {
    const engine = await withPlugins([everything]);
    const pod = podOf({}, [good, secret({ group: "drop", key: "x" })]);
    const outcome = await reviewPod(engine, pod);
    expect(outcome.status).toBeUndefined();
    const { annotations, requests, plugins } = outcome.explain();
    const values = Object.fromEntries(annotations.map(({ key, value }) => [key, value]));
    const id = requests[0]?.files[0]?.id;
    expect(values).toMatchObject({
      [`${VAULT}/namespace`]: "teams/a",
      "acme.io/role": "flyte",
      "acme.io/files": String(`${VAULT}/agent-inject-secret-${id}`.length),
      "acme.io/aborted": "false",
      // The path is the plugin's, the file the task's.
      [`${VAULT}/agent-inject-secret-${id}`]: "flytesnacks/team",
      [`${VAULT}/agent-inject-file-${id}`]: "team/api_key",
    });
    expect(requests).toHaveLength(1);
    expect(annotations.find(({ key }) => key === `${VAULT}/namespace`)?.source).toEqual({
      kind: "plugin",
      name: "everything",
      entry: 0,
    });
    expect(plugins).toEqual([
      {
        name: "everything",
        entry: 0,
        ms: expect.any(Number),
        changed: [
          ...["flyte.secrets/s0", "flyte.secrets/s1"],
          ...[`${VAULT}/namespace`, "acme.io/role", "acme.io/files", "acme.io/aborted"],
        ],
      },
    ]);
    expect(outcome.issues).toContainEqual(
      expect.objectContaining({ code: "plugin:everything/seen", severity: "info" }),
    );
    expect(outcome.auditAnnotations.plugins).toBe("everything");
  });

  test("its review refuses a pod with its own words", async () => {
    const engine = await withPlugins([everything]);
    const outcome = await reviewPod(engine, podOf({ team: "banned" }));
    expect(outcome).toMatchObject({
      allowed: false,
      status: { code: 400, message: expect.stringContaining("This team is banned. Ask.") },
    });
  });

  test("an annotation that the injector refuses is an issue", async () => {
    const engine = await withPlugins([{ ...everything, with: { team: "a", cpu: "lots" } }]);
    const outcome = await reviewPod(engine, podOf({}));
    expect(outcome.issues).toContainEqual(
      expect.objectContaining({ code: "annotation.value-injector", annotation: `${VAULT}/agent-limits-cpu` }),
    );
  });

  test("several entries of one plugin run in the order of the configuration", async () => {
    const second = { ...everything, with: { team: "b" } };
    const engine = await withPlugins([everything, second]);
    const outcome = await reviewPod(engine, podOf({}));
    const namespace = outcome.explain().annotations.find(({ key }) => key === `${VAULT}/namespace`);
    expect(namespace).toMatchObject({
      value: "teams/b",
      source: { kind: "plugin", entry: 1 },
      overrides: [{ source: { kind: "plugin", entry: 0 }, value: "teams/a" }],
    });
  });

  test("the hash tells configurations apart", async () => {
    const [one, same, other] = await Promise.all([
      withPlugins([everything]),
      withPlugins([everything]),
      withPlugins([{ ...everything, with: { team: "b" } }]),
    ]);
    expect(same.hash).toBe(one.hash);
    expect(other.hash).not.toBe(one.hash);
  });

  const REFUSED: readonly [
    what: string,
    entry: object,
    code: string,
    message: string,
    help: string | null,
  ][] = [
    [
      "a mistyped option",
      { ...everything, with: { taem: "a" } },
      "plugin.options",
      "with.taem: unknown option",
      "Did you mean team?",
    ],
    ["a missing option", { ...everything, with: {} }, "plugin.options", "with.team", null],
    ["a missing file", { use: "./nothing.ts", isolate }, "plugin.not-found", "there is no such file", null],
    [
      "a mistyped bundled name",
      { use: "namspace", isolate },
      "plugin.not-found",
      "namspace",
      "Did you mean namespace?",
    ],
    [
      "a missing package",
      { use: "@acme/nothing", isolate },
      "plugin.not-found",
      "no package of this name",
      null,
    ],
    [
      "a module that is no plugin",
      { use: "./neighbour.ts", isolate },
      "plugin.definition",
      "no default export",
      null,
    ],
    [
      "a module that cannot be parsed",
      { use: "./bad/syntax.js", isolate },
      "plugin.import",
      `${PLUGINS}/bad/syntax.js:`,
      null,
    ],
    [
      "an import that does not exist",
      { use: "./bad/missing.ts", isolate },
      "plugin.import",
      `${PLUGINS}/bad/missing.ts`,
      "Correct the file; a plugin can import `flyte-vault-webhook/plugin`, `valibot`, files in its own folder, and packages in the nearest node_modules, in that folder or one above it",
    ],
    ["a setup that throws", { use: "./bad/setup.ts", isolate }, "plugin.setup", "no licence", null],
    ["a mistyped hook", { use: "./bad/hook.ts", isolate }, "plugin.setup", "did it mean annotations?", null],
  ];

  test.each(REFUSED)("%s stops the load", async (_, entry, code, message, help) => {
    const built = await tryPlugins([entry]);
    expect(built.ok).toBe(false);
    const [first] = built.issues;
    expect(first).toMatchObject({ code, severity: "error", path: "plugins[0]" });
    expect(first?.message).toContain(message);
    expect(first?.message).toStartWith("plugins[0]");
    if (help !== null) expect(first?.help).toBe(help);
  });

  const WORST: readonly Worst[] = [
    ["throws", "plugin.failed", 500],
    ["throws-nothing", "plugin.failed", 500],
    ["rejects", "plugin.failed", 500],
    ["never", "plugin.timeout", 504],
    ["number", "plugin.answer", 500],
    ["list", "plugin.answer", 500],
    ["number-value", "plugin.answer", 500],
    ["foreign-key", "plugin.writes", 500],
    ["outside-key", "plugin.writes", 500],
    ["status", "plugin.writes", 500],
    ["cycle", isolate === "worker" ? "plugin.failed" : "plugin.answer", 500],
    ...(isolate === "worker" ? [...THREADS_ONLY] : []),
  ];

  describe("on its worst day", () => {
    const entry = { use: "./misbehaving.ts", isolate, timeout: "150ms" };

    test.each(WORST)("%s: named and refused, good pods beside it admitted", async (worst, code, status) => {
      const engine = await withPlugins([entry]);
      await reviewPod(engine, podOf({}));
      const started = performance.now();
      const bad = reviewPod(engine, podOf({ worst }));
      const beside = await Promise.all(Array.from({ length: 20 }, () => reviewPod(engine, podOf({}))));
      expect(performance.now() - started).toBeLessThan(4_000);
      expect(beside.map(({ allowed }) => allowed)).not.toContain(false);
      const outcome = await bad;
      expect(outcome).toMatchObject({ allowed: false, patch: "", status: { code: status } });
      expect(outcome.issues[0]).toMatchObject({ code, message: expect.stringContaining("misbehaving") });
      expect(outcome.status?.message).not.toContain("no good reason");
      expect(told.failures).toContainEqual(
        expect.objectContaining({ plugin: "misbehaving", code, hook: "annotations" }),
      );
      expect((await reviewPod(engine, podOf({}))).allowed).toBe(true);
    });

    test("onError: skip goes on with a warning", async () => {
      const engine = await withPlugins([{ ...entry, onError: "skip" }]);
      const outcome = await reviewPod(engine, podOf({ worst: "throws" }));
      expect(outcome.allowed).toBe(true);
      expect(outcome.issues[0]).toMatchObject({ code: "plugin.skipped", severity: "warning" });
      expect(outcome.warnings[0]).toContain("misbehaving");
    });
  });
});

describe("only threads protect from", () => {
  const entry = { use: "./misbehaving.ts", timeout: "150ms" };

  test("detached work: reported, and the pod is served", async () => {
    const script = join(import.meta.dir, "detached.ts");
    const { stdout } = Bun.spawn([process.execPath, script], { stderr: "inherit" });
    const { first, second, events, flood } = await new Response(stdout).json();
    expect(first).toEqual({ [`${VAULT}/namespace`]: "good" });
    expect(second).toEqual(first);
    expect(events).toEqual([
      { kind: "stray", plugin: "misbehaving", detail: expect.stringContaining("left behind") },
      { kind: "stray", plugin: "misbehaving", detail: expect.stringContaining("left behind, later") },
    ]);
    expect(flood).toBeGreaterThan(10);
    expect(flood).toBeLessThan(110);
  }, 20_000);

  test.each(["leaks", "leaks-buffers"])(
    "memory (%s): the thread is started anew",
    async (worst) => {
      const engine = await withPlugins([{ ...entry, timeout: "5s" }]);
      expect((await reviewPod(engine, podOf({ worst }))).allowed).toBe(true);
      await until(() => told.events.some(({ kind }) => kind === "memory"));
      expect(told.events).toContainEqual(expect.objectContaining({ kind: "memory", plugin: "misbehaving" }));
      expect((await reviewPod(engine, podOf({}))).allowed).toBe(true);
    },
    20_000,
  );

  test("one call that takes all memory: ended before the process is, named and refused", async () => {
    const limit = (process.memoryUsage.rss() + 300 * MIB) / 0.8;
    const engine = await withPlugins([{ ...entry, timeout: "20s" }], { memoryLimit: limit });
    const bad = reviewPod(engine, podOf({ worst: "exhausts" }));
    const beside = await Promise.all(Array.from({ length: 20 }, () => reviewPod(engine, podOf({}))));
    expect(beside.map(({ allowed }) => allowed)).not.toContain(false);
    const { allowed, issues } = await bad;
    expect(allowed).toBe(false);
    expect(issues[0]).toMatchObject({
      code: "plugin.stopped",
      message: expect.stringMatching(/^The plugin misbehaving has stopped: it ran while the process has \d+/),
    });
    expect(told.events).toContainEqual({
      ...{ kind: "memory", plugin: "misbehaving" },
      detail: expect.stringMatching(/^a call of it ran while the process has \d+ of \d+ MiB$/),
    });
    expect((await reviewPod(engine, podOf({}))).allowed).toBe(true);
  }, 20_000);

  test("the environment", async () => {
    const built = await withPlugins([{ use: "./environment.ts" }]);
    const outcome = await reviewPod(built, podOf({}));
    const value = outcome.explain().annotations.find(({ key }) => key === `${VAULT}/namespace`)?.value;
    expect(value).toBe("{}");
  });
});

describe("in process", () => {
  test("process.abort() ends the webhook", async () => {
    const { exited } = Bun.spawn([process.execPath, join(import.meta.dir, "aborting.ts")], {
      stderr: "ignore",
    });
    expect(await exited).toBeGreaterThan(128);
  });

  test("plugins are named before the memory ends", async () => {
    const entry = { use: "./misbehaving.ts", isolate: "none" };
    await withPlugins([entry, { use: "namespace", with: { namespace: "a" } }], { memoryLimit: MIB });
    await until(() => told.events.length > 0);
    expect(told.events).toEqual([
      {
        ...{ kind: "memory", plugin: "misbehaving" },
        detail: expect.stringMatching(/^the process has \d+ of 1 MiB$/),
      },
    ]);
  });
});

/** Waits for what another thread does. */
async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !holds(); i++) await Bun.sleep(20);
}

describe("when", () => {
  const WHEN: readonly [when: object, applies: boolean][] = [
    [{}, true],
    [{ namespaces: ["flytesnacks-*"] }, true],
    [{ namespaces: ["other"] }, false],
    [{ projects: ["flytesnacks"], domains: ["prod*", "dev*"] }, true],
    [{ projects: ["flytesnacks"], domains: ["prod*"] }, false],
    [{ labels: { team: "ml-*" } }, true],
    [{ labels: { team: ["x", "ml-a"], other: "*" } }, false],
    [{ serviceAccounts: ["default"] }, true],
    [{ groups: ["te*"] }, true],
    [{ groups: ["nothing"] }, false],
    [{ groups: [] }, false],
  ];

  test.each(WHEN)("%j", async (when, applies) => {
    const engine = await withPlugins([{ use: "./misbehaving.ts", isolate: "none", when }]);
    const outcome = await reviewPod(engine, podOf({ team: "ml-a" }));
    expect(outcome.explain().plugins).toHaveLength(applies ? 1 : 0);
    expect(outcome.patch.includes("good")).toBe(applies);
  });
});
