/** Entry point on Deno: `deno task start`; for other commands, use the permissions listed there (deno.json). */
import { nodeDisk } from "../config/disk.ts";
import { runtimeIssues } from "../core/issue/runtime.ts";
import { listenOnNode } from "../listen/node.ts";
import { createStreamOutput } from "../telemetry/output.ts";
import { main } from "./main.ts";

await main({
  listen: listenOnNode,
  disk: nodeDisk,
  createOutput: createStreamOutput,
  limits: [runtimeIssues["runtime.threads-outlive"]({})],
});
