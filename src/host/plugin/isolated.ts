/** A plugin in threads of its own. */
import type { PodContext } from "../../core/plugin/context.ts";
import type { Hook, PluginInstance } from "../../core/plugin/instance.ts";
import type { Wire } from "../../core/plugin/wire.ts";
import { Pool, type PoolOptions } from "./pool.ts";
import type { Ready } from "./protocol.ts";

/** What an isolated plugin is made of. */
export interface IsolatedOptions extends PoolOptions {
  /** Hash of its code. */
  readonly digest?: string;
}

/**
 * Starts the first thread, which shows whether the plugin can be used.
 *
 * @returns the plugin, and what it says of itself
 * @throws StartError
 */
export async function createIsolated(options: IsolatedOptions): Promise<PluginInstance & Ready> {
  const pool = new Pool(options);
  const ready = await pool.start();
  const hooks = Object.fromEntries(
    ready.hooks.map((hook) => [
      hook,
      (context: PodContext, wire: () => Wire) => pool.call(hook, context, wire()),
    ]),
  );
  const { digest } = options;
  return {
    ...ready,
    ...(hooks as Pick<PluginInstance, Hook>),
    hooks: ready.hooks,
    ...(digest !== undefined && { digest }),
    keepsTime: true,
    readsOnly: true,
    close: () => pool.close(),
  };
}
