/** Structured log: one JSON object per line on standard output. */
import { readThrown } from "../core/plugin/thrown.ts";

/** How much a line matters. */
export type Level = "debug" | "info" | "warn" | "error";

/** Writes one line; fields must not hold secret values or annotation values. */
export type Log = (level: Level, message: string, fields?: Readonly<Record<string, unknown>>) => void;

/** Environment variable with the least level that is written; `info` where it is not set. */
export const LEVEL_VARIABLE = "FLYTE_VAULT_WEBHOOK_LOG_LEVEL";

const RANK: Readonly<Record<Level, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/**
 * Creates a log.
 *
 * @param write takes one line, with its line feed
 * @param now milliseconds since the epoch
 * @param least level below which nothing is written
 */
export function createLog(write: (line: string) => void, now: () => number, least: Level = "info"): Log {
  return (level, message, fields = {}) => {
    if (!isWritten(level, least)) return;
    write(`${JSON.stringify({ time: new Date(now()).toISOString(), level, message, ...fields })}\n`);
  };
}

/** Whether a line of a level is written; asked beforehand where its fields take work. */
export function isWritten(level: Level, least: Level): boolean {
  return RANK[level] >= RANK[least];
}

/** @returns the level that the environment asks for; what is none counts as `info`. */
export function readLevel(env: Readonly<Record<string, string | undefined>>): Level {
  const wanted = env[LEVEL_VARIABLE]?.toLowerCase();
  return wanted === "debug" || wanted === "warn" || wanted === "error" ? wanted : "info";
}

/** @returns an error as log fields; its stack is for the log only. */
export function toFields(error: unknown): Record<string, unknown> {
  // Foreign code may throw objects that throw again when they are looked at.
  const { message, ...rest } = readThrown(error);
  return { error: message, ...rest };
}

const FLUSH_MS = 20;
const FLUSH_LENGTH = 32 * 1024;

/**
 * Gathers lines, since a system call for each would cost more than the review that it tells about.
 *
 * @param write takes text to standard output
 * @returns how to write a line, and how to write out what was gathered, which the end of the process has to call
 */
export function createLineBuffer(write: (text: string) => void): {
  readonly write: (line: string) => void;
  readonly flush: () => void;
} {
  let gathered = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (gathered !== "") write(gathered);
    gathered = "";
  };
  return {
    flush,
    write: (line) => {
      gathered += line;
      if (gathered.length > FLUSH_LENGTH) flush();
      else timer ??= setTimeout(flush, FLUSH_MS);
    },
  };
}
