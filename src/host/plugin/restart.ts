/** Pauses between the starts of a thread that does not start: each twice as long as the one before. */

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

/** When the next thread may be started. */
export interface Restart {
  /** Whether no thread may be started now. */
  readonly isPaused: () => boolean;
  /** Begins a pause; nothing where one is under way. */
  readonly pause: () => void;
  /** Makes the next pause the shortest one again. */
  readonly succeeded: () => void;
  /** Ends the pause without a start. */
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
