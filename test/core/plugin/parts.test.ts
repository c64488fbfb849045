/** Steps in turn, thrown values, and the parts of a context that cross threads. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { toLayer } from "../../../src/core/layer.ts";
import { describeThrown, readThrown, toError } from "../../../src/core/plugin/thrown.ts";
import { andThen, inTurn } from "../../../src/core/plugin/turn.ts";
import {
  defineGetters,
  lazily,
  readWire,
  renderLayers,
  toAnnotations,
  toPluginFiles,
} from "../../../src/core/plugin/wire.ts";

describe("inTurn", () => {
  test("takes items in order, and waits only where a step does", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 20 }), async (waits) => {
        const seen: number[] = [];
        const step = (i: number) => {
          if (!waits[i]) return void seen.push(i);
          return Promise.resolve().then(() => void seen.push(i));
        };
        const all = waits.map((_, i) => i);
        const taken = inTurn(all, step);
        const first = waits.indexOf(true);
        expect(seen).toEqual(all.slice(0, first < 0 ? all.length : first));
        expect(taken instanceof Promise).toBe(first >= 0);
        await taken;
        expect(seen).toEqual(all);
      }),
    );
  });

  test("andThen stays synchronous with a value, and waits for a promise", async () => {
    expect(andThen(1, (n) => n + 1)).toBe(2);
    const later = andThen(Promise.resolve(1), (n) => n + 1);
    expect(later).toBeInstanceOf(Promise);
    expect(await later).toBe(2);
  });
});

describe("thrown values", () => {
  const bare = Object.create(null);
  const hostile = new Proxy(new Error("x"), {
    get: () => {
      throw new Error("no");
    },
  });
  const NONE = "a value that cannot be converted to a string";
  test.each<[unknown, string, string]>([
    [new TypeError("no"), "TypeError: no", "no"],
    [{ message: "no" }, "Error: no", "no"],
    [{ message: "no", name: "" }, "Error: no", "no"],
    [{ message: "no", name: 5 }, "Error: no", "no"],
    [{ message: 5 }, "[object Object]", "[object Object]"],
    ["text", "text", "text"],
    [undefined, "undefined", "undefined"],
    [null, "null", "null"],
    [Symbol("s"), "Symbol(s)", "Symbol(s)"],
    [bare, NONE, NONE],
    [hostile, NONE, NONE],
  ])("%#: is described as text, and never throws", (thrown, described, message) => {
    expect(describeThrown(thrown)).toBe(described);
    expect(readThrown(thrown).message).toBe(message);
    expect(toError(thrown).message).toBe(message);
  });

  test("a stack is kept, and both texts are cut", () => {
    const error = Object.assign(new Error("m".repeat(3_000)), { stack: "s".repeat(20_000) });
    const read = readThrown(error);
    expect([read.message.length, read.stack?.length]).toEqual([2_000, 10_000]);
    expect(toError({ message: "m", stack: "at plugin" }).stack).toBe("at plugin");
    expect(toError("m").stack).toBe("m");
    expect(readThrown({ message: "m", stack: "" })).toEqual({ message: "m" });
  });
});

describe("a context that crosses threads", () => {
  const below = [
    toLayer({ kind: "webhook" }, { "a.b/x": "webhook", "a.b/removed": "1" }),
    toLayer({ kind: "plugin", name: "p", entry: 0 }, { "a.b/removed": null }),
  ];
  const above = [toLayer({ kind: "webhook" }, { "a.b/late": "above" })];
  const pod = { metadata: { annotations: { "a.b/x": "pod", "a.b/number": 5 } } };
  const signal = new AbortController().signal;

  test("has the same annotations on both sides", () => {
    const texts = { below: renderLayers(below), above: renderLayers(above) };
    const facts = JSON.stringify({ namespace: "ns" });
    const files = JSON.stringify({ "flyte.secrets/s0": [{ id: "i", path: "p", for: ["flyte"] }] });
    const context = readWire({ facts, pod: JSON.stringify(pod), ...texts, files }, () => signal);
    expect(context).toMatchObject({ namespace: "ns", pod, signal });
    expect(context.annotations).toEqual(toAnnotations(below, pod, above));
    expect(context.files["flyte.secrets/s0"]).toEqual([
      expect.objectContaining({ id: "i", path: "p", for: ["flyte"], keys: expect.any(Object) }),
    ]);
    expect(context.annotations).toBe(context.annotations);
    expect(texts.below).not.toContain("operation");
  });

  test("the pod wins over what is below, and removed annotations are absent", () => {
    const annotations = toAnnotations(below, pod, above);
    expect(Object.keys(annotations).toSorted()).toEqual(["a.b/late", "a.b/number", "a.b/x"]);
    expect(annotations["a.b/x"]).toMatchObject({
      ...{ value: "pod", source: { kind: "pod" } },
      overrides: [{ value: "webhook", source: { kind: "webhook" } }],
    });
    // Only strings are annotations; the API server refuses the pod.
    expect(annotations["a.b/number"]?.value).toBe("");
  });

  test.each([[{}], [{ metadata: null }], [{ metadata: { annotations: [] } }]])("a pod may be %j", (bare) => {
    expect(Object.keys(toAnnotations([], bare, above))).toEqual(["a.b/late"]);
  });

  test("a file has the names of its annotations", () => {
    const [file] = toPluginFiles({ s: [{ id: "i", path: "p", for: ["flyte"] }] }).s ?? [];
    expect(file?.keys.secret).toBe("vault.hashicorp.com/agent-inject-secret-i");
  });

  test("a part is computed when it is read, and once", () => {
    let count = 0;
    const once = lazily(() => ++count);
    const object = defineGetters({ a: 1 }, { b: once });
    expect(count).toBe(0);
    expect([object.a, object.b, object.b, Object.keys(object)]).toEqual([1, 1, 1, ["a", "b"]]);
    const none = lazily(() => void count++);
    none();
    none();
    expect(count).toBe(2);
  });
});
