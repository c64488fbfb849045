/** The engine alone: how its time grows, and what a plugin costs, beside JSON.parse of the same review. */
import { parseConfig } from "../../src/config/parse.ts";
import type { Config } from "../../src/config/schema.ts";
import { parseReview } from "../../src/core/admission/request.ts";
import { renderResponse } from "../../src/core/admission/response.ts";
import type { Engine } from "../../src/core/engine.ts";
import type { Ports } from "../../src/core/ports.ts";
import { success } from "../../src/core/result.ts";
import { createEngine } from "../../src/host/engine.ts";
import { createLoader } from "../../src/host/plugin/load.ts";
import { createMemoryWatch } from "../../src/host/plugin/memory-watch.ts";
import { createSnapshots } from "../../src/host/plugin/snapshot.ts";
import { type ReviewShape, renderReview } from "./reviews.ts";
import { median, type Row } from "./row.ts";
import { slope } from "./slope.ts";

const GROWTH_BAR = { atMost: 1.1 };
const IN_PROCESS_BAR = { atMost: 0.75 };
const ISOLATED_BAR = { atMost: 15 };
const ROUNDS = 9;
/** Reviews of one measurement are bounded by time, since the largest take a thousand times the smallest. */
const ROUND_MS = 40;
/** Reviews that come again and again. */
const SEEN = 4;
/** More reviews than one measurement takes, so that none comes twice. */
const UNSEEN = 2_000;

/** What one measurement of growth looks at. */
interface Setup {
  readonly createEngine: () => Promise<Engine>;
  readonly shape: ReviewShape;
  /** How many different reviews there are. */
  readonly reviews: number;
}

/** Measures growth in everything that a pod may have more of, and one plugin. */
export async function* measureEngine(): AsyncGenerator<Row> {
  const growth = (name: string, figure: number): Row => ({
    name: `growth: ${name}`,
    figure,
    bar: GROWTH_BAR,
  });
  const sizes = [4, 8, 16, 32, 64];
  const plain = { createEngine: () => createPluggedEngine(0), reviews: SEEN };
  const ofSecrets = (reviews: number) => (secrets: number) => ({
    ...plain,
    shape: { secrets, bytes: 0 },
    reviews,
  });
  yield growth("secrets", await measureGrowth(sizes, ofSecrets(SEEN)));
  yield growth("secrets, never seen", await measureGrowth(sizes, ofSecrets(UNSEEN)));
  const ofContainers = (containers: number) => ({ ...plain, shape: { secrets: 1, bytes: 0, containers } });
  yield growth("containers", await measureGrowth(sizes, ofContainers));
  const ofBytes = (size: number) => ({ ...plain, shape: { secrets: 1, bytes: size * 4_000 } });
  yield growth("pod size", await measureGrowth(sizes, ofBytes));
  const ofPlugins = (count: number) => ({
    createEngine: () => createPluggedEngine(count),
    shape: { secrets: 5, bytes: 5_000 },
    reviews: SEEN,
  });
  yield growth("plugins", await measureGrowth([1, 2, 4, 8, 16], ofPlugins));
  const review = "JSON.parse of a 5 KB review";
  const inProcess = await createPluggedEngine(1);
  yield {
    name: `in-process plugin / ${review}`,
    figure: await measurePlugin(inProcess),
    bar: IN_PROCESS_BAR,
  };
  const isolated = await createIsolatedEngine();
  yield { name: `isolated plugin / ${review}`, figure: await measurePlugin(isolated), bar: ISOLATED_BAR };
  await isolated.close();
}

/** What an engine's one plugin adds to a review. */
async function measurePlugin(withOne: Engine): Promise<number> {
  const text = renderReview({ secrets: 5, bytes: 5_000 });
  const without = await createPluggedEngine(0);
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS * 3; round++) {
    const plain = await time(() => reviewText(without, text));
    const plugged = await time(() => reviewText(withOne, text));
    ratios.push((plugged - plain) / (await time(async () => JSON.parse(text))));
  }
  return median(ratios.slice(ROUNDS));
}

/** @returns the exponent of the time's growth: the slope of a line through its logarithms. */
async function measureGrowth(sizes: readonly number[], setup: (size: number) => Setup): Promise<number> {
  const points: [number, number][] = [];
  for (const size of sizes) {
    const { createEngine, shape, reviews } = setup(size);
    const texts = Array.from({ length: reviews }, (_, salt) => renderReview({ ...shape, salt }));
    const times: number[] = [];
    for (let round = 0; round < ROUNDS * 2; round++) {
      const engine = await createEngine();
      let next = 0;
      times.push(await time(() => reviewText(engine, texts[next++ % reviews] ?? "")));
    }
    points.push([Math.log(size), Math.log(median(times.slice(ROUNDS)))]);
  }
  return slope(points);
}

/** A review as `/mutate` does it: text in, text out. */
export async function reviewText(engine: Engine, text: string): Promise<string> {
  const review = parseReview(JSON.parse(text));
  if ("code" in review) throw new Error(review.message);
  return renderResponse(review, await engine.review(review.request), btoa);
}

/** An engine with some plugins that set one annotation each. */
async function createPluggedEngine(count: number): Promise<Engine> {
  const config = parseConfig({
    plugins: Array.from({ length: count }, (_, i) => ({ use: `./plugin-${i}.ts` })),
  });
  if (!config.ok) throw new Error(config.issues[0].message);
  const resolvePlugin = async ({ use }: { use: string }, entry: number) => {
    const annotations = { "vault.hashicorp.com/namespace": use };
    return success({ name: use, entry, writes: Object.keys(annotations), annotations: () => annotations });
  };
  return build(config.value, resolvePlugin);
}

/** An engine with a plugin that sets one annotation, in threads of its own. */
async function createIsolatedEngine(): Promise<Engine> {
  const entry = { use: "namespace", with: { namespace: "team-a" }, isolate: "worker" };
  const config = parseConfig({ plugins: [entry] });
  if (!config.ok) throw new Error(config.issues[0].message);
  const loader = createLoader({
    file: undefined,
    snapshots: createSnapshots(),
    memory: createMemoryWatch({ report: () => {} }),
    report: ({ plugin, detail }) => {
      throw new Error(`${plugin}: ${detail}`);
    },
  });
  return build(config.value, loader.resolvePlugin);
}

async function build(config: Config, resolvePlugin: Ports["resolvePlugin"]): Promise<Engine> {
  const built = await createEngine(config, { resolvePlugin });
  if (!built.ok) throw new Error(built.issues[0].message);
  return built.value;
}

/** @returns milliseconds of one call. */
async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  let calls = 0;
  for (; performance.now() - start < ROUND_MS; calls++) await work();
  return (performance.now() - start) / calls;
}
