/** What tells one runtime from another. */
import type { Issue } from "../core/issue/issue.ts";
import type { Listener } from "../listen/listener.ts";

/** A runtime that can serve. */
export interface Runtime {
  /** How it serves an address. */
  readonly listen: Listener;
  /** What it cannot do, told at every start. */
  readonly limits: readonly Issue[];
}
