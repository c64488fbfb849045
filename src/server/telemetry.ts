/** Log, metrics and traces of the server, fed by one observer of reviews. */

import process from "node:process";
import type { Env } from "../config/env.ts";
import type { Issue } from "../core/issue/issue.ts";
import type { ReviewObserver } from "../http/observe.ts";
import { renderAdmissionLine, toLevel } from "../telemetry/admission-line.ts";
import {
  createHead,
  createLineBuffer,
  createLog,
  isUrgent,
  isWritten,
  type Level,
  type Log,
  readLevel,
} from "../telemetry/log.ts";
import { type LoopDelay, measureLoopDelay } from "../telemetry/loop-delay.ts";
import { type Build, createMetrics, type Metrics } from "../telemetry/metrics.ts";
import type { Output } from "../telemetry/output.ts";
import type { Tracer } from "../telemetry/trace.ts";
import { sleep } from "./shutdown.ts";

/** Log, metrics and traces of one process. */
export interface Telemetry {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly loopDelay: LoopDelay;
  readonly observe: ReviewObserver;
  /** Writes issues to the log. */
  readonly report: (issues: readonly Issue[]) => void;
  /** Writes buffered lines and spans; call it before the process ends. */
  readonly close: () => Promise<void>;
}

/** How long the end of the process waits until the log is written. */
const LAST_LINES_MS = 1_000;

/**
 * Creates the telemetry of a process.
 *
 * @param env the standard OTEL variables, and the log's level
 * @param output where the log goes
 * @param inFlight returns the number of requests to /mutate in flight
 * @param build version and runtime
 */
export async function createTelemetry(
  env: Env,
  output: Output,
  inFlight: () => number,
  build: Build,
): Promise<Telemetry> {
  const lines = createLineBuffer(output.write);
  // Without a drain, such as after `process.exit` in a plugin, the buffered lines are still written.
  process.on("exit", lines.flush);
  const least = readLevel(env);
  const log = createLog(lines.write, Date.now, least);
  const loopDelay = measureLoopDelay(() => performance.now());
  const metrics = createMetrics({ inFlight, takeLoopDelay: loopDelay.take, now: Date.now, build });
  const tracer = await loadTracer(env, log);
  const renderHead = createHead(Date.now);
  const observe: ReviewObserver = (review) => {
    const { request, outcome, ms } = review;
    metrics.countReview(outcome, ms);
    const level = toLevel(outcome);
    if (isWritten(level, least)) {
      lines.write(renderAdmissionLine(renderHead(level, "admission"), request, outcome, ms), isUrgent(level));
    }
    tracer?.record(review);
  };
  return {
    ...{ log, metrics, loopDelay, observe },
    report: (issues) => {
      for (const { severity, message, ...issue } of issues) log(LEVELS[severity], message, issue);
    },
    close: async () => {
      loopDelay.stop();
      await tracer?.close();
      lines.flush();
      process.off("exit", lines.flush);
      await Promise.race([output.flush(), sleep(LAST_LINES_MS)]);
    },
  };
}

const LEVELS: Readonly<Record<Issue["severity"], Level>> = {
  deny: "error",
  error: "error",
  warning: "warn",
  info: "info",
};

/** Imports the tracer only if the standard variables turn it on. */
async function loadTracer(env: Env, log: Log): Promise<Tracer | undefined> {
  const asked = env.OTEL_EXPORTER_OTLP_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  if (!asked || env.OTEL_SDK_DISABLED === "true" || env.OTEL_TRACES_EXPORTER === "none") return undefined;
  const { createTracer } = await import("../telemetry/trace.ts");
  return createTracer(env, (reason) => log("warn", "traces are not exported", { reason }));
}
