#!/usr/bin/env bun
/** Runs on Bun. */
import { runtimeIssues } from "../core/issue/runtime.ts";
import { listenOnBun } from "../listen/bun.ts";
import { main } from "./main.ts";

await main({ listen: listenOnBun, limits: [runtimeIssues["runtime.rotation-resets"]({})] });
