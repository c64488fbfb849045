// biome-ignore-all lint/suspicious/noConsole: the console is what is tested
/** From code to a running plugin, in process or in a thread, and back. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { PodContext } from "../../../src/core/plugin/context.ts";
import type { PluginEntrySettings } from "../../../src/core/settings.ts";
import { toBundledUrl } from "../../../src/host/plugin/bundled.ts";
import type { PluginEvent } from "../../../src/host/plugin/event.ts";
import { createInProcess } from "../../../src/host/plugin/in-process.ts";
import { listenInProcess, speakAs } from "../../../src/host/plugin/printed.ts";
import { start } from "../../../src/host/plugin/start.ts";
import { PLUGINS } from "../plugins.ts";

const entry: PluginEntrySettings = {
  ...{ use: "./p.ts", with: { team: "a" }, when: {}, allow: [], onError: "deny", timeout: 1_000 },
};

/** Code of a file, as if it had been copied. */
const codeOf = (file: string, digest?: string) => ({
  url: file.startsWith("file:") ? file : pathToFileURL(join(PLUGINS, file)).href,
  toOriginal: (text: string) => text,
  release: async () => {},
  ...(digest !== undefined && { digest }),
});

function create() {
  const suspects: string[] = [];
  const events: PluginEvent[] = [];
  const memory = {
    heapLimit: Number.MAX_SAFE_INTEGER,
    add: ({ plugin }: { readonly plugin: string }) => {
      suspects.push(plugin);
      return () => void suspects.splice(suspects.indexOf(plugin), 1);
    },
    close: () => {},
  };
  return { suspects, events, watched: { memory, report: (event: PluginEvent) => void events.push(event) } };
}

describe("start", () => {
  test.each(["none", "worker"] as const)("isolate: %s is watched until it is closed", async (isolation) => {
    const { suspects, watched } = create();
    const started = await start(codeOf("everything.ts", "d"), isolation, entry, watched);
    if ("refusals" in started) throw new Error(started.reason);
    expect(started).toMatchObject({ name: "everything", digest: "d" });
    expect([started.readsOnly ?? false, started.keepsTime ?? false]).toEqual(
      isolation === "worker" ? [true, true] : [false, false],
    );
    expect(suspects).toEqual(["everything"]);
    await started.close?.();
    expect(suspects).toEqual([]);
  });

  test("a bundled plugin is neither watched nor copied for", async () => {
    const { suspects, watched } = create();
    const options = { ...entry, with: { namespace: "a" } };
    const started = await start(codeOf(toBundledUrl("namespace")), "none", options, watched);
    expect(started).toMatchObject({ name: "namespace", readsOnly: true });
    expect(started).not.toHaveProperty("digest");
    expect(started).not.toHaveProperty("close");
    expect(suspects).toEqual([]);
  });

  test.each<[string, "none" | "worker", string | undefined, string]>([
    ["bad/missing.ts", "none", undefined, "plugin.import"],
    ["bad/missing.ts", "none", "d", "plugin.import"],
    ["bad/missing.ts", "worker", "d", "plugin.import"],
    ["bad/setup.ts", "none", "d", "plugin.setup"],
    ["bad/setup.ts", "worker", "d", "plugin.setup"],
    ["neighbour.ts", "worker", "d", "plugin.definition"],
  ])("%s (isolate: %s) is refused, and leaves nothing behind", async (file, isolation, digest, code) => {
    const { suspects, watched } = create();
    const real = globalThis.console.log;
    const refused = await start(codeOf(file, digest), isolation, { ...entry, with: {} }, watched);
    expect(refused).toMatchObject({ refusals: [{ code }] });
    expect(suspects).toEqual([]);
    expect(globalThis.console.log).toBe(real);
  });

  test("what a plugin in process prints is reported with its name until it is closed", async () => {
    const { events, watched } = create();
    const real = globalThis.console.log;
    const started = await start(codeOf("everything.ts", "d"), "none", entry, watched);
    if ("refusals" in started) throw new Error(started.reason);
    globalThis.console.log("text");
    expect(events).toEqual([{ kind: "printed", plugin: "everything", detail: "text" }]);
    await started.close?.();
    expect(globalThis.console.log).toBe(real);
  });
});

describe("createInProcess", () => {
  const definition = { name: "p", description: "d", writes: ["a"], setup: () => ({}) };
  const context = {} as PodContext;

  test("has the hooks that the plugin has, each called on the plugin's own object", () => {
    class Own {
      readonly answer = { a: "1" };
      requests() {
        return this.answer;
      }
      review() {
        return this.answer;
      }
    }
    const instance = createInProcess(definition, new Own(), "digest");
    expect(instance).toMatchObject({ name: "p", writes: ["a"], digest: "digest" });
    expect(instance.annotations).toBeUndefined();
    expect(instance.readsOnly).toBeUndefined();
    const wire = () => ({ facts: "", pod: "", below: "", above: "", files: "" });
    expect(instance.requests?.(context, wire)).toEqual({ a: "1" });
    expect(speakAs("other", () => instance.review?.(context as never, wire))).toEqual({ a: "1" });
  });

  test.each([
    ["copied, which is why its printing is its own", "digest", "p"],
    ["bundled, which prints nothing", undefined, "p, q"],
  ])("a plugin that is %s", (_, digest, printer) => {
    const taken: string[] = [];
    const stops = ["p", "q"].map((name) => listenInProcess(name, (plugin) => void taken.push(plugin)));
    const instance = createInProcess(definition, { review: () => console.log("text") }, digest);
    instance.review?.(context as never, () => ({ facts: "", pod: "", below: "", above: "", files: "" }));
    for (const stop of stops) stop();
    expect(taken).toEqual([printer]);
  });
});
