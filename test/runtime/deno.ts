/** `npm run test:deno`: the suite under Deno. */
import { runtime, runtimeSuite } from "./suite.ts";

declare const Deno: { test(name: string, run: () => Promise<void>): void };

for (const { name, run } of runtimeSuite(
  [runtime, "run", "--allow-all", "src/entry/deno.ts"],
  ["runtime.threads-outlive"],
))
  Deno.test(`deno: ${name}`, run);
