/**
 * Watches the memory of the process, which all plugins share. The kernel kills a process that exceeds its limit, and the log
 * of a killed process does not say which plugin caused it. So the watch names the plugin shortly before the limit, and ends
 * its thread if it has one.
 */
import process from "node:process";

/** A plugin that may be the cause of a memory shortage. */
export interface Suspect {
  readonly plugin: string;
  /** Ids of the calls whose synchronous part runs now. Absent in process: this watch cannot run while such a call does. */
  readonly running?: () => readonly number[];
  /** Rejects a call and ends its thread. */
  readonly end?: (call: number, detail: string) => void;
}

/** A watch over the memory of the process. */
export interface MemoryWatch {
  /** Most heap of one thread, bytes. */
  readonly heapLimit: number;
  /** @returns a function that removes the suspect */
  readonly add: (suspect: Suspect) => () => void;
  readonly close: () => void;
}

/** The limit, and the callback for the log. */
export interface MemoryWatchOptions {
  /** Called if no running call can be blamed, with the names of all plugins and the memory in use. */
  readonly report: (plugins: string, detail: string) => void;
  /** Most memory of the process, bytes; by default what the container or machine has. */
  readonly limit?: number;
}

const MIB = 1024 * 1024;
const LARGEST_HEAP = 256 * MIB;
/** Act above this share of the limit. */
const NEARLY = 0.8;
/** A call that runs at two checks in a row is blamed; a normal one takes microseconds. */
const LOOK_MS = 20;
const QUIET_MS = 60_000;

/** Creates a watch; it checks only while there are suspects. */
export function createMemoryWatch({ report, limit: given }: MemoryWatchOptions): MemoryWatch {
  let found = given;
  const getLimit = () => {
    found ??= findLimit();
    return found;
  };
  const suspects = new Set<Suspect>();
  let before = new Map<Suspect, readonly number[]>();
  let timer: ReturnType<typeof setInterval> | undefined;
  let toldAt = Number.NEGATIVE_INFINITY;

  const look = () => {
    const limit = getLimit();
    const used = process.memoryUsage.rss();
    if (used < limit * NEARLY) return before.clear();
    const detail = `the process has ${toMib(used)} of ${toMib(limit)} MiB`;
    const now = new Map([...suspects].map((suspect) => [suspect, suspect.running?.() ?? []]));
    for (const [suspect, calls] of now) {
      const culprits = calls.filter((call) => before.get(suspect)?.includes(call));
      for (const call of culprits) suspect.end?.(call, detail);
    }
    before = now;
    const isSomeoneRunning = [...now.values()].some((calls) => calls.length > 0);
    if (isSomeoneRunning || performance.now() - toldAt < QUIET_MS) return;
    toldAt = performance.now();
    report([...new Set([...suspects].map(({ plugin }) => plugin))].join(", "), detail);
  };

  return {
    get heapLimit() {
      return Math.min(LARGEST_HEAP, getLimit() / 4);
    },
    add: (suspect) => {
      suspects.add(suspect);
      timer ??= setInterval(look, LOOK_MS);
      timer.unref();
      return () => {
        suspects.delete(suspect);
        if (suspects.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
    close: () => clearInterval(timer),
  };
}

/** @returns the memory of the container or the machine, whichever is smaller, in bytes; loads a module that most servers do not need */
function findLimit(): number {
  const { totalmem } = process.getBuiltinModule("node:os");
  return Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem());
}

function toMib(bytes: number): number {
  return Math.round(bytes / MIB);
}
