/**
 * What operators run, over TLS with keep-alive, beside a Bun server that parses the same JSON and answers a constant of the
 * same size: `serve` as the image runs it, and for one case from source on every runtime, and the app alone.
 *
 * Its log goes to a pipe that is read, its metrics are on, and it records recent pods for the next reload, as by default.
 *
 * CPU time for a request is steadier than throughput where others use the machine too. Ratios are the yardstick's figure by
 * ours, so that 1 is as good as the yardstick, whatever is measured.
 */
import { load, type Measured, toRequest } from "./load.ts";
import { type ReviewShape, renderReview } from "./reviews.ts";
import { median, type Row } from "./row.ts";
import { buildImage, checkOut, RUNTIMES, startKind, startServe, type Target } from "./target.ts";
import { prepareWrk, type WrkLoad } from "./wrk.ts";

/** How long, how often, against what. */
export interface HttpOptions {
  /** A commit whose image is measured in the same rounds. */
  readonly against?: string | undefined;
  /** Folder for CPU profiles of the image's program; absent means none. */
  readonly profile?: string | undefined;
  readonly seconds: number;
  readonly rounds: number;
  readonly warmUpSeconds: number;
  /** Only cases whose name has this text. */
  readonly only?: string | undefined;
}

/** More different reviews than the caches hold. */
const UNSEEN = 5_000;
const P99_BAR = { atMost: 2 };
const RSS_BAR = { atMost: 100 };

interface Case {
  readonly name: string;
  readonly shape: ReviewShape;
  /** Least share of the yardstick, for CPU time and throughput alike. */
  readonly bar: number;
  readonly unseen?: boolean;
  /** CPU time of Flyte's own webhook for a request in the yardstick's, measured in November 2026, and how often ours has to fit in. */
  readonly go?: { readonly cost: number; readonly bar: number };
  /** Whether the other runtimes and the app alone are measured, too. */
  readonly all?: boolean;
}

const CASES: readonly Case[] = [
  { name: "1 secret", shape: { secrets: 1, bytes: 4_500 }, bar: 0.5, go: { cost: 25.7, bar: 13 } },
  {
    name: "5 secrets",
    shape: { secrets: 5, bytes: 5_900 },
    bar: 0.5,
    go: { cost: 33.5, bar: 17 },
    all: true,
  },
  { name: "20 secrets", shape: { secrets: 20, bytes: 11_000 }, bar: 0.45, go: { cost: 52, bar: 23 } },
  { name: "100 KB", shape: { secrets: 1, bytes: 100_000 }, bar: 0.8, go: { cost: 41, bar: 30 } },
  { name: "5 secrets, never seen", shape: { secrets: 5, bytes: 5_900 }, bar: 0.3, unseen: true },
];

/** Measures every case; see {@link HttpOptions}. */
export async function* measureHttp(options: HttpOptions): AsyncGenerator<Row> {
  const image = buildImage();
  const before = options.against === undefined ? undefined : buildImage(checkOut(options.against));
  for (const one of CASES.filter(({ name }) => name.includes(options.only ?? ""))) {
    const targets: Target[] = [];
    const start = async (target: Promise<Target>) => {
      targets.push(await target);
    };
    try {
      await start(startServe("image", toProfiled(image, options.profile)));
      const size = await readAnswerSize(targets[0], renderReview(one.shape));
      await start(startKind("constant", `${size}`));
      if (before) await start(startServe(`image of ${options.against}`, before));
      if (one.all && options.profile === undefined) {
        for (const [name, command] of Object.entries(RUNTIMES))
          await start(startServe(`source, ${name}`, command()));
        await start(startKind("app"));
        await start(startKind("hono", `${size}`));
      }
      yield* toRows(one, await measureTargets(targets, one, options), targets);
    } finally {
      for (const target of targets) await target.stop();
    }
  }
}

function toProfiled(
  [program = "", ...args]: readonly string[],
  folder: string | undefined,
): readonly string[] {
  return folder === undefined
    ? [program, ...args]
    : [program, "--cpu-prof-md", `--cpu-prof-dir=${folder}`, ...args];
}

/** A constant gets the size that the webhook's answer has. */
async function readAnswerSize(target: Target | undefined, body: string): Promise<number> {
  const response = await fetch(`https://127.0.0.1:${target?.port}/mutate`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json" },
    tls: { rejectUnauthorized: false },
  });
  return (await response.text()).length;
}

/** Loads all of them in turn, in short rounds: what else the machine does falls on each. */
async function measureTargets(
  targets: readonly Target[],
  { shape, unseen }: Case,
  { seconds, rounds, warmUpSeconds }: HttpOptions,
): Promise<readonly (readonly Measured[])[]> {
  const run = toRun({ shape, unseen: unseen === true });
  for (const target of targets) await run(target, warmUpSeconds);
  const all: Measured[][] = [];
  for (let round = 0; round < rounds; round++) {
    const measured: Measured[] = [];
    for (const target of targets) measured.push(await run(target, seconds));
    all.push(measured);
  }
  return all;
}

/** By wrk where it is installed, else by clients of our own. */
function toRun({ shape, unseen }: { readonly shape: ReviewShape; readonly unseen: boolean }): WrkLoad {
  const bodies = Array.from({ length: unseen ? UNSEEN : 1 }, (_, salt) => renderReview({ ...shape, salt }));
  const wrk = prepareWrk(bodies);
  if (wrk) return wrk;
  const requests = bodies.map(toRequest);
  let next = 0;
  const take = () => requests[next++ % requests.length] ?? new Uint8Array();
  return (target, seconds) => load(target, take, seconds);
}

function* toRows(
  { name, bar, go }: Case,
  rounds: readonly (readonly Measured[])[],
  targets: readonly Target[],
): Generator<Row> {
  const ratio = (one: number, by: number, of: keyof Measured) =>
    median(rounds.map((round) => (round[one]?.[of] ?? Number.NaN) / (round[by]?.[of] ?? Number.NaN)));
  const cpu = ratio(1, 0, "cpuMicros");
  yield { name: `${name}: CPU, yardstick / image`, figure: cpu, bar: { atLeast: bar } };
  yield {
    name: `${name}: throughput, image / yardstick`,
    figure: ratio(0, 1, "requestsPerSecond"),
    bar: { atLeast: bar },
  };
  yield { name: `${name}: p99, image / yardstick`, figure: ratio(0, 1, "p99Ms"), bar: P99_BAR };
  if (go)
    yield { name: `${name}: CPU, Flyte's webhook / image`, figure: cpu * go.cost, bar: { atLeast: go.bar } };
  const [image] = targets;
  if (image) yield { name: `${name}: RSS of the image's program, MiB`, figure: image.rss(), bar: RSS_BAR };
  for (const [index, target] of targets.entries()) {
    if (index < 2) continue;
    yield { name: `${name}: CPU, yardstick / ${target.name}`, figure: ratio(1, index, "cpuMicros") };
    yield {
      name: `${name}: throughput, ${target.name} / yardstick`,
      figure: ratio(index, 1, "requestsPerSecond"),
    };
  }
  if (targets[2]?.name.startsWith("image of"))
    yield { name: `${name}: CPU, image / ${targets[2].name}`, figure: ratio(0, 2, "cpuMicros") };
}
