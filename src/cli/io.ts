/** The command line's access to its process. */

import process from "node:process";
import type { Env } from "../config/env.ts";

/** What a command reads and writes; tests hand in their own. */
export interface CliIo {
  /** Results only, so that they can be piped on. */
  readonly stdout: (text: string) => void;
  /** Issues. */
  readonly stderr: (text: string) => void;
  /** Bytes, since nobody knows yet whether they are text. */
  readonly readStdin: () => AsyncIterable<Uint8Array>;
  readonly env: Env;
  /** Absolute path that relative ones are relative to. */
  readonly cwd: string;
  readonly isTerminal: { readonly stdin: boolean; readonly stderr: boolean };
}

/** The access of a process, which may not end before all is written. */
export interface ProcessIo extends CliIo {
  /**
   * Resolves when everything is written, or nobody reads on (`… | head`), which is as good.
   *
   * @returns what was thrown where something could not be written, such as to a full disk; `undefined` otherwise
   */
  readonly flush: () => Promise<unknown>;
}

/** @returns the access of this process. */
export function createIo(): ProcessIo {
  const pending = new Set<Promise<void>>();
  let failed: unknown;
  // Streams take milliseconds to make, which a server that starts has better uses for.
  const writeTo = (open: () => NodeJS.WriteStream) => {
    let opened: NodeJS.WriteStream | undefined;
    return (text: string): void => {
      // Without a listener, a reader that has gone away (EPIPE) would end the process with a stack.
      opened ??= open().on("error", () => {});
      const stream = opened;
      const written = new Promise<void>((resolve) => {
        const settle = (error: unknown) => {
          if (error && !isReaderGone(error)) failed ??= error;
          resolve();
        };
        // Deno throws where Bun and Node call back.
        try {
          stream.write(text, settle);
        } catch (error) {
          settle(error);
        }
      });
      pending.add(written);
      void written.then(() => pending.delete(written));
    };
  };
  return {
    stdout: writeTo(() => process.stdout),
    stderr: writeTo(() => process.stderr),
    readStdin: () => process.stdin,
    env: process.env,
    cwd: process.cwd(),
    isTerminal: {
      get stdin() {
        return process.stdin.isTTY === true;
      },
      get stderr() {
        return process.stderr.isTTY === true;
      },
    },
    flush: async () => {
      await Promise.all(pending);
      return failed;
    },
  };
}

function isReaderGone(error: unknown): boolean {
  return (
    error instanceof Error && (error.name === "BrokenPipe" || ("code" in error && error.code === "EPIPE"))
  );
}
