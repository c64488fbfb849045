/** Threads of a plugin that does what a call asks for, for tests. */
import { afterAll } from "bun:test";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { PodContext } from "../../src/core/plugin/context.ts";
import type { Wire } from "../../src/core/plugin/wire.ts";
import type { PluginEvent } from "../../src/host/plugin/event.ts";
import { createMemoryWatch } from "../../src/host/plugin/memory-watch.ts";
import { Pool } from "../../src/host/plugin/pool.ts";
import { PLUGINS } from "./plugins.ts";

const memory = createMemoryWatch({ report: () => {} });
/** What the pools reported. */
export const events: PluginEvent[] = [];
const pools: Pool[] = [];
/** Ends the pools after the tests of the file that calls it. */
export function endPools(): void {
  afterAll(() => {
    for (const pool of pools.splice(0)) pool.close();
  });
}

/** Starts a pool of a plugin of the fixtures; milliseconds for each call. */
export async function startPool(timeout: number, threads = 2, file = "misbehaving.ts"): Promise<Pool> {
  const url = pathToFileURL(join(PLUGINS, file)).href;
  const pool = new Pool({
    url,
    options: {},
    timeout,
    threads,
    memory,
    report: (event) => events.push(event),
  });
  pools.push(pool);
  await pool.start();
  return pool;
}

/** @returns how one call ended, and after how many milliseconds */
export async function call(
  pool: Pool,
  worst?: string,
): Promise<{ readonly code: string; readonly ms: number }> {
  const facts = JSON.stringify({
    namespace: "ns",
    labels: worst === undefined ? {} : { worst },
    requests: {},
  });
  const wire: Wire = { facts, pod: "{}", below: "[]", above: "[]", files: "{}" };
  const context: Pick<PodContext, "signal"> = { signal: new AbortController().signal };
  const began = performance.now();
  const code = await pool.call("annotations", context as PodContext, wire).then(
    () => "answered",
    (error: { readonly code: string }) => error.code,
  );
  return { code, ms: performance.now() - began };
}

/** Starts calls at once. */
export const many = (count: number, run: () => Promise<{ readonly code: string; readonly ms: number }>) =>
  Promise.all(Array.from({ length: count }, run));
