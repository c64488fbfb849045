/**
 * Parses a configuration in a separate thread: 1 MiB of YAML takes seconds, and during a reload every pod that is created
 * would wait for it.
 */
import { Worker } from "node:worker_threads";
import { configIssues } from "../core/issue/config.ts";
import { failure, type Result } from "../core/result.ts";
import type { Env } from "./env.ts";
import type { Parsed } from "./parse.ts";
import type { ConfigSource } from "./read.ts";

/** The input of the thread. */
export interface ParseWork {
  readonly sources: readonly ConfigSource[];
  readonly env: Env;
  readonly isPartial: boolean;
}

/** How long a parse may take, milliseconds. */
const LIMIT_MS = 30_000;

/**
 * Runs `parseSources` in a new thread.
 *
 * @param env copied completely, because the variables that the sources name are not known yet
 * @param isPartial as for `parseSources`
 * @returns the configuration, or every error; rejects only for a defect
 */
export async function parseInThread(
  sources: readonly ConfigSource[],
  env: Env = {},
  isPartial = false,
): Promise<Result<Parsed>> {
  const work: ParseWork = { sources, env: { ...env }, isPartial };
  // The thread gets no environment besides `env` in its data.
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: work,
    env: {},
    name: "config",
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await new Promise<Result<Parsed>>((resolve, reject) => {
      const late = configIssues["config.parse-timeout"]({ seconds: LIMIT_MS / 1_000 });
      timer = setTimeout(() => resolve(failure([late])), LIMIT_MS);
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", (code) => reject(new Error(`the thread ended with code ${code}`)));
    });
  } finally {
    clearTimeout(timer);
    void worker.terminate();
  }
}
