/** A million reviews of the engine alone: what is kept at the end, beside what was kept after the first tenth. */
import { createTestEngine } from "../fixtures/engine.ts";
import { reviewText } from "./engine.ts";
import { renderReview } from "./reviews.ts";
import type { Row } from "./row.ts";

const REVIEWS = 1_000_000;
/** Caches are full by then, and code is compiled. */
const SETTLED = REVIEWS / 10;
const BAR = { atMost: 1.1 };
/** Every so many reviews is of a pod that comes again and again. */
const SEEN_EVERY = 2;

/** Half of the reviews are of pods that were never seen. */
export async function* measureMemory(): AsyncGenerator<Row> {
  const engine = await createTestEngine();
  const seen = renderReview({ secrets: 5, bytes: 0 });
  const settled: { heap: number; rss: number } = { heap: 0, rss: 0 };
  for (let i = 1; i <= REVIEWS; i++) {
    const text = i % SEEN_EVERY === 0 ? seen : renderReview({ secrets: 2, bytes: 0, salt: i });
    await reviewText(engine, text);
    if (i === SETTLED) Object.assign(settled, readMemory());
  }
  const { heap, rss } = readMemory();
  yield { name: "memory: heap after a million reviews", figure: heap / settled.heap, bar: BAR };
  yield { name: "memory: RSS after a million reviews", figure: rss / settled.rss, bar: BAR };
}

function readMemory() {
  Bun.gc(true);
  return { heap: process.memoryUsage().heapUsed, rss: process.memoryUsage.rss() };
}
