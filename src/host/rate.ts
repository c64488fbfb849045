/** Limits how often something is told: what a plugin does in a loop must not fill the log, or the queue of messages to it. */

const MOST_PER_SECOND = 50;
const SECOND_MS = 1_000;

/**
 * Limits a callback to 50 calls a second.
 *
 * @param take called with each value that is passed on
 * @param tellDropped called at the next value after a second in which some were dropped, with their number
 */
export function limitRate<T>(
  take: (value: T) => void,
  tellDropped: (count: number) => void,
): (value: T) => void {
  let since = Number.NEGATIVE_INFINITY;
  let count = 0;
  return (value) => {
    const now = performance.now();
    if (now - since > SECOND_MS) {
      if (count > MOST_PER_SECOND) tellDropped(count - MOST_PER_SECOND);
      since = now;
      count = 0;
    }
    count++;
    if (count <= MOST_PER_SECOND) take(value);
  };
}
