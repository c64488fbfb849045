/** A plugin that runs in the server's thread: faster, but nothing can stop one that loops or leaks memory. */
import type { PluginInstance } from "../../core/plugin/instance.ts";
import { speakAs } from "./printed.ts";
import type { CheckedDefinition, Hooks } from "./setup.ts";

/**
 * Creates an instance that calls a plugin's hooks directly.
 *
 * @param hooks what the plugin's `setup` returned
 * @param digest hash of its code; absent for bundled plugins, which print nothing and only read their context
 */
export function createInProcess(
  definition: CheckedDefinition,
  hooks: Hooks,
  digest?: string,
): PluginInstance {
  const { name, writes } = definition;
  const { requests, annotations, review } = hooks;
  const run =
    digest === undefined ? <T>(call: () => T): T => call() : <T>(call: () => T): T => speakAs(name, call);
  return {
    name,
    writes,
    // `hooks` may be an instance of a class, so keep `this`.
    ...(requests && { requests: (context) => run(() => requests.call(hooks, context)) }),
    ...(annotations && { annotations: (context) => run(() => annotations.call(hooks, context)) }),
    ...(review && { review: (context) => run(() => review.call(hooks, context)) }),
    ...(digest === undefined ? { readsOnly: true } : { digest }),
  };
}
