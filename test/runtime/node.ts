/** `npm run test:node`: the suite under Node. */
import { test } from "node:test";
import { runtime, runtimeSuite } from "./suite.ts";

for (const { name, run } of runtimeSuite([runtime, "src/entry/node.ts"], [])) test(`node: ${name}`, run);
