/** What a plugin does to what it is given, throws and prints reaches neither other pods nor the log unnamed. */
import { describe, expect, test } from "bun:test";
import { podWith, reviewPod, secret } from "../fixtures/engine.ts";
import { cleanUp, told, withPlugins } from "./plugins.ts";

cleanUp();

const THROWN = ["no-prototype", "proxy", "revoked", "message-throws", "symbol", "stack-object"];

const requests = [
  secret({ group: "secret/data/team", key: "api-key", group_version: "kv2" }),
  secret({ group: "secret/data/other", key: "k" }),
];

function podOf(hostile: string) {
  const pod = podWith(requests, { "vault.hashicorp.com/log-level": "debug" });
  return { ...pod, metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, hostile } } };
}

describe.each(["none", "worker"] as const)("isolate: %s", (isolate) => {
  const entry = { use: "./hostile.ts", isolate };

  test("what a hook changes in place changes nothing for the next plugin, this pod or the next one", async () => {
    const [engine, fresh] = [
      await withPlugins([
        entry,
        { use: "./everything.ts", with: { team: "a" }, allow: ["acme.io/*"], isolate },
      ]),
      await withPlugins([
        entry,
        { use: "./everything.ts", with: { team: "a" }, allow: ["acme.io/*"], isolate },
      ]),
    ];
    const expected = await reviewPod(fresh, podOf(""));
    const spoilt = podOf("spoils");
    const before = JSON.stringify(spoilt);
    const outcome = await reviewPod(engine, spoilt);
    expect(JSON.stringify(spoilt)).toBe(before);
    expect(outcome.patch).toBe(expected.patch);
    const { ms: _, ...next } = toComparable(await reviewPod(engine, podOf("")));
    const { ms: __, ...wanted } = toComparable(expected);
    expect(next).toEqual(wanted);
  });

  test.each(THROWN)("%s, thrown, is named and refuses only its own pod", async (hostile) => {
    const engine = await withPlugins([entry]);
    const outcome = await reviewPod(engine, podOf(hostile));
    expect(outcome).toMatchObject({ allowed: false, status: { code: 500 } });
    expect(outcome.issues[0]).toMatchObject({
      code: "plugin.failed",
      message: expect.stringContaining("hostile"),
    });
    expect(told.failures[0]?.error).toBeInstanceOf(Error);
    expect((await reviewPod(engine, podOf(""))).allowed).toBe(true);
  });

  test.each(THROWN)("%s, thrown, is survived with onError: skip", async (hostile) => {
    const engine = await withPlugins([{ ...entry, onError: "skip" }]);
    const { allowed, issues } = await reviewPod(engine, podOf(hostile));
    expect(allowed).toBe(true);
    expect(issues[0]).toMatchObject({ code: "plugin.skipped" });
  });

  test("what it prints is told with its name, each text as one event", async () => {
    const engine = await withPlugins([entry]);
    await reviewPod(engine, podOf("prints"));
    const printed = told.events.filter(({ kind }) => kind === "printed");
    expect(printed[0]).toEqual({
      kind: "printed",
      plugin: "hostile",
      detail: '{"level":"info","message":"admission"}\n{"forged":true}',
    });
  });
});

test("the console is the process's own again when no plugin in process is loaded", async () => {
  const shared = globalThis.console;
  const before = shared.log;
  const engine = await withPlugins([{ use: "./hostile.ts", isolate: "none" }]);
  expect(shared.log).not.toBe(before);
  await engine.close();
  expect(shared.log).toBe(before);
});

function toComparable(outcome: Awaited<ReturnType<typeof reviewPod>>) {
  const { plugins, ...explained } = outcome.explain();
  return { ms: plugins, explained, patch: outcome.patch, issues: outcome.issues, warnings: outcome.warnings };
}
