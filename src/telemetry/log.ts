/** Structured log: one JSON object per line on standard output. */

/** How much a line matters. */
export type Level = "debug" | "info" | "warn" | "error";

/** Writes one line; fields must not hold secret values or annotation values. */
export type Log = (level: Level, message: string, fields?: Readonly<Record<string, unknown>>) => void;

/**
 * Creates a log.
 *
 * @param write takes one line, with its line feed
 * @param now milliseconds since the epoch
 */
export function createLog(write: (line: string) => void, now: () => number): Log {
  return (level, message, fields = {}) =>
    write(`${JSON.stringify({ time: new Date(now()).toISOString(), level, message, ...fields })}\n`);
}

/** @returns an error as log fields; its stack is for the log only. */
export function toFields(error: unknown): Record<string, unknown> {
  return error instanceof Error ? { error: error.message, stack: error.stack } : { error: String(error) };
}
