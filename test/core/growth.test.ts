/**
 * Nothing that a pod's author can make long, many or deep takes more than its share: time grows with the size of the pod.
 *
 * Every loop over input in `src/core`, and the dimension of `test/fixtures/hostile.ts` that makes it long:
 *
 * | loop | dimension |
 * |---|---|
 * | `admission/pod.ts` annotations | malformed annotations, other annotations, annotations over Kubernetes' limit |
 * | `admission/pod.ts` containers, variables | empty containers, containers, malformed containers, variables, malformed variables |
 * | `admission/status.ts` sentences and warnings | bad values, unknown annotations, empty requests (at most 100) |
 * | `pipeline.ts` keys of annotations; `secret/codec.ts` their order | empty requests, in no order, with names |
 * | `secret/base32.ts`, `secret/text.ts`, `secret/unquote.ts` | undecodable requests, unreadable requests, comments of a request, escapes of a request, pieces of a literal |
 * | `check/request.ts` names and segments | path segments of a group, empty segments of a group, control characters, braces of a key |
 * | `vault/template.ts` escapes, nested keys | a long key, dots of a key, dots and dashes of a key, letters to encode, question marks of a group |
 * | `plan/prepare.ts`, `plan/plan.ts`, `vault/secret-file.ts`, `layer.ts` requests | valid requests, the same request |
 * | `cache.ts` keys that end alike | the same request |
 * | `vault/reuse.ts`, `check/carried.ts` declared files | files beside requests, declared requests |
 * | `check/file-collision.ts` files, folders, segments, versions | files in each other's folders, path segments, parent segments, digits of a version |
 * | `check/annotation.ts`, `injector/vocabulary.ts` keys, nearest names | unknown annotations, with dashes, known annotations, a long key of an annotation |
 * | `injector/value.ts`, `injector/go.ts` forms of values | features, JSON operations, nested JSON, digits of …, units of a duration, slashes of … |
 * | `check/policy.ts`, `glob.ts` patterns | other annotations, a long key of an annotation (hardened) |
 * | `check/file.ts` modes and readers | modes and containers, groups of a pod |
 * | `check/name-collision.ts` names, mounts, volumes | commas, unknown container names, commas and containers, mounts at the secret path, volumes with the injector's names |
 * | `check/identity.ts` tokens, profiles | sources of a token volume, containers |
 * | `check/injection.ts` owners, agents | owners, init containers with the agent's name |
 * | `vault/env.ts` variables | our variables, variables |
 * | `patch/render.ts` escapes | quotes to escape, letters outside ASCII |
 * | `plan/audit.ts` names | a long role, digits of a version, valid requests |
 * | `plugin/` labels, requests | labels |
 * | `check/modelled.ts` mounts of folders | folders and containers, sources of a token volume, JSON operations |
 * | `check/size.ts` all annotations | other annotations, annotations over Kubernetes' limit |
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
