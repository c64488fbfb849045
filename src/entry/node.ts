#!/usr/bin/env node
/** Entry point on Node 22.18 or newer, which runs TypeScript directly: `npm run start:node`. */
import { nodeDisk } from "../config/disk.ts";
import { listenOnNode } from "../listen/node.ts";
import { createStreamOutput } from "../telemetry/output.ts";
import { main } from "./main.ts";

await main({ listen: listenOnNode, disk: nodeDisk, createOutput: createStreamOutput, limits: [] });
