/** What each plugin sees of those before it, and what is recorded of its answer. */
import { describe, expect, test } from "bun:test";
import { createGuard } from "../../../src/core/check/policy.ts";
import { toLayer } from "../../../src/core/layer.ts";
import { configurePlugin } from "../../../src/core/plugin/configured.ts";
import type { AnnotationsContext, PodContext } from "../../../src/core/plugin/context.ts";
import type { PluginInstance } from "../../../src/core/plugin/instance.ts";
import { type View, WaterfallRun } from "../../../src/core/plugin/waterfall.ts";
import type { Wire } from "../../../src/core/plugin/wire.ts";
import type { SecretRequest } from "../../../src/core/secret/request.ts";
import type { PluginWhen } from "../../../src/core/settings.ts";
import { DEFAULT_SETTINGS } from "../../fixtures/engine.ts";

const request: SecretRequest = { group: "g", group_version: "", key: "k", mount_requirement: 0, env_var: "" };
const [S0, S1] = ["flyte.secrets/s0", "flyte.secrets/s1"];
const facts = {
  ...{
    pod: { metadata: { annotations: { "a.io/own": "pod" } } },
    namespace: "ns",
    serviceAccount: "default",
  },
  ...{ labels: {}, requests: { [S0]: request, [S1]: { ...request, key: "other" } } },
};
const GUARD = createGuard({ ...DEFAULT_SETTINGS.policy, denied: ["a.io/denied"] });

const view: View = {
  below: [toLayer({ kind: "webhook" }, { "a.io/below": "b" })],
  above: [toLayer({ kind: "webhook" }, { "a.io/above": "a" })],
  files: () => ({ [S0]: [{ id: "i", path: "p", for: ["flyte"] }] }),
  texts: () => ({ below: '["below"]', files: '["files"]' }),
};

type Hooks = Pick<PluginInstance, "requests" | "annotations" | "review">;

function start(hooks: readonly Hooks[], whens: readonly PluginWhen[] = []) {
  let now = 0;
  const plugins = hooks.map((own, i) =>
    configurePlugin(
      { name: `p${i}`, writes: ["*"], readsOnly: true, ...own },
      { use: "", with: {}, when: whens[i] ?? {}, allow: ["*"], onError: "deny", timeout: 50 },
      i,
    ),
  );
  const ports = {
    clock: () => now++,
    createDeadline: () => ({ signal: new AbortController().signal, cancel: () => {} }),
    reportPluginFailure: () => {},
  };
  return new WaterfallRun(plugins, facts, ports, {});
}

/** A hook that keeps what it was called with, and answers. */
function record<Context extends PodContext>(answer: unknown) {
  const seen: { readonly context: Context; readonly wire: Wire }[] = [];
  const hook = (context: Context, wire: () => Wire) => {
    seen.push({ context, wire: wire() });
    return answer;
  };
  return { hook, seen };
}

describe("runRequests", () => {
  test("each plugin sees the changes of those before it, and dropped requests are gone", () => {
    const first = record({ [S0]: { group: "first", key: "k" } });
    const second = record({ [S1]: null, [S0]: { group: "second", env_var: "V" } });
    const third = record(undefined);
    const run = start([{ requests: first.hook }, { requests: second.hook }, {}, { requests: third.hook }]);
    run.runRequests();
    expect(first.seen[0]?.context.requests).toEqual(facts.requests);
    expect(second.seen[0]?.context.requests).toEqual({
      ...facts.requests,
      [S0]: { ...request, group: "first" },
    });
    const last = { ...request, group: "second", env_var: "V" };
    expect(third.seen[0]?.context.requests).toEqual({ [S0]: last });
    expect(run.requests).toEqual(
      new Map([
        [S0, last],
        [S1, null],
      ]),
    );
  });

  test("every field that changed is recorded, with the value before and who changed it", () => {
    const changes = [
      { [S0]: { group: "a", key: request.key, mount_requirement: 2 } },
      { [S0]: { group: "b" }, [S1]: null },
      { [S0]: { group: "b" } },
    ];
    const run = start(changes.map((answer) => ({ requests: () => answer })));
    run.runRequests();
    const by = (entry: number) => ({ kind: "plugin" as const, name: `p${entry}`, entry });
    expect([...run.changes]).toEqual([
      [
        S0,
        [
          { field: "group", from: "g", value: "a", source: by(0) },
          { field: "mount_requirement", from: 0, value: 2, source: by(0) },
          { field: "group", from: "a", value: "b", source: by(1) },
        ],
      ],
    ]);
    expect(run.runs).toEqual([
      { name: "p0", entry: 0, ms: 1, changed: [S0] },
      { name: "p1", entry: 1, ms: 1, changed: [S0, S1] },
      { name: "p2", entry: 2, ms: 1, changed: [S0] },
    ]);
  });

  test("another thread gets the current requests, the pod, and no annotations", () => {
    const first = record({ [S1]: null });
    const second = record({});
    start([{ requests: first.hook }, { requests: second.hook }]).runRequests();
    const { facts: text = "", ...wire } = second.seen[0]?.wire ?? {};
    const { pod, ...rest } = facts;
    expect(JSON.parse(text)).toEqual({ ...rest, requests: { [S0]: request } });
    const {
      pod: podText,
      below,
      above,
      files,
    } = { pod: "", below: "", above: "", files: "", ...second.seen[0]?.wire };
    expect(Object.keys(wire)).toEqual(["pod", "below", "above", "files"]);
    expect([JSON.parse(podText), below, above, files]).toEqual([pod, "[]", "[]", "{}"]);
  });

  test("a plugin whose conditions the pod does not meet is not called, and has no run", () => {
    const calls: string[] = [];
    const hooks = ["a", "b"].map((name) => ({ requests: () => void calls.push(name) }));
    const run = start(hooks, [{ namespaces: ["other"] }, { namespaces: ["ns"] }]);
    run.runRequests();
    expect(calls).toEqual(["b"]);
    expect(run.runs.map(({ entry }) => entry)).toEqual([1]);
  });
});

describe("runAnnotations", () => {
  test("each answer is a layer of its plugin, and an empty one is none", () => {
    const answers = [{ "a.io/x": "1", "a.io/y": null }, {}, undefined, { "a.io/x": "2" }];
    const run = start(answers.map((answer) => ({ annotations: () => answer })));
    run.runAnnotations(view, GUARD);
    expect(run.layers.map((layer) => layer.map(({ key, value }) => [key, value]))).toEqual([
      [
        ["a.io/x", "1"],
        ["a.io/y", null],
      ],
      [["a.io/x", "2"]],
    ]);
    expect(run.layers.map(([line]) => line?.source)).toMatchObject([{ entry: 0 }, { entry: 3 }]);
    expect(run.runs.map(({ changed }) => changed)).toEqual([["a.io/x", "a.io/y"], [], [], ["a.io/x"]]);
  });

  test("each plugin sees the layers before its own, below the pod's annotations", () => {
    const first = record<AnnotationsContext>({ "a.io/x": "1", "a.io/own": "plugin", "a.io/below": null });
    const second = record<AnnotationsContext>({});
    start([{ annotations: first.hook }, { annotations: second.hook }]).runAnnotations(view, GUARD);
    const values = (seen: typeof first.seen) =>
      Object.fromEntries(
        Object.entries(seen[0]?.context.annotations ?? {}).map(([key, { value }]) => [key, value]),
      );
    expect(values(first.seen)).toEqual({ "a.io/below": "b", "a.io/own": "pod", "a.io/above": "a" });
    expect(values(second.seen)).toEqual({ "a.io/x": "1", "a.io/own": "pod", "a.io/above": "a" });
    expect(second.seen[0]?.context.files[S0]).toEqual([expect.objectContaining({ id: "i", path: "p" })]);
  });

  test("another thread gets the plan's own texts until a plugin has set something", () => {
    const first = record<AnnotationsContext>({ "a.io/x": "1" });
    const second = record<AnnotationsContext>({});
    start([{ annotations: first.hook }, { annotations: second.hook }]).runAnnotations(view, GUARD);
    expect(first.seen[0]?.wire).toMatchObject({ below: '["below"]', files: '["files"]' });
    const { below = "", above = "", files } = { ...second.seen[0]?.wire };
    expect(JSON.parse(below).flat()).toMatchObject([
      { key: "a.io/below", value: "b", source: { kind: "webhook" } },
      { key: "a.io/x", value: "1", source: { kind: "plugin", name: "p0", entry: 0 } },
    ]);
    expect(JSON.parse(above).flat()).toMatchObject([{ key: "a.io/above" }]);
    expect(files).toBe('["files"]');
  });

  test("a key that the policy denies is an issue that names the plugin", () => {
    const run = start([{ annotations: () => ({ "a.io/denied": "1", "a.io/x": "2" }) }]);
    run.runAnnotations(view, GUARD);
    expect(run.issues).toMatchObject([
      {
        code: "policy.denied",
        annotation: "a.io/denied",
        message: expect.stringContaining("set by plugin p0"),
      },
    ]);
    expect(run.layers[0]).toHaveLength(2);
  });
});

describe("runReviews", () => {
  test("collects the issues of all plugins in order, and the time of all hooks", () => {
    const issue = (code: string) => ({ code, severity: "info", message: code });
    const run = start([
      { annotations: () => ({}), review: () => [issue("a"), issue("b")] },
      {},
      { review: () => [issue("c")] },
    ]);
    run.runAnnotations(view, GUARD);
    run.runReviews(view);
    expect(run.issues.map(({ code }): string => code)).toEqual(["plugin:p0/a", "plugin:p0/b", "plugin:p2/c"]);
    expect(run.runs.map(({ ms }) => ms)).toEqual([2, 0, 1]);
  });

  test("a failed call is an issue, and the next plugin is called", () => {
    const run = start([{ review: () => 5 }, { review: () => [] }]);
    run.runReviews(view);
    expect(run.issues.map(({ code }): string => code)).toEqual(["plugin.answer"]);
    expect(run.runs.map(({ ms }) => ms)).toEqual([1, 1]);
  });
});
