/** A plugin in the webhook's own thread: fast, and trusted not to loop or leak. */
import type { PluginInstance } from "../../core/plugin/instance.ts";
import { speakAs } from "./printed.ts";
import type { CheckedDefinition, Hooks } from "./setup.ts";

/**
 * Makes an instance that calls a plugin's hooks directly.
 *
 * @param hooks what the plugin's `setup` made
 * @param digest hash of its code; absent for the webhook's own, which print nothing and only read their context
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
    // Called on the hooks themselves, since an author may have written a class.
    ...(requests && { requests: (context) => run(() => requests.call(hooks, context)) }),
    ...(annotations && { annotations: (context) => run(() => annotations.call(hooks, context)) }),
    ...(review && { review: (context) => run(() => review.call(hooks, context)) }),
    ...(digest === undefined ? { readsOnly: true } : { digest }),
  };
}
