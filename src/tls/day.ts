/** Days: the unit in which the validity of certificates is counted and shown. */

/** Milliseconds of a day. */
export const DAY_MS = 86_400_000;

/**
 * Renders a day as messages name it: `2026-11-26`.
 *
 * @param time milliseconds since the epoch
 */
export function renderDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
