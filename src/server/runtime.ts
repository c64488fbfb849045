/** What tells one runtime from another. */
import type { Issue } from "../core/issue/issue.ts";
import type { Listener } from "../listen/listener.ts";
import type { Output } from "../telemetry/output.ts";

/** A runtime that can serve. */
export interface Runtime {
  /** How it serves an address. */
  readonly listen: Listener;
  /** How the log is written. */
  readonly createOutput: () => Output;
  /** What it cannot do, told at every start. */
  readonly limits: readonly Issue[];
}
