/** Where the log goes: standard output. A reader of it that is gone, slow or full must not end the webhook. */
import process from "node:process";

/** Takes text to standard output. */
export interface Output {
  /** Never throws and never waits; what nobody reads is lost. */
  readonly write: (text: string) => void;
  /** Resolves when all is written, or nobody reads it. */
  readonly flush: () => Promise<void>;
}

/** Characters that may wait for a slow reader; a log that nobody reads must not fill the memory. */
const MOST_WAITING = 4 * 1024 * 1024;

/**
 * Creates an output that keeps the promises of {@link Output}, whatever it writes to.
 *
 * @param send writes, and resolves when it is written; may throw or reject
 */
export function createOutput(send: (text: string) => unknown): Output {
  const pending = new Set<Promise<void>>();
  let waiting = 0;
  const sendSafely = async (text: string) => {
    try {
      await send(text);
    } catch {
      // Its reader has gone away, or its disk is full: there is no other place to tell it.
    }
    waiting -= text.length;
  };
  return {
    write: (text) => {
      if (waiting + text.length > MOST_WAITING) return;
      waiting += text.length;
      const sent = sendSafely(text).finally(() => pending.delete(sent));
      pending.add(sent);
    },
    flush: async () => {
      await Promise.all(pending);
    },
  };
}

/** @returns standard output as Node's stream, which every runtime has. */
export function createStreamOutput(): Output {
  // Without a listener, a reader that has gone away (EPIPE) is an exception that nobody catches, at every line.
  const stream = process.stdout.on("error", () => {});
  return createOutput((text) => new Promise<void>((resolve) => stream.write(text, () => resolve())));
}
