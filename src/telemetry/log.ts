/** Structured log: one JSON object per line on standard output. */
import type { Env } from "../config/env.ts";
import { readThrown } from "../core/plugin/thrown.ts";

/** Severity of a line. */
export type Level = "debug" | "info" | "warn" | "error";

/** Takes one line, with its line feed; an `urgent` line is written out immediately. */
export type WriteLine = (line: string, urgent: boolean) => void;

/** Writes one line; fields must not hold secret values or annotation values. */
export type Log = (level: Level, message: string, fields?: Readonly<Record<string, unknown>>) => void;

/** Environment variable with the lowest level to write; `info` by default. */
const LEVEL_VARIABLE = "FLYTE_VAULT_WEBHOOK_LOG_LEVEL";

const RANK: Readonly<Record<Level, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/**
 * Creates a log.
 *
 * @param now milliseconds since the epoch
 * @param least lowest level that is written
 */
export function createLog(write: WriteLine, now: () => number, least: Level = "info"): Log {
  return (level, message, fields = {}) => {
    if (!isWritten(level, least)) return;
    const time = new Date(now()).toISOString();
    write(`${JSON.stringify({ time, level, message, ...fields })}\n`, isUrgent(level));
  };
}

/** @returns whether a line of this level is written out immediately: it may be the last one of the process */
export function isUrgent(level: Level): boolean {
  return RANK[level] >= RANK.warn;
}

/**
 * Creates a renderer for the beginning of a line, for lines that are rendered as text.
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

/** @returns whether a line of this level is written; check it before computing expensive fields */
export function isWritten(level: Level, least: Level): boolean {
  return RANK[level] >= RANK[least];
}

/** @returns the level that the environment sets; `info` for an unknown one */
export function readLevel(env: Env): Level {
  const level = env[LEVEL_VARIABLE]?.toLowerCase();
  return level === "debug" || level === "warn" || level === "error" ? level : "info";
}

/** @returns an error as log fields; the stack must not go anywhere else */
export function toFields(error: unknown): Record<string, unknown> {
  // Foreign code may throw objects whose properties throw when they are read.
  const { message, ...rest } = readThrown(error);
  return { error: message, ...rest };
}

/** How long a line may wait, milliseconds. */
const FLUSH_MS = 100;
const FLUSH_LENGTH = 32 * 1024;

/**
 * Buffers lines: one system call for each would cost more than the review that it reports.
 *
 * @param write writes text to standard output
 * @returns `write` for a line, and `flush`, to be called before the process ends
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
