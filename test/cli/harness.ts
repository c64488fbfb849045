/** Runs the command line in this process, over a folder of its own, and keeps what it wrote. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { CliDeps } from "../../src/cli/deps.ts";
import type { CliIo } from "../../src/cli/io.ts";
import { runCli } from "../../src/cli/main.ts";
import { createSnapshots } from "../../src/host/plugin/snapshot.ts";
import { createDeps } from "../../src/server/deps.ts";

/** What a run came to. */
export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Codes of the issues that were told, in order. */
  readonly issues: readonly string[];
}

/** What a run may be given besides arguments. */
export interface Given {
  readonly stdin?: string | Uint8Array;
  readonly env?: CliIo["env"];
  readonly isTerminal?: Partial<CliIo["isTerminal"]>;
  readonly deps?: Partial<CliDeps>;
}

/** A folder with files, in which commands run. */
export interface Workplace {
  readonly folder: string;
  readonly run: (argv: readonly string[], given?: Given) => Promise<Run>;
  readonly write: (name: string, content: string | Uint8Array) => void;
  readonly remove: () => void;
}

const refuseToServe = async () => {
  throw new Error("no test of the command line listens");
};

/** Creates a folder with the files given, and config/webhook.yaml with the role `flyte-role` where none is. */
export function createWorkplace(files: Readonly<Record<string, string | Uint8Array>> = {}): Workplace {
  const folder = mkdtempSync(join(tmpdir(), "cli-"));
  const write = (name: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  };
  write("config/webhook.yaml", "webhook: { vaultSecretManager: { role: flyte-role } }\n");
  for (const [name, content] of Object.entries(files)) write(name, content);
  const run = async (argv: readonly string[], given: Given = {}): Promise<Run> => {
    const written = { stdout: "", stderr: "" };
    const io: CliIo = {
      stdout: (text) => {
        written.stdout += text;
      },
      stderr: (text) => {
        written.stderr += text;
      },
      readStdin: () => chunksOf(given.stdin),
      env: given.env ?? {},
      cwd: folder,
      isTerminal: { stdin: given.stdin === undefined, stderr: false, ...given.isTerminal },
    };
    const code = await runCli(argv, io, {
      ...createDeps(refuseToServe, createSnapshots()),
      ...given.deps,
    });
    const issues = [...written.stderr.matchAll(/^[^[\n]*\[([a-z-]+\.[a-z0-9-]+)\]/gm)].map(
      ([, issue]) => issue ?? "",
    );
    return { code, ...written, issues };
  };
  return { folder, run, write, remove: () => rmSync(folder, { recursive: true }) };
}

/** Two chunks, so that nothing may rely on one. */
async function* chunksOf(stdin: string | Uint8Array = ""): AsyncGenerator<Uint8Array> {
  const bytes = typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin;
  const middle = Math.floor(bytes.length / 2);
  yield bytes.subarray(0, middle);
  yield bytes.subarray(middle);
}
