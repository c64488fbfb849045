/** The process's environment: what the configuration takes from it leaves it, so that no plugin and no child reads it. */

import type { Env } from "../config/env.ts";

/** A copy of an environment that knows which of its variables were read. */
export interface WatchedEnv {
  readonly env: Env;
  /** Removes what was read so far from an environment; this copy keeps it, for a later load. */
  readonly forgetRead: (from: Record<string, string | undefined>) => void;
}

/** Copies an environment; hand the copy to whatever loads the configuration. */
export function watchEnv(original: Env): WatchedEnv {
  const read = new Set<string>();
  const env = new Proxy(
    { ...original },
    {
      get: (copy, name) => {
        if (typeof name !== "string") return undefined;
        read.add(name);
        return copy[name];
      },
    },
  );
  return {
    env,
    forgetRead: (from) => {
      for (const name of read) delete from[name];
    },
  };
}
