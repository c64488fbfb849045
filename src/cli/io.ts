/** The command line's access to its process. */
import process from "node:process";
import { text } from "node:stream/consumers";

/** What a command reads and writes; tests hand in their own. */
export interface CliIo {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly readStdin: () => Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly isTerminal: boolean;
}

/** @returns the access of this process. */
export function createIo(): CliIo {
  return {
    stdout: (written) => process.stdout.write(written),
    stderr: (written) => process.stderr.write(written),
    readStdin: () => text(process.stdin),
    env: process.env,
    cwd: process.cwd(),
    isTerminal: process.stdout.isTTY === true,
  };
}
