#!/usr/bin/env bun
/** Runs on Bun. */
import { runtimeIssues } from "../core/issue/runtime.ts";
import { listenOnBun } from "../listen/bun.ts";
import { createBunOutput } from "../telemetry/output-bun.ts";
import { main } from "./main.ts";

const limits = [runtimeIssues["runtime.rotation-resets"]({})];
// Without `await`, which code that was compiled beforehand cannot have at its top (config/image/bundle.ts).
void main({ listen: listenOnBun, createOutput: createBunOutput, limits });
