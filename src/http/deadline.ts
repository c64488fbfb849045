/** How long a review may take: what the API server leaves us, less a reserve for the way back. */

const DEFAULT_SECONDS = 10;
const LEAST_MS = 200;
const LEAST_RESERVE_MS = 1_000;
const RESERVE_SHARE = 0.2;

/**
 * Works out a review's budget.
 *
 * @param timeout the query parameter that the API server sends: its remaining time, rounded up to a second (`10s`)
 * @returns milliseconds from the first byte
 */
export function toBudget(timeout: string | undefined): number {
  const match = timeout === undefined ? null : /^(\d{1,4})s$/.exec(timeout);
  const total = (match ? Number(match[1]) : DEFAULT_SECONDS) * 1_000;
  return Math.max(LEAST_MS, total - Math.max(LEAST_RESERVE_MS, total * RESERVE_SHARE));
}

/** The signal of a deadline. It is made when somebody asks for it: most reviews end before anybody could. */
export class Deadline {
  readonly #at: number;
  #signal: AbortSignal | undefined;

  constructor(timeout: string | undefined) {
    this.#at = performance.now() + toBudget(timeout);
  }

  /** Aborts when the budget is used up. */
  get signal(): AbortSignal {
    this.#signal ??= AbortSignal.timeout(Math.max(1, Math.round(this.#at - performance.now())));
    return this.#signal;
  }
}
