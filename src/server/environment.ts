/** Removes the variables that the configuration read from the process's environment, so plugins and children cannot read them. */

import type { Env } from "../config/env.ts";

/** A copy of an environment that records which of its variables were read. */
export interface WatchedEnv {
  readonly env: Env;
  /** Removes the variables that were read so far from an environment. The copy keeps them for the next reload. */
  readonly forgetRead: (from: Record<string, string | undefined>) => void;
}

/** Copies an environment; load the configuration with the copy. */
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
