/** Structured log: one JSON object per line on standard output. */
import type { Env } from "../config/env.ts";
import { readThrown } from "../core/plugin/thrown.ts";

/** How much a line matters. */
export type Level = "debug" | "info" | "warn" | "error";

/** Takes one line, with its line feed; `urgent` means that nothing may be gathered after it. */
export type WriteLine = (line: string, urgent: boolean) => void;

/** Writes one line; fields must not hold secret values or annotation values. */
export type Log = (level: Level, message: string, fields?: Readonly<Record<string, unknown>>) => void;

/** Environment variable with the least level that is written; `info` where it is not set. */
const LEVEL_VARIABLE = "FLYTE_VAULT_WEBHOOK_LOG_LEVEL";

const RANK: Readonly<Record<Level, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/**
 * Creates a log.
 *
 * @param now milliseconds since the epoch
 * @param least level below which nothing is written
 */
export function createLog(write: WriteLine, now: () => number, least: Level = "info"): Log {
  return (level, message, fields = {}) => {
    if (!isWritten(level, least)) return;
    const time = new Date(now()).toISOString();
    write(`${JSON.stringify({ time, level, message, ...fields })}\n`, isUrgent(level));
  };
}

/** @returns whether a line of this level is written out at once: it may be the last one that a process writes. */
export function isUrgent(level: Level): boolean {
  return RANK[level] >= RANK.warn;
}

/**
 * Creates what renders the beginning of a line, for lines that are not made of objects.
 *
 * @param now milliseconds since the epoch
 * @returns the line up to its message; the message must not need escaping in JSON
 */
export function createHead(now: () => number): (level: Level, message: string) => string {
  let second = Number.NaN;
  let prefix = "";
  return (level, message) => {
    const at = now();
    const whole = Math.floor(at / 1_000);
    if (whole !== second) {
      second = whole;
      prefix = `{"time":"${new Date(whole * 1_000).toISOString().slice(0, -4)}`;
    }
    const ms = Math.floor(at - whole * 1_000);
    return `${prefix}${ms < 10 ? "00" : ms < 100 ? "0" : ""}${ms}Z","level":"${level}","message":"${message}"`;
  };
}

/** Whether a line of a level is written; asked beforehand where its fields take work. */
export function isWritten(level: Level, least: Level): boolean {
  return RANK[level] >= RANK[least];
}

/** @returns the level that the environment asks for; what is none counts as `info`. */
export function readLevel(env: Env): Level {
  const wanted = env[LEVEL_VARIABLE]?.toLowerCase();
  return wanted === "debug" || wanted === "warn" || wanted === "error" ? wanted : "info";
}

/** @returns an error as log fields; its stack is for the log only. */
export function toFields(error: unknown): Record<string, unknown> {
  // Foreign code may throw objects that throw again when they are looked at.
  const { message, ...rest } = readThrown(error);
  return { error: message, ...rest };
}

/** Longest time that a line waits. */
const FLUSH_MS = 100;
const FLUSH_LENGTH = 32 * 1024;

/**
 * Gathers lines, since a system call for each would cost more than the review that it tells about.
 *
 * @param write takes text to standard output
 * @returns how to write a line, and how to write out what was gathered, which the end of the process has to call
 */
export function createLineBuffer(write: (text: string) => void): {
  readonly write: WriteLine;
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
    write: (line, urgent) => {
      gathered += line;
      if (urgent || gathered.length > FLUSH_LENGTH) flush();
      else timer ??= setTimeout(flush, FLUSH_MS);
    },
  };
}
