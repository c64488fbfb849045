/** `npm run test:deno`: the suite under Deno. */
import manifest from "../../deno.json" with { type: "json" };
import { runtime, runtimeSuite } from "./suite.ts";

/** Those of `deno task start`: what the README tells people to run is what is tested. */
const permissions = manifest.tasks.start.split(" ").filter((word) => word.startsWith("--allow-"));

declare const Deno: { test(name: string, run: () => Promise<void>): void };

for (const { name, run } of runtimeSuite(
  [runtime, "run", ...permissions, "src/entry/deno.ts"],
  ["runtime.threads-outlive"],
))
  Deno.test(`deno: ${name}`, run);
