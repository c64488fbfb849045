/** Backoff for a thread that fails to start: 100 ms, doubled each time, at most 10 s. */

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

/** Decides when the next thread may be started. */
export interface Restart {
  /** Whether no thread may be started now. */
  readonly isPaused: () => boolean;
  /** Begins a pause, unless one is running. */
  readonly pause: () => void;
  /** Resets the next pause to the shortest. */
  readonly succeeded: () => void;
  /** Cancels the pause and the start after it. */
  readonly stop: () => void;
}

/** @param start called at the end of each pause */
export function createRestart(start: () => void): Restart {
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    isPaused: () => timer !== undefined,
    pause: () => {
      if (timer !== undefined) return;
      const end = () => {
        timer = undefined;
        start();
      };
      timer = setTimeout(end, Math.min(FIRST_PAUSE_MS * 2 ** failures++, LONGEST_PAUSE_MS));
    },
    succeeded: () => {
      failures = 0;
    },
    stop: () => clearTimeout(timer),
  };
}
