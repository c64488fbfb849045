import { test } from "bun:test";
import { runtime, runtimeSuite } from "./suite.ts";

for (const { name, run } of runtimeSuite([runtime, "src/entry/bun.ts"], ["runtime.rotation-resets"]))
  test(`bun: ${name}`, run, 60_000);
