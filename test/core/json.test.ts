import { expect, test } from "bun:test";
import fc from "fast-check";
import { hasMoreValues } from "../../src/core/json.ts";

const count = (value: unknown): number =>
  1 +
  (typeof value === "object" && value !== null
    ? Object.values(value).reduce<number>((sum, each) => sum + count(each), 0)
    : 0);

test("hasMoreValues counts every value of a document, at any depth", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (document) => {
      const values = count(document);
      expect(hasMoreValues(document, values)).toBe(false);
      if (values > 1) expect(hasMoreValues(document, values - 1)).toBe(true);
    }),
  );
});
