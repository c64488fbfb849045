/** What differs between runtimes. */
import type { Disk } from "../config/disk.ts";
import type { Issue } from "../core/issue/issue.ts";
import type { Listener } from "../listen/listener.ts";
import type { Output } from "../telemetry/output.ts";

/** @returns the runtime's name and version, such as `bun 1.4.5` */
export function nameRuntime({ bun, deno, node }: Readonly<Record<string, string | undefined>>): string {
  if (bun !== undefined) return `bun ${bun}`;
  return deno === undefined ? `node ${node}` : `deno ${deno}`;
}

/** A runtime that can serve. */
export interface Runtime {
  /** How it serves an address. */
  readonly listen: Listener;
  /** Whether its TLS listeners refuse a malformed certificate or key, and a key that belongs to another certificate. */
  readonly checksCertificates?: boolean;
  /** How files are read. */
  readonly disk: Disk;
  /** How the log is written. */
  readonly createOutput: () => Output;
  /** Limitations of the runtime, reported at every start. */
  readonly limits: readonly Issue[];
}
