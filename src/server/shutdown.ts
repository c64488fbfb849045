/** Signals, the drain, and unhandled errors. */
import process from "node:process";
import type { Running } from "../listen/listener.ts";

/** The steps of a drain, in order, milliseconds. */
export interface DrainTimes {
  /** Serves as before but reports not ready, until every API server has removed this replica's endpoint. */
  readonly waitMs: number;
  /** Answers with `Connection: close`, so that clients with keep-alive leave. */
  readonly closeMs: number;
  /** Longest wait for requests in flight. */
  readonly stopMs: number;
}

/** Longer than a review's longest deadline (30 s less its reserve). */
const STOP_MS = 25_000;
const CLOSE_MS = 1_000;
const POD_WAIT_SECONDS = 5;

/**
 * Computes the times of a drain.
 *
 * @param seconds `server.drainSeconds`
 * @param insidePod whether API servers have to notice first; if so, the default wait is 5 seconds
 */
export function toDrainTimes(seconds: number | undefined, insidePod: boolean): DrainTimes {
  const wait = seconds ?? (insidePod ? POD_WAIT_SECONDS : 0);
  return { waitMs: wait * 1_000, closeMs: CLOSE_MS, stopMs: STOP_MS };
}

/**
 * Stops listeners without dropping a request.
 *
 * @returns whether every request in flight was answered
 */
export async function drain(running: readonly Running[], times: DrainTimes): Promise<boolean> {
  await sleep(times.waitMs);
  for (const listener of running) listener.drain();
  await sleep(times.closeMs);
  const stopped = Promise.all(running.map((listener) => listener.stop())).then(() => true);
  return Promise.race([stopped, sleep(times.stopMs).then(() => false)]);
}

/**
 * Waits for SIGTERM, SIGINT or SIGHUP; a second signal ends the process at once. PID 1 has no default handlers, so without
 * these it would ignore the signals. Elsewhere the defaults would end the process without a drain.
 */
export function untilSignal(): Promise<string> {
  return new Promise((resolve) => {
    let isFirst = true;
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
      process.on(signal, () => {
        if (!isFirst) process.exit(1);
        isFirst = false;
        resolve(signal);
      });
    }
  });
}

/**
 * Keeps the process alive after an error outside of any request, such as a promise that a plugin left behind. By default the
 * runtime would end the process, and no pod could be created.
 */
export function surviveDetached(report: (error: unknown) => void): void {
  process.on("unhandledRejection", report);
  process.on("uncaughtException", report);
}

/** @returns a promise that resolves after the given milliseconds */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
