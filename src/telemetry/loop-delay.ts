/** Measures how long the event loop was blocked; in that time, no request is answered. */

const TICK_MS = 100;

/** A running measurement. */
export interface LoopDelay {
  /** Longest delay since the last call, milliseconds. */
  readonly take: () => number;
  /** Delay of the latest tick, or the time since then if that is longer, milliseconds. */
  readonly current: () => number;
  readonly stop: () => void;
}

/**
 * Measures how late a timer fires. `monitorEventLoopDelay` behaves differently on each runtime.
 *
 * @param clock milliseconds of a monotonic clock
 */
export function measureLoopDelay(clock: () => number): LoopDelay {
  let last = clock();
  let newest = 0;
  let longest = 0;
  const timer = setInterval(() => {
    const now = clock();
    newest = Math.max(0, now - last - TICK_MS);
    longest = Math.max(longest, newest);
    last = now;
  }, TICK_MS);
  timer.unref();
  const current = () => Math.max(newest, clock() - last - TICK_MS);
  return {
    current,
    take: () => {
      const taken = Math.max(longest, current());
      longest = 0;
      return taken;
    },
    stop: () => clearInterval(timer),
  };
}
