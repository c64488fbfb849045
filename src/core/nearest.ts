/** Finds the known name that a mistyped one most likely means. */

/**
 * Finds the known name nearest to a given one: fewest insertions, deletions, substitutions and swaps of
 * neighbours, upper and lower case being the same.
 *
 * @param name what was written
 * @param known what could have been meant; the first of equally near ones wins
 * @param maxDistance how many slips are still a slip; by default a third of the name's length, 1 to 3
 * @returns the nearest name, or `undefined` where none is near
 * @example
 * nearest("anotations", ["annotations", "role"]); // "annotations"
 */
export function nearest(
  name: string,
  known: Iterable<string>,
  maxDistance: number = defaultDistance(name),
): string | undefined {
  return findNearest(name, known, maxDistance)?.name;
}

/** A known name, and how many slips away it is. */
export interface Nearest {
  readonly name: string;
  readonly distance: number;
}

/** Does as {@link nearest} does, for those who compare several searches. */
export function findNearest(name: string, known: Iterable<string>, maxDistance: number): Nearest | undefined {
  const wanted = name.toLowerCase();
  let best: Nearest | undefined;
  let limit = maxDistance;
  for (const candidate of known) {
    if (limit < 0) break;
    const far = distance(wanted, candidate.toLowerCase(), limit);
    if (far > limit) continue;
    best = { name: candidate, distance: far };
    limit = far - 1;
  }
  return best;
}

/** @returns how many slips a name of this length may have by default */
export function defaultDistance(name: string): number {
  return Math.min(3, Math.max(1, Math.floor(name.length / 3)));
}

/** Optimal string alignment; any number above `limit` once it is exceeded, so that most candidates cost little. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let start = 0;
  while (start < a.length && a.charCodeAt(start) === b.charCodeAt(start)) start++;
  const width = b.length - start;
  let beforeLast = new Uint32Array(width + 1);
  let last = new Uint32Array(width + 1).map((_, j) => j);
  let row = new Uint32Array(width + 1);
  for (let i = 1; i <= a.length - start; i++) {
    if (fillRow(row, a, b, start, i, last, beforeLast) > limit) return limit + 1;
    [beforeLast, last, row] = [last, row, beforeLast];
  }
  return last[width] ?? limit + 1;
}

/** @returns the least number of the row, below which no later row can fall */
function fillRow(
  row: Uint32Array,
  a: string,
  b: string,
  start: number,
  i: number,
  last: Uint32Array,
  beforeLast: Uint32Array,
): number {
  const current = a.charCodeAt(start + i - 1);
  const previous = i > 1 ? a.charCodeAt(start + i - 2) : -1;
  let least = i;
  row[0] = i;
  for (let j = 1; j < row.length; j++) {
    const other = b.charCodeAt(start + j - 1);
    let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (current === other ? 0 : 1));
    const swapped = j > 1 && previous === other && current === b.charCodeAt(start + j - 2);
    if (swapped) cost = Math.min(cost, at(beforeLast, j - 2) + 1);
    row[j] = cost;
    least = Math.min(least, cost);
  }
  return least;
}

function at(row: Uint32Array, index: number): number {
  return row[index] ?? 0;
}
