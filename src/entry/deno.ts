/** Runs on Deno: `deno run --allow-net --allow-read --allow-env --allow-sys src/entry/deno.ts serve`. */
import { runtimeIssues } from "../core/issue/runtime.ts";
import { listenOnNode } from "../listen/node.ts";
import { createStreamOutput } from "../telemetry/output.ts";
import { main } from "./main.ts";

await main({
  listen: listenOnNode,
  createOutput: createStreamOutput,
  limits: [runtimeIssues["runtime.threads-outlive"]({})],
});
