/**
 * Watches the memory of the process, which all plugins share: a limit that is passed ends it, and nothing in the log of a
 * process that was killed says whose fault that was. So the culprit is named before, and ended where it is a thread.
 */
import { totalmem } from "node:os";
import process from "node:process";

/** Whose memory counts. */
export interface Suspect {
  readonly plugin: string;
  /** The calls whose synchronous part runs now. Absent in process: nothing can be looked at while one runs. */
  readonly running?: () => readonly number[];
  /** Refuses a call, and ends the thread that runs it. */
  readonly end?: (call: number, detail: string) => void;
}

/** A watch over the process. */
export interface MemoryWatch {
  /** Bytes that one thread's heap may have. */
  readonly heapLimit: number;
  /** @returns takes the suspect off the list */
  readonly add: (suspect: Suspect) => () => void;
  readonly close: () => void;
}

/** What a watch is made of. */
export interface MemoryWatchOptions {
  /** Told where no call can be blamed: the plugins' names, and how much is used. */
  readonly report: (plugins: string, detail: string) => void;
  /** Bytes that the process may have. */
  readonly limit?: number;
}

const MIB = 1024 * 1024;
const LARGEST_HEAP = 256 * MIB;
/** Above this part of the limit, the end is near. */
const NEARLY = 0.8;
/** A call that runs at two looks in a row is to blame: others take microseconds. */
const LOOK_MS = 20;
const QUIET_MS = 60_000;

/** Starts to watch; nothing is looked at while no plugin is in the list. */
export function createMemoryWatch({ report, limit = findLimit() }: MemoryWatchOptions): MemoryWatch {
  const suspects = new Set<Suspect>();
  let before = new Map<Suspect, readonly number[]>();
  let timer: ReturnType<typeof setInterval> | undefined;
  let toldAt = Number.NEGATIVE_INFINITY;

  const look = () => {
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
    heapLimit: Math.min(LARGEST_HEAP, limit / 4),
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

/** @returns what the container or the machine has, in bytes */
function findLimit(): number {
  return Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem());
}

function toMib(bytes: number): number {
  return Math.round(bytes / MIB);
}
