/** Queues previews: one runs at a time, others wait for a while instead of being refused immediately. */

/** The limits of the queue. */
export interface TurnOptions {
  /** Most requests that wait. */
  readonly mostWaiting?: number;
  /** Longest wait, milliseconds. */
  readonly longestMs?: number;
  /** Whether previews have to wait because of many reviews. */
  readonly isLoaded?: (() => boolean) | undefined;
}

/** Turns, taken in the order of arrival. */
export interface Turns {
  /**
   * Waits for a turn.
   *
   * @param signal aborts when the client disconnects
   * @returns a function that ends the turn; `undefined` if too many wait, the wait was too long, or the client disconnected
   */
  readonly take: (signal: AbortSignal) => Promise<(() => void) | undefined>;
}

/**
 * All requests of the management listener (MANAGEMENT_INTAKE) except the one that has its turn. If fewer could wait, a client
 * that is refused immediately would send its next body immediately, and the main thread would spend its time reading bodies.
 */
const MOST_WAITING = 31;
const LONGEST_MS = 2_000;
const LOOK_MS = 25;

/** Creates turns. */
export function createTurns({
  mostWaiting = MOST_WAITING,
  longestMs = LONGEST_MS,
  isLoaded = () => false,
}: TurnOptions = {}): Turns {
  const waiting = new Set<() => void>();
  let isTaken = false;
  let willLook = false;

  const startNext = (): void => {
    const [start] = waiting;
    if (isTaken || willLook || !start) return;
    if (isLoaded()) lookAgain();
    else start();
  };
  const lookAgain = () => {
    willLook = true;
    setTimeout(() => {
      willLook = false;
      startNext();
    }, LOOK_MS);
  };
  const begin = (): (() => void) => {
    isTaken = true;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      isTaken = false;
      startNext();
    };
  };
  return {
    take: (signal) => {
      if (signal.aborted || waiting.size >= mostWaiting) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        const leave = () => {
          clearTimeout(timer);
          signal.removeEventListener("abort", giveUp);
          waiting.delete(start);
        };
        const giveUp = () => {
          leave();
          resolve(undefined);
        };
        const start = () => {
          leave();
          resolve(begin());
        };
        const timer = setTimeout(giveUp, longestMs);
        signal.addEventListener("abort", giveUp, { once: true });
        waiting.add(start);
        startNext();
      });
    },
  };
}
