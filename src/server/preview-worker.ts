/** What the thread of previews runs: it hands the parser of configurations to the host. */
import { parentPort } from "node:worker_threads";
import { parseConfig } from "../config/parse.ts";
import { isObject } from "../core/json.ts";
import { servePreviews } from "../host/preview/serve.ts";

if (!parentPort) throw new Error("preview-worker.ts runs in a thread");
// Without an environment: a candidate configuration must not read ours.
servePreviews(parentPort, (candidate) =>
  parseConfig(isObject(candidate) || typeof candidate === "string" ? candidate : ""),
);
