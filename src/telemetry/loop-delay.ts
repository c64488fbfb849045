/** How long the event loop was held up: the time in which nobody was answered. */

const TICK_MS = 100;

/** A running measurement. */
export interface LoopDelay {
  /** Longest delay since the last call, milliseconds. */
  readonly take: () => number;
  /** Delay at the newest tick, or since it, where that is longer. */
  readonly current: () => number;
  readonly stop: () => void;
}

/**
 * Measures by a timer that comes late when the loop is held up; runtimes differ in `monitorEventLoopDelay`.
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
