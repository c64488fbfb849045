/**
 * Pods that a hostile author would send: no dimension may take more time or memory than its share of the body.
 *
 * Time is the CPU of one thread from parsed JSON to the answer, and each pod is one that was never seen before. Memory is what
 * a process of its own takes for one review, beyond what it took for the parsed body.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
const WARM_UP_MS = 300;
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
  const work = createReviewer(engine, JSON.parse(text));
  warmUp(work);
  const review = measureCost(work, LEAST_MS);
  return review / (TIME.parses * parse + TIME.ms + TIME.msPerRequest * pod.requests);
}

/** A serving process has compiled its code: without this, most of the figure would be the compiler's time. */
function warmUp(work: () => unknown): void {
  const end = performance.now() + WARM_UP_MS;
  while (performance.now() < end) work();
}

async function measureGrowth(dimension: Dimension): Promise<number> {
  // Random ids: no request is known from the pod before, whatever the size.
  const settings = { ...DEFAULT_SETTINGS, policy: { ...DEFAULT_SETTINGS.policy, ids: "random" as const } };
  const engine = await createTestEngine(settings);
  // Small pods skip steps that large ones need, which would look like growth.
  const points = [4, 2, 1].map((part) => {
    const text = renderHostile(dimension.create(Math.floor(largestOf(dimension) / part)));
    const ms = measureCost(createReviewer(engine, JSON.parse(text)), LEAST_MS);
    return [Math.log(text.length), Math.log(Math.max(ms, LEAST_REVIEW_MS))] as const;
  });
  return slope(points);
}

/** The bodies are made here, since making one takes more memory than its review. */
async function measureMemory(dimension: Dimension): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "hostile-"));
  try {
    const [small, large] = [join(folder, "small.json"), join(folder, "large.json")];
    await writeFile(small, renderHostile(dimension.create(2_000)));
    await writeFile(large, renderHostile(dimension.create(largestOf(dimension))));
    const child = Bun.spawn([process.execPath, import.meta.path, small, large], {
      stdout: "pipe",
      // A process compiles a function once, so the compiler's memory is no part of what a review takes.
      env: { ...process.env, BUN_JSC_useJIT: "0" },
    });
    const text = await new Response(child.stdout).text();
    if ((await child.exited) !== 0)
      throw new Error(`Cannot measure the memory of ${dimension.name}: ${text}`);
    return Number(text);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The child: one review of one pod, after many of a small one, which compile what a review needs. */
async function printMemory(small: string, large: string): Promise<void> {
  const engine = await createTestEngine();
  const smallBody = await readFile(small, "utf8");
  for (let i = 0; i < 50; i++) createReviewer(engine, JSON.parse(smallBody))();
  const body = await readFile(large, "utf8");
  const review = createReviewer(engine, JSON.parse(body));
  Bun.gc(true);
  const before = process.memoryUsage.rss();
  review();
  const grown = process.memoryUsage.rss() - before;
  process.stdout.write(String(grown / (MEMORY.bodies * body.length + MEMORY.bytes)));
}

const [, , small, large] = process.argv;
if (import.meta.main && small !== undefined && large !== undefined) await printMemory(small, large);
