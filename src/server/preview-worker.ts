/** Entry point of the preview thread; it gives the host the parser for candidate configurations. */
import { parentPort, workerData } from "node:worker_threads";
import { parseConfig } from "../config/parse.ts";
import { isObject } from "../core/json.ts";
import { servePreviews } from "../host/preview/serve.ts";

if (!parentPort) throw new Error("preview-worker.ts runs in a thread");
// No environment is passed: a candidate configuration must not read the server's variables.
servePreviews(
  parentPort,
  (candidate) => parseConfig(isObject(candidate) || typeof candidate === "string" ? candidate : ""),
  workerData,
);
