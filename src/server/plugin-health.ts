/** A line of `/readyz` for each entry of the `plugins` list: where it runs, and how often it failed since it was loaded. */
import type { PluginFailure } from "../core/ports.ts";
import type { LoadedEntry } from "../host/plugin/load.ts";
import type { ReadyCheck } from "../http/readiness.ts";

/** Failures of the plugins of one engine. */
export interface PluginHealth {
  readonly count: (failure: PluginFailure) => void;
  /** @returns one line for each entry, always ok: a replica that is not ready could not serve pods without that plugin either */
  readonly checks: (entries: ReadonlyMap<number, LoadedEntry>) => readonly ReadyCheck[];
}

/** Creates the counts of a newly loaded engine: all zero. */
export function createPluginHealth(): PluginHealth {
  const latest = new Map<number, { count: number; code: string }>();
  return {
    count: ({ entry, code }) => latest.set(entry, { count: (latest.get(entry)?.count ?? 0) + 1, code }),
    checks: (entries) =>
      [...entries]
        .toSorted(([a], [b]) => a - b)
        .map(([entry, { name, isolation }]) => {
          const failed = latest.get(entry);
          const place = isolation === "worker" ? "in threads" : "in process";
          const failures = failed ? `${failed.count} failures, the last one ${failed.code}` : "no failures";
          return { name: `plugins[${entry}]`, ok: true, detail: `${name}, ${place}, ${failures}` };
        }),
  };
}
