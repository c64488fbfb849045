/** The end of the process: signals, the drain, and failures that nobody waits for. */
import process from "node:process";
import type { Running } from "../listen/listener.ts";

/** How long each step of a drain takes, milliseconds. */
export interface DrainTimes {
  /** Serving as before, but not ready, until every API server has heard of it. */
  readonly waitMs: number;
  /** Answering with `Connection: close`, so that clients with keep-alive leave. */
  readonly closeMs: number;
  /** Longest wait for requests under way. */
  readonly stopMs: number;
}

/** Longer than a review's longest deadline (30 s less its reserve). */
const STOP_MS = 25_000;
const CLOSE_MS = 1_000;
const POD_WAIT_SECONDS = 5;

/**
 * Works out how to drain.
 *
 * @param seconds `server.drainSeconds`
 * @param insidePod whether there are API servers that have to hear of it first
 */
export function toDrainTimes(seconds: number | undefined, insidePod: boolean): DrainTimes {
  const wait = seconds ?? (insidePod ? POD_WAIT_SECONDS : 0);
  return { waitMs: wait * 1_000, closeMs: CLOSE_MS, stopMs: STOP_MS };
}

/**
 * Ends listeners without dropping a request.
 *
 * @returns whether every request under way was answered
 */
export async function drain(running: readonly Running[], times: DrainTimes): Promise<boolean> {
  await sleep(times.waitMs);
  for (const listener of running) listener.drain();
  await sleep(times.closeMs);
  const stopped = Promise.all(running.map((listener) => listener.stop())).then(() => true);
  return Promise.race([stopped, sleep(times.stopMs).then(() => false)]);
}

/**
 * Waits for SIGTERM, SIGINT or SIGHUP. As PID 1, a process has no default handlers: without these a signal would be ignored;
 * otherwise a closing terminal (SIGHUP) would end the process without a drain. A second signal ends the process at once.
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
 * Keeps the process alive when something fails that nobody waited for, such as work that a plugin left behind: it would
 * end the process, and every pod's creation with it.
 */
export function surviveDetached(report: (error: unknown) => void): void {
  process.on("unhandledRejection", report);
  process.on("uncaughtException", report);
}

/** @returns a promise that resolves after some milliseconds. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
