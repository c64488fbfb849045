#!/usr/bin/env node
/** Entry point on Node 22.18 or newer, which runs TypeScript directly: `npm run start:node`. */
import { listenOnNode } from "../listen/node.ts";
import { createStreamOutput } from "../telemetry/output.ts";
import { main } from "./main.ts";

await main({ listen: listenOnNode, createOutput: createStreamOutput, limits: [] });
