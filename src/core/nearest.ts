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
  const letters = toLetters(wanted);
  let best: Nearest | undefined;
  let limit = maxDistance;
  for (const candidate of known) {
    if (limit < 0) break;
    if (Math.abs(wanted.length - candidate.length) > limit) continue;
    const lower = candidate.toLowerCase();
    if (missingLetters(letters, toLetters(lower)) > limit) continue;
    const far = distance(wanted, lower, limit);
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

/** One bit for each of 32 kinds of letters. */
function toLetters(text: string): number {
  let letters = 0;
  for (let i = 0; i < text.length; i++) letters |= 1 << (text.charCodeAt(i) & 31);
  return letters;
}

/** Each slip brings at most one letter that the other name lacks, so that nearly all candidates need no table. */
function missingLetters(a: number, b: number): number {
  return Math.max(countBits(a & ~b), countBits(b & ~a));
}

function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** Optimal string alignment; any number above `limit` once it is exceeded, so that most candidates cost little. */
function distance(a: string, b: string, limit: number): number {
  let start = 0;
  while (start < a.length && a.charCodeAt(start) === b.charCodeAt(start)) start++;
  const width = b.length - start;
  let beforeLast = new Uint32Array(width + 1);
  let last = new Uint32Array(width + 1);
  for (let j = 0; j <= width; j++) last[j] = j;
  let row = new Uint32Array(width + 1);
  for (let i = 1; i <= a.length - start; i++) {
    if (fillRow({ row, last, beforeLast, limit }, a, b, start, i) > limit) return limit + 1;
    [beforeLast, last, row] = [last, row, beforeLast];
  }
  return last[width] ?? limit + 1;
}

/** Three rows of the table, of which only the cells near the diagonal can be within the limit. */
interface Rows {
  readonly row: Uint32Array;
  readonly last: Uint32Array;
  readonly beforeLast: Uint32Array;
  readonly limit: number;
}

/** @returns the least number of the row, below which no later row can fall */
function fillRow(
  { row, last, beforeLast, limit }: Rows,
  a: string,
  b: string,
  start: number,
  i: number,
): number {
  const current = a.charCodeAt(start + i - 1);
  const previous = i > 1 ? a.charCodeAt(start + i - 2) : -1;
  const from = Math.max(1, i - limit);
  const to = Math.min(row.length - 1, i + limit);
  row[from - 1] = from === 1 ? i : limit + 1;
  let least = at(row, from - 1);
  for (let j = from; j <= to; j++) {
    const other = b.charCodeAt(start + j - 1);
    let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (current === other ? 0 : 1));
    const swapped = j > 1 && previous === other && current === b.charCodeAt(start + j - 2);
    if (swapped) cost = Math.min(cost, at(beforeLast, j - 2) + 1);
    row[j] = cost;
    least = Math.min(least, cost);
  }
  // The next row looks one cell further.
  if (to + 1 < row.length) row[to + 1] = limit + 1;
  return least;
}

function at(row: Uint32Array, index: number): number {
  return row[index] ?? 0;
}
