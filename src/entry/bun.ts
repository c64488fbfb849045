#!/usr/bin/env bun
/** Entry point on Bun. */
import { bunDisk } from "../config/disk-bun.ts";
import { runtimeIssues } from "../core/issue/runtime.ts";
import { listenOnBun } from "../listen/bun.ts";
import { createBunOutput } from "../telemetry/output-bun.ts";
import { main } from "./main.ts";

const limits = [runtimeIssues["runtime.rotation-resets"]({})];
// No `await` here: precompiled bytecode does not support it at the top level (config/image/bundle.ts).
void main({
  listen: listenOnBun,
  checksCertificates: true,
  disk: bunDisk,
  createOutput: createBunOutput,
  limits,
});
