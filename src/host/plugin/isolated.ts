/** A plugin that runs in threads. */
import type { PodContext } from "../../core/plugin/context.ts";
import type { Hook, PluginInstance } from "../../core/plugin/instance.ts";
import type { Wire } from "../../core/plugin/wire.ts";
import { Pool, type PoolOptions } from "./pool.ts";
import type { Ready } from "./protocol.ts";

/** The pool's options, and the plugin's digest. */
export interface IsolatedOptions extends PoolOptions {
  /** Hash of its code. */
  readonly digest?: string;
}

/**
 * Starts the plugin's first thread, which imports it and sets it up.
 *
 * @returns the plugin, with its name, description and hooks
 * @throws StartError if the thread does not start or the plugin refuses its options
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
