/** The command line's access to its process. */

import process from "node:process";
import type { Env } from "../config/env.ts";

/** What a command reads and writes; tests pass their own. */
export interface CliIo {
  /** Takes results only, so that they can be piped. */
  readonly stdout: (text: string) => void;
  /** Takes issues. */
  readonly stderr: (text: string) => void;
  /** Bytes, which may not be text. */
  readonly readStdin: () => AsyncIterable<Uint8Array>;
  readonly env: Env;
  /** Absolute path of the working folder. */
  readonly cwd: string;
  readonly isTerminal: { readonly stdin: boolean; readonly stderr: boolean };
}

/** The input and output of a process; call `flush` before it ends. */
export interface ProcessIo extends CliIo {
  /**
   * Resolves when everything is written, or when the reader has closed the pipe (`… | head`), which is not an error.
   *
   * @returns the error if something could not be written, such as to a full disk; otherwise `undefined`
   */
  readonly flush: () => Promise<unknown>;
}

/** @returns the input and output of this process */
export function createIo(): ProcessIo {
  const pending = new Set<Promise<void>>();
  let failed: unknown;
  // Creating a stream takes milliseconds, so it is created on first use; `serve` starts faster.
  const writeTo = (open: () => NodeJS.WriteStream) => {
    let opened: NodeJS.WriteStream | undefined;
    return (text: string): void => {
      // Without a listener, a closed pipe (EPIPE) would end the process with a stack trace.
      opened ??= open().on("error", () => {});
      const stream = opened;
      const written = new Promise<void>((resolve) => {
        const settle = (error: unknown) => {
          if (error && !isReaderGone(error)) failed ??= error;
          resolve();
        };
        // Deno throws the error that Bun and Node pass to the callback.
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
