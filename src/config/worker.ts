/** Parses one configuration in a thread (thread.ts), which ends afterwards. */
import { parentPort, workerData } from "node:worker_threads";
import { parseSources } from "./parse.ts";
import type { ParseWork } from "./thread.ts";

const { sources, env, isPartial }: ParseWork = workerData;
parentPort?.postMessage(parseSources(sources, env, isPartial));
