/**
 * Nothing that a pod's author can make long, many or deep takes more than its share: time grows with the size of the pod.
 * `loops.test.ts` names the dimensions for each file that loops.
 */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Settings } from "../../src/core/settings.ts";
import { createReviewer, measureCost } from "../bench/cost.ts";
import { createTestEngine, DEFAULT_SETTINGS } from "../fixtures/engine.ts";
import { combine, DIMENSIONS, type Dimension, renderHostile, STRICT_SETTINGS } from "../fixtures/hostile.ts";

/** A pod of eight times the size may take this many times the time: linear work takes 8, the square of it 64. */
const MOST = 24;
const FACTOR = 8;
/** A busy machine may spoil one measurement, hardly three. */
const TRIES = 3;
/** Below this, what is measured is the start of a review. */
const LEAST_MS = 0.3;

/** @returns milliseconds of one review of a pod that has these in some size, and was never seen before. */
async function measureReview(
  dimensions: readonly Dimension[],
  size: number,
  settings: Settings,
): Promise<number> {
  const engine = await createTestEngine(settings);
  const pod = combine(dimensions.map(({ create, inAnnotations }) => create(inAnnotations ? size : 4 * size)));
  return measureCost(createReviewer(engine, JSON.parse(renderHostile(pod))));
}

async function measureGrowth(dimensions: readonly Dimension[], largest: number, settings: Settings) {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < TRIES && least > MOST; i++) {
    const small = await measureReview(dimensions, Math.floor(largest / FACTOR), settings);
    const large = await measureReview(dimensions, largest, settings);
    least = Math.min(least, large / Math.max(small, LEAST_MS));
  }
  return least;
}

const configurations = { defaults: DEFAULT_SETTINGS, strict: STRICT_SETTINGS };

describe.each(["defaults", "strict"] as const)("time grows with the size (%s)", (name) => {
  test.each(DIMENSIONS.map((dimension) => [dimension.name, dimension] as const))(
    "%s",
    async (_, dimension) => {
      expect(await measureGrowth([dimension], 230_000, configurations[name])).toBeLessThan(MOST);
    },
  );
});

test("time grows with the size, whatever a pod has much of", async () => {
  const some = fc.uniqueArray(fc.constantFrom(...DIMENSIONS), { minLength: 2, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(some, fc.constantFrom("defaults", "strict"), async (dimensions, name) => {
      // Together they stay within the annotations that Kubernetes takes.
      const largest = Math.floor(230_000 / dimensions.length);
      expect(await measureGrowth(dimensions, largest, configurations[name])).toBeLessThan(MOST);
    }),
    { numRuns: 25 },
  );
});
