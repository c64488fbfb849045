/**
 * Pods that a hostile author would send: no dimension may take more time or memory than its share of the body.
 *
 * Time is the CPU of one thread from parsed JSON to the answer, and each pod is one that was never seen before. Memory is what
 * a process of its own takes at most for one review, beyond what it took for the parsed body.
 */
import type { Settings } from "../../src/core/settings.ts";
import { createTestEngine, DEFAULT_SETTINGS } from "../fixtures/engine.ts";
import { DIMENSIONS, type Dimension, renderHostile, STRICT_SETTINGS } from "../fixtures/hostile.ts";
import { createReviewer, measureCost } from "./cost.ts";
import type { Row } from "./row.ts";
import { slope } from "./slope.ts";

/** A review takes at most so many times what parsing its body takes, so many milliseconds, and so many for each request. */
const TIME = { parses: 3, ms: 1, msPerRequest: 0.03 };
const MEMORY = { bodies: 20, bytes: 1024 * 1024 };
const GROWTH_BAR = { atMost: 1.1 };
const SHARE_BAR = { atMost: 1 };

/** Kubernetes takes 256 KiB of annotations; the body limit is 7 MiB. */
const LARGEST = { annotations: 240_000, body: 7_000_000 };
const LEAST_MS = 30;
/** Below this, what is measured is the start of a review. */
const LEAST_REVIEW_MS = 0.05;

const CONFIGURATIONS: readonly Settings[] = [DEFAULT_SETTINGS, STRICT_SETTINGS];

/**
 * Measures every dimension: its share of time and memory, and its growth.
 *
 * @param only a text that the names of the measured dimensions have
 */
export async function* measureHostile(only: string): AsyncGenerator<Row> {
  for (const dimension of DIMENSIONS.filter(({ name }) => name.includes(only))) {
    const { name } = dimension;
    const times = [];
    for (const settings of CONFIGURATIONS) times.push(await measureTime(dimension, settings));
    yield { name: `hostile: ${name}: time`, figure: Math.max(...times), bar: SHARE_BAR };
    yield { name: `hostile: ${name}: growth`, figure: await measureGrowth(dimension), bar: GROWTH_BAR };
    yield { name: `hostile: ${name}: memory`, figure: await measureMemory(dimension), bar: SHARE_BAR };
  }
}

function largestOf({ inAnnotations }: Dimension): number {
  return inAnnotations ? LARGEST.annotations : LARGEST.body;
}

async function measureTime(dimension: Dimension, settings: Settings): Promise<number> {
  const pod = dimension.create(largestOf(dimension));
  const text = renderHostile(pod);
  const engine = await createTestEngine(settings);
  const parse = measureCost(() => JSON.parse(text), LEAST_MS);
  const review = measureCost(createReviewer(engine, JSON.parse(text)), LEAST_MS);
  return review / (TIME.parses * parse + TIME.ms + TIME.msPerRequest * pod.requests);
}

async function measureGrowth(dimension: Dimension): Promise<number> {
  // Random ids: no request is known from the pod before, whatever the size.
  const settings = { ...DEFAULT_SETTINGS, policy: { ...DEFAULT_SETTINGS.policy, ids: "random" as const } };
  const engine = await createTestEngine(settings);
  const points = [8, 4, 2, 1].map((part) => {
    const text = renderHostile(dimension.create(Math.floor(largestOf(dimension) / part)));
    const ms = measureCost(createReviewer(engine, JSON.parse(text)), LEAST_MS);
    return [Math.log(text.length), Math.log(Math.max(ms, LEAST_REVIEW_MS))] as const;
  });
  return slope(points);
}

async function measureMemory(dimension: Dimension): Promise<number> {
  const child = Bun.spawn([process.execPath, import.meta.path, dimension.name], { stdout: "pipe" });
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(`Cannot measure the memory of ${dimension.name}: ${text}`);
  return Number(text);
}

/** The child: one review of one pod. */
async function printMemory(name: string): Promise<void> {
  const dimension = DIMENSIONS.find((each) => each.name === name);
  if (!dimension) throw new Error(`No dimension is named ${name}`);
  const engine = await createTestEngine();
  // Compiles what a review needs.
  for (let i = 0; i < 50; i++) createReviewer(engine, JSON.parse(renderHostile(dimension.create(2_000))))();
  const text = renderHostile(dimension.create(largestOf(dimension)));
  const review = createReviewer(engine, JSON.parse(text));
  Bun.gc(true);
  const before = process.resourceUsage().maxRSS;
  review();
  const grown = (process.resourceUsage().maxRSS - before) * 1024;
  process.stdout.write(String(grown / (MEMORY.bodies * text.length + MEMORY.bytes)));
}

if (import.meta.main) await printMemory(process.argv[2] ?? "");
