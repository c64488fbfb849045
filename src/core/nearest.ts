/** Finds the known name that a mistyped name most likely means. */

/**
 * Finds the known name nearest to a given one: the one with the fewest insertions, deletions, substitutions and swaps of
 * neighbouring characters. Case is ignored.
 *
 * @param known candidates; the first of equally near ones wins
 * @param maxDistance most edits allowed; by default a third of the name's length, at least 1 and at most 3
 * @returns the nearest name, or `undefined` if none is near enough
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

/** A known name, and its distance in edits. */
export interface Nearest {
  readonly name: string;
  readonly distance: number;
}

/** @returns the name that {@link nearest} finds, with its distance, to compare several searches */
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

/** @returns the most edits allowed by default for a name of this length */
export function defaultDistance(name: string): number {
  return Math.min(3, Math.max(1, Math.floor(name.length / 3)));
}

/** @returns a bit set of the characters of a text, folded to 32 classes */
function toLetters(text: string): number {
  let letters = 0;
  for (let i = 0; i < text.length; i++) letters |= 1 << (text.charCodeAt(i) & 31);
  return letters;
}

/** A lower bound of the distance, because each edit adds at most one letter. It rejects most candidates without the table. */
function missingLetters(a: number, b: number): number {
  return Math.max(countBits(a & ~b), countBits(b & ~a));
}

function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** @returns the optimal string alignment distance, or a number above `limit` as soon as the limit is exceeded */
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

/** Three rows of the distance table. Only cells within `limit` of the diagonal are filled, as others exceed the limit. */
interface Rows {
  readonly row: Uint32Array;
  readonly last: Uint32Array;
  readonly beforeLast: Uint32Array;
  readonly limit: number;
}

/** @returns the least number in the row; no later row has a smaller one */
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
  // The next row also reads the cell to the right of this range.
  if (to + 1 < row.length) row[to + 1] = limit + 1;
  return least;
}

function at(row: Uint32Array, index: number): number {
  return row[index] ?? 0;
}
