/** A row of the table that `npm run bench` prints: a ratio, and the bar that it is held to. */

/** One figure. Ratios and exponents only: absolute times say more about the machine than about the code. */
export interface Row {
  readonly name: string;
  readonly figure: number;
  /** Absent where the figure is only told. */
  readonly bar?: { readonly atLeast: number } | { readonly atMost: number };
}

/** @returns whether the figure is on the right side of its bar. */
export function isMet({ figure, bar }: Row): boolean {
  if (!bar) return true;
  return "atLeast" in bar ? figure >= bar.atLeast : figure <= bar.atMost;
}

const WIDTH = 58;

/** @returns the row as text. */
export function renderRow(row: Row): string {
  const { name, figure, bar } = row;
  const limit = !bar ? "" : "atLeast" in bar ? `>= ${bar.atLeast}` : `<= ${bar.atMost}`;
  const verdict = !bar ? "" : isMet(row) ? "ok" : "MISSED";
  return `${name.padEnd(WIDTH)} ${figure.toFixed(2).padStart(6)}  ${limit.padEnd(8)} ${verdict}`.trimEnd();
}

/** @returns the value in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
