/** A review that is over: no plugin is called any more, and none is waited for. */
import { describe, expect, test } from "bun:test";
import type { PluginInstance } from "../../../src/core/plugin/instance.ts";
import { success } from "../../../src/core/result.ts";
import { createEngine } from "../../../src/host/engine.ts";
import { DEFAULT_SETTINGS, podWith, secret } from "../../fixtures/engine.ts";

type AnnotationsHook = NonNullable<PluginInstance["annotations"]>;

/** Reviews a pod with one plugin for each hook, in turn. */
async function review(hooks: readonly AnnotationsHook[], options: { readonly signal?: AbortSignal }) {
  const entry = { with: {}, when: {}, allow: ["*"], onError: "deny", timeout: 5_000 } as const;
  const settings = { ...DEFAULT_SETTINGS, plugins: hooks.map((_, i) => ({ ...entry, use: `p${i}` })) };
  const built = await createEngine(settings, {
    resolvePlugin: async ({ use }, i) => {
      const annotations = hooks[i];
      return success({ name: use, writes: ["*"], ...(annotations && { annotations }) });
    },
  });
  if (!built.ok) throw new Error(built.issues[0].message);
  const object = podWith([secret({ group: "team", key: "token", group_version: "kv1" })]);
  const request = { uid: "u", operation: "CREATE", namespace: "ns", dryRun: false, object };
  const outcome = await built.value.review(request, options);
  return {
    allowed: outcome.allowed,
    code: outcome.status?.code,
    failures: outcome.issues.flatMap(({ code, message }) =>
      code.startsWith("plugin.") ? [[code, message.match(/p\d/)?.[0]]] : [],
    ),
  };
}

const TIMEOUT = { allowed: false, code: 504 };

describe("WaterfallRun, when the review is over", () => {
  test("while a plugin is waited for: it is late, and those after it are not called", async () => {
    const controller = new AbortController();
    let calls = 0;
    const waits: AnnotationsHook = () => {
      setTimeout(() => controller.abort(), 5);
      return new Promise(() => {});
    };
    const counts: AnnotationsHook = () => {
      calls++;
      return {};
    };
    const ended = await review([waits, counts], controller);
    expect(ended).toMatchObject({
      ...TIMEOUT,
      failures: [
        ["plugin.timeout", "p0"],
        ["plugin.timeout", "p1"],
      ],
    });
    expect(calls).toBe(0);
  });

  test("before a plugin is waited for: it is late at once", async () => {
    const controller = new AbortController();
    const waits: AnnotationsHook = () => {
      controller.abort();
      return new Promise(() => {});
    };
    expect(await review([waits], controller)).toMatchObject({
      ...TIMEOUT,
      failures: [["plugin.timeout", "p0"]],
    });
  }, 2_000);

  test("its signal tells the plugin", async () => {
    const controller = new AbortController();
    let heard = false;
    const listens: AnnotationsHook = ({ signal }) => {
      signal.addEventListener("abort", () => {
        heard = true;
      });
      setTimeout(() => controller.abort(), 5);
      return new Promise(() => {});
    };
    await review([listens], controller);
    expect(heard).toBe(true);
  });

  test("a plugin that answers at once has not waited, so that the review's signal is not asked for", async () => {
    let reads = 0;
    const options = {
      get signal() {
        reads++;
        return AbortSignal.abort();
      },
    };
    expect(await review([() => ({}), () => ({})], options)).toMatchObject({ allowed: true });
    expect(reads).toBe(0);
  });
});

test("a plugin may give a group to each of many requests that have none", async () => {
  const many = 150;
  const settings = {
    ...DEFAULT_SETTINGS,
    plugins: [{ use: "p", with: {}, when: {}, allow: [], onError: "deny", timeout: 5_000 } as const],
  };
  const built = await createEngine(settings, {
    resolvePlugin: async () =>
      success({
        name: "p",
        writes: [],
        requests: ({ requests }) =>
          Object.fromEntries(Object.keys(requests).map((key) => [key, { group: `secret/data/${key}` }])),
      }),
  });
  if (!built.ok) throw new Error(built.issues[0].message);
  const object = podWith(Array.from({ length: many }, (_, i) => secret({ key: `k${i}` })));
  const request = { uid: "u", operation: "CREATE", namespace: "ns", dryRun: false, object };
  const outcome = await built.value.review(request);
  expect(outcome.allowed).toBe(true);
  expect(outcome.explain().requests.filter(({ files }) => files.length > 0)).toHaveLength(many);
});
