/** Writes the log to standard output. A closed pipe, a slow reader or a full disk must not stop the webhook. */
import process from "node:process";

/** Writes text to standard output. */
export interface Output {
  /** Never throws and never waits; text that cannot be written is lost. */
  readonly write: (text: string) => void;
  /** Resolves when everything is written or lost. */
  readonly flush: () => Promise<void>;
}

/** Most characters that wait for a slow reader; more would fill the memory. */
const MOST_WAITING = 4 * 1024 * 1024;

/**
 * Creates an {@link Output} from a function that may throw or be slow.
 *
 * @param send writes text, and resolves when it is written; may throw or reject
 */
export function createOutput(send: (text: string) => unknown): Output {
  const pending = new Set<Promise<void>>();
  let waiting = 0;
  const sendSafely = async (text: string) => {
    try {
      await send(text);
    } catch {
      // The pipe is closed or the disk is full, and there is no other place to report it.
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

/** @returns standard output through Node's stream, which every runtime has */
export function createStreamOutput(): Output {
  // Without a listener, a closed pipe (EPIPE) causes an uncaught exception for every line.
  const stream = process.stdout.on("error", () => {});
  return createOutput((text) => new Promise<void>((resolve) => stream.write(text, () => resolve())));
}
