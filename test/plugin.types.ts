/** What the compiler promises to plugin authors; `npm run types` is this file's test. */
import { definePlugin, type PluginDefinition } from "flyte-vault-webhook/plugin";
import { testPlugin } from "flyte-vault-webhook/testing";
import * as v from "valibot";

/** Equal types, and nothing else. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const promise = <T extends true>(): T | undefined => undefined;

const about = { name: "typed", description: "Typed", writes: [] };

// Options are what the schema makes of them, defaults and transformations included.
const typed = definePlugin({
  ...about,
  options: v.strictObject({
    team: v.string(),
    size: v.optional(v.pipe(v.string(), v.transform(Number)), "1"),
  }),
  setup: (options) => {
    promise<Same<typeof options, { team: string; size: number }>>();
    return {};
  },
});
promise<Same<typeof typed, PluginDefinition<{ team: string; size: number }>>>();

// Without a schema there are no options.
definePlugin({
  ...about,
  setup: (options) => {
    promise<Same<typeof options, Readonly<Record<string, never>>>>();
    return {};
  },
});

// Any Standard Schema will do.
definePlugin({
  ...about,
  options: {
    "~standard": {
      version: 1,
      vendor: "own",
      validate: (value) => (typeof value === "string" ? { value } : { issues: [{ message: "a text" }] }),
      types: { input: "", output: "" },
    },
  },
  setup: (options) => {
    promise<Same<typeof options, string>>();
    return {};
  },
});

// Hooks answer at once or later, and only what the pipeline takes.
definePlugin({ ...about, setup: async () => ({ annotations: async () => ({ a: "b", c: null }) }) });
// @ts-expect-error An annotation is a text.
definePlugin({ ...about, setup: () => ({ annotations: () => ({ a: 1 }) }) });
// @ts-expect-error A request has no such field.
definePlugin({ ...about, setup: () => ({ requests: () => ({ "flyte.secrets/s0": { gruop: "x" } }) }) });
// @ts-expect-error An issue has a severity.
definePlugin({ ...about, setup: () => ({ review: () => [{ code: "x", message: "x" }] }) });
// @ts-expect-error A plugin says what it writes.
definePlugin({ name: "x", description: "x", setup: () => ({}) });

// What a hook is shown is for reading.
definePlugin({
  ...about,
  setup: () => ({
    review: (context) => {
      // @ts-expect-error Contexts are read-only.
      context.namespace = "other";
      // @ts-expect-error So is all within them.
      context.labels.team = "other";
      // The runtime's own AbortSignal, fit for fetch.
      promise<Same<typeof context.signal, AbortSignal>>();
      return [];
    },
  }),
});

// Without this call the compiler would not see that a typed plugin can be tested.
export const tested = (): Promise<void> => testPlugin(typed, { valid: [], invalid: [] });
