import { expect, test } from "bun:test";
import fc from "fast-check";
import { findNearest, nearest } from "../../src/core/nearest.ts";

/** Optimal string alignment, the whole table. */
function measure(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, i) => [i, ...Array<number>(b.length).fill(0)]);
  const cell = (i: number, j: number) => table[i]?.[j] ?? 0;
  for (let j = 0; j <= b.length; j++) table[0]?.splice(j, 1, j);
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(cell(i - 1, j) + 1, cell(i, j - 1) + 1, cell(i - 1, j - 1) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, cell(i - 2, j - 2) + 1);
      }
      table[i]?.splice(j, 1, least);
    }
  }
  return cell(a.length, b.length);
}

const anyName = fc.string({ unit: fc.constantFrom(..."abAB-x"), maxLength: 10 });

test("findNearest finds what the whole table says", () => {
  fc.assert(
    fc.property(
      anyName,
      fc.array(anyName, { maxLength: 4 }),
      fc.integer({ min: 0, max: 3 }),
      (name, known, limit) => {
        const far = (candidate: string) => measure(name.toLowerCase(), candidate.toLowerCase());
        const least = Math.min(...known.map(far));
        const wanted =
          least <= limit ? { name: known.find((each) => far(each) === least), distance: least } : undefined;
        expect(findNearest(name, known, limit) as unknown).toEqual(wanted);
      },
    ),
    { numRuns: 2_000 },
  );
});

test.each([
  ["anotations", "annotations"],
  ["ROEL", "role"],
  ["rol", "role"],
  ["something", undefined],
])("nearest: %s is meant as %s", (name, meant) => {
  expect(nearest(name, ["annotations", "role", "namespace"])).toBe(meant as never);
});
