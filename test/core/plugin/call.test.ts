// biome-ignore-all lint/suspicious/noThenProperty: plugins may return any thenable
/** One call of a hook: its time, what it gets, and what becomes of a failure. */
import { describe, expect, test } from "bun:test";
import type { Issue } from "../../../src/core/issue/issue.ts";
import { HookCalls, type ReviewTime } from "../../../src/core/plugin/call.ts";
import { type ConfiguredPlugin, configurePlugin } from "../../../src/core/plugin/configured.ts";
import { PluginError, type PluginInstance } from "../../../src/core/plugin/instance.ts";
import type { PluginFailure } from "../../../src/core/ports.ts";

/** Calls hooks with a clock that each look moves by a millisecond, and with deadlines that are aborted by hand. */
function create(review: ReviewTime = {}) {
  const ended: { readonly ms: number; readonly issue: Issue | undefined }[] = [];
  const failures: PluginFailure[] = [];
  const deadlines: {
    readonly ms: number;
    readonly parent: unknown;
    abort: () => void;
    isCancelled: boolean;
  }[] = [];
  let now = 0;
  const calls = new HookCalls(
    {
      clock: () => now++,
      createDeadline: (ms, parent) => {
        const controller = new AbortController();
        const deadline = { ms, parent, abort: () => controller.abort(), isCancelled: false };
        deadlines.push(deadline);
        const cancel = () => {
          deadline.isCancelled = true;
        };
        return { signal: controller.signal, cancel };
      },
      reportPluginFailure: (failure) => failures.push(failure),
    },
    review,
    (_, ms, issue) => ended.push({ ms, issue }),
  );
  const run = (plugin: ConfiguredPlugin, use: (answer: unknown) => void = () => {}) => {
    const time = calls.limit(plugin);
    const own = {
      get signal() {
        return time.toSignal();
      },
      own: true,
    };
    const wire = () => ({ facts: '{"own":false}', pod: "{}", below: "[]", above: "[]", files: "{}" });
    return calls.run({ plugin, hook: "review", time, context: own, wire, use });
  };
  return { run, ended, failures, deadlines };
}

function pluginOf(review: PluginInstance["review"], rest: Partial<PluginInstance> = {}, onError = "deny") {
  const settings = { use: "p", with: {}, when: {}, allow: [], timeout: 40 };
  return configurePlugin(
    { name: "p", writes: [], readsOnly: true, ...(review && { review }), ...rest },
    { ...settings, onError: onError === "deny" ? "deny" : "skip" },
    2,
  );
}

describe("HookCalls", () => {
  test("an answer is used at once, and no timer is created", () => {
    const { run, ended, deadlines } = create();
    const used: unknown[] = [];
    expect(
      run(
        pluginOf(() => ["answer"]),
        (answer) => used.push(answer),
      ),
    ).toBeUndefined();
    expect(used).toEqual([["answer"]]);
    expect(ended).toEqual([{ ms: 1, issue: undefined }]);
    expect(deadlines).toEqual([]);
  });

  test("a promise's answer is used when it comes, and its timer is stopped", async () => {
    const signal = new AbortController().signal;
    const { run, ended, deadlines } = create({ signal });
    const used: unknown[] = [];
    const running = run(
      pluginOf(async () => "later"),
      (answer) => used.push(answer),
    );
    expect(used).toEqual([]);
    await running;
    expect(used).toEqual(["later"]);
    expect(ended).toEqual([{ ms: 1, issue: undefined }]);
    expect(deadlines).toMatchObject([{ ms: 40, parent: signal, isCancelled: true }]);
  });

  test("an answer of another library's promise is waited for as well", async () => {
    const { run } = create();
    const used: unknown[] = [];
    const thenable = { then: (resolve: (value: unknown) => void) => resolve("foreign") };
    await run(
      pluginOf(() => thenable),
      (answer) => used.push(answer),
    );
    expect(used).toEqual(["foreign"]);
  });

  test.each([[{ then: 5 }], [null], [undefined], [{}], ["then"]])("%j is an answer", (answer) => {
    const { run } = create();
    const used: unknown[] = [];
    expect(
      run(
        pluginOf(() => answer),
        (each) => used.push(each),
      ),
    ).toBeUndefined();
    expect(used).toEqual([answer]);
  });

  test("a plugin that enforces its own limit is bound by the review's only", async () => {
    const { run, deadlines } = create();
    await run(pluginOf(async () => 1, { keepsTime: true }));
    expect(deadlines[0]?.ms).toBe(Number.POSITIVE_INFINITY);
  });

  test("a plugin that reads its signal has a timer, one for the whole call", () => {
    const { run, deadlines } = create();
    run(pluginOf(({ signal }) => [signal.aborted, signal.aborted]));
    expect(deadlines).toMatchObject([{ ms: 40, isCancelled: true }]);
  });

  test("only a plugin that reads nothing but its context shares it; others get a copy", () => {
    const { run } = create();
    const seen: unknown[] = [];
    const review = (context: object) => void seen.push(Reflect.get(context, "own"));
    run(pluginOf(review));
    run(pluginOf(review, { readsOnly: false }));
    expect(seen).toEqual([true, false]);
  });

  test("a hook is called as a method of its plugin", () => {
    const { run } = create();
    let self: unknown;
    const plugin = pluginOf(function (this: unknown) {
      self = this;
    });
    run(plugin);
    expect(self).toBe(plugin.instance);
  });

  test("an answer that does not come in time is late, and is not used when it comes", async () => {
    const { run, ended, deadlines, failures } = create();
    let answer = (_: unknown) => {};
    const used: unknown[] = [];
    const running = run(
      pluginOf(
        () =>
          new Promise((resolve) => {
            answer = resolve;
          }),
      ),
      (each) => used.push(each),
    );
    deadlines[0]?.abort();
    await running;
    answer("too late");
    await Promise.resolve();
    expect(used).toEqual([]);
    expect(ended[0]?.issue).toMatchObject({ code: "plugin.timeout", severity: "deny" });
    expect(failures).toMatchObject([{ plugin: "p", entry: 2, hook: "review", code: "plugin.timeout" }]);
  });

  const broken = () => {
    throw new Error("secret reason");
  };
  test.each<[string, PluginInstance["review"], string, string]>([
    ["throws", broken, "plugin.failed", "secret reason"],
    ["rejects", () => Promise.reject(new Error("secret reason")), "plugin.failed", "secret reason"],
    ["rejects with nothing", () => Promise.reject(), "plugin.failed", "nothing"],
    [
      "throws nothing",
      () => {
        throw undefined;
      },
      "plugin.failed",
      "nothing",
    ],
    [
      "throws null",
      () => {
        throw null;
      },
      "plugin.failed",
      "nothing",
    ],
    [
      "throws a known reason",
      () => {
        throw new PluginError("plugin.stopped", "it ended");
      },
      "plugin.stopped",
      "it ended",
    ],
    [
      "throws what cannot be looked at",
      () => {
        throw new Proxy(
          {},
          {
            getPrototypeOf: () => {
              throw new Error("no");
            },
          },
        );
      },
      "plugin.failed",
      "[object Object]",
    ],
  ])("a hook that %s is an issue; the reason goes to the log", async (_, review, code, reason) => {
    const { run, ended, failures } = create();
    await run(pluginOf(review));
    expect(ended).toHaveLength(1);
    expect(ended[0]?.issue).toMatchObject({ code, severity: "deny" });
    expect(ended[0]?.issue?.message).not.toContain("secret reason");
    expect(failures).toHaveLength(1);
    expect(failures[0]?.error).toMatchObject({ message: reason });
  });

  test.each([
    ["a reason", new PluginError("plugin.answer", "it is a list"), "plugin.answer", "it is a list"],
    ["nothing", undefined, "plugin.failed", "the plugin threw undefined or null"],
  ])("an answer that is refused for %s is an issue", (_, thrown, code, message) => {
    const { run, ended, failures } = create();
    run(
      pluginOf(() => []),
      () => {
        throw thrown;
      },
    );
    expect(ended.map(({ issue }) => issue?.code)).toEqual([code as "plugin.answer"]);
    expect(failures[0]?.error).toMatchObject({ message });
  });

  test("onError: skip makes a warning of it", () => {
    const { run, ended, failures } = create();
    run(pluginOf(broken, {}, "skip"));
    expect(ended[0]?.issue).toMatchObject({ code: "plugin.skipped", severity: "warning" });
    expect(failures).toHaveLength(1);
  });

  test("after a plugin has waited, none is called once the review is over", async () => {
    const controller = new AbortController();
    const { run, ended } = create(controller);
    let count = 0;
    const counts = pluginOf(() => void count++);
    controller.abort();
    run(counts);
    expect(count).toBe(1);
    await run(pluginOf(async () => {}));
    run(counts);
    expect(count).toBe(1);
    expect(ended.at(-1)?.issue?.code).toBe("plugin.timeout");
  });
});
