/** A plugin in the webhook's own thread: fast, and trusted not to loop or leak. */
import type { PluginInstance } from "../../core/plugin/instance.ts";
import type { CheckedDefinition, Hooks } from "./setup.ts";

/**
 * @param hooks what the plugin's `setup` made
 * @param digest hash of its code; absent for the webhook's own
 */
export function createInProcess(
  definition: CheckedDefinition,
  hooks: Hooks,
  digest?: string,
): PluginInstance {
  const { name, writes } = definition;
  const { requests, annotations, review } = hooks;
  return {
    name,
    writes,
    // Called on the hooks themselves, since an author may have written a class.
    ...(requests && { requests: (context) => requests.call(hooks, context) }),
    ...(annotations && { annotations: (context) => annotations.call(hooks, context) }),
    ...(review && { review: (context) => review.call(hooks, context) }),
    ...(digest !== undefined && { digest }),
  };
}
