/** Runs on Deno: `deno task start`, or with the permissions named there (deno.json) for any other command. */
import { runtimeIssues } from "../core/issue/runtime.ts";
import { listenOnNode } from "../listen/node.ts";
import { createStreamOutput } from "../telemetry/output.ts";
import { main } from "./main.ts";

await main({
  listen: listenOnNode,
  createOutput: createStreamOutput,
  limits: [runtimeIssues["runtime.threads-outlive"]({})],
});
