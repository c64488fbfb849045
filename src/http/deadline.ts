/** How long a review may take: the API server's timeout, less a reserve for the way back. */

const DEFAULT_SECONDS = 10;
const LEAST_MS = 200;
const LEAST_RESERVE_MS = 1_000;
const RESERVE_SHARE = 0.2;

/**
 * Computes the time budget of a review.
 *
 * @param timeout the query parameter that the API server sends: its remaining time, rounded up to a second (`10s`)
 * @returns milliseconds from the first byte
 */
export function toBudget(timeout: string | undefined): number {
  const match = timeout === undefined ? null : /^(\d{1,4})s$/.exec(timeout);
  const total = (match ? Number(match[1]) : DEFAULT_SECONDS) * 1_000;
  return Math.max(LEAST_MS, total - Math.max(LEAST_RESERVE_MS, total * RESERVE_SHARE));
}

/**
 * Reads the query parameter without parsing the URL, which an invalid `Host` header makes unparsable.
 *
 * @returns the parameter; `undefined` if it is absent or malformed
 */
export function readTimeout(url: string): string | undefined {
  return /[?&]timeout=(\d{1,4}s)(?:[&#]|$)/.exec(url)?.[1];
}

/** The abort signal of a review, created on first use: most reviews end without one. */
export class ReviewDeadline {
  readonly #url: string;
  readonly #start = performance.now();
  #signal: AbortSignal | undefined;

  /** @param url of the request, with the API server's `timeout` */
  constructor(url: string) {
    this.#url = url;
  }

  /** Aborts at the end of the budget. */
  get signal(): AbortSignal {
    this.#signal ??= AbortSignal.timeout(Math.max(1, Math.round(this.#left())));
    return this.#signal;
  }

  #left(): number {
    return toBudget(readTimeout(this.#url)) - (performance.now() - this.#start);
  }
}
