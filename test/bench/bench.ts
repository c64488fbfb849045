/**
 * `npm run bench`: ratios, side by side in one run, never absolute times (DESIGN §10).
 *
 * Over TLS with keep-alive, the webhook stands beside a Bun server that parses the same JSON and answers a constant;
 * the engine alone stands beside JSON.parse of the same review.
 */
import { createSelfSigned } from "../../src/tls/self-signed.ts";
import { createTestEngine } from "../fixtures/engine.ts";
import { load, type Measured } from "./load.ts";
import { type ReviewShape, renderReview } from "./reviews.ts";

const SECONDS = Number(process.env.BENCH_SECONDS ?? 2);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
/** The just-in-time compiler takes thousands of requests to get to its best code. */
const WARM_UP_SECONDS = 4;
/** More different reviews than the caches hold. */
const UNSEEN = 4_000;

interface Row {
  readonly name: string;
  readonly shape: ReviewShape;
  /** Least share of the constant server's throughput. */
  readonly bar: number;
  readonly unseen?: boolean;
}

const ROWS: readonly Row[] = [
  { name: "1 secret, 5 KB", shape: { secrets: 1, bytes: 5_000 }, bar: 0.8 },
  { name: "5 secrets, 5 KB", shape: { secrets: 5, bytes: 5_000 }, bar: 0.8 },
  { name: "20 secrets, 8 KB", shape: { secrets: 20, bytes: 8_000 }, bar: 0.7 },
  { name: "5 secrets, never seen", shape: { secrets: 5, bytes: 5_000 }, bar: 0.55, unseen: true },
  { name: "1 secret, 100 KB", shape: { secrets: 1, bytes: 100_000 }, bar: 0.85 },
];

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const print = (line: string) => process.stdout.write(`${line}\n`);

async function startServer(kind: string, port: number, tls: unknown) {
  const server = Bun.spawn([process.execPath, `${import.meta.dir}/server.ts`, kind, String(port)], {
    stdin: new Blob([JSON.stringify(tls)]),
    stdout: "inherit",
    stderr: "inherit",
  });
  for (let attempt = 0; attempt < 100; attempt++) {
    const ready = await fetch(`https://127.0.0.1:${port}/cpu`, { tls: { rejectUnauthorized: false } }).catch(
      () => null,
    );
    if (ready) return server;
    await Bun.sleep(50);
  }
  throw new Error(`the ${kind} server did not start`);
}

async function benchHttp(): Promise<boolean> {
  const tls = await createSelfSigned(["127.0.0.1"], Date.now());
  const ports = { webhook: 19_443, constant: 19_444 };
  const servers = [
    await startServer("webhook", ports.webhook, tls),
    await startServer("constant", ports.constant, tls),
  ];
  let good = true;
  print("HTTPS, keep-alive, beside a constant answer   rps ratio  (bar)   p99 ratio  CPU ratio");
  try {
    for (const { name, shape, bar, unseen } of ROWS) {
      const bodies = Array.from({ length: unseen ? UNSEEN : 1 }, (_, salt) =>
        renderReview({ ...shape, salt }),
      );
      const pairs: [Measured, Measured][] = [];
      await load(ports.webhook, bodies, WARM_UP_SECONDS);
      await load(ports.constant, bodies, WARM_UP_SECONDS);
      for (let round = 0; round < ROUNDS; round++) {
        pairs.push([await load(ports.webhook, bodies, SECONDS), await load(ports.constant, bodies, SECONDS)]);
      }
      const ratio = (of: keyof Measured) => median(pairs.map(([a, b]) => a[of] / b[of]));
      const throughput = ratio("requestsPerSecond");
      good &&= throughput >= bar;
      const verdict = throughput >= bar ? "ok  " : "LOW ";
      print(
        `  ${name.padEnd(42)} ${throughput.toFixed(2)} ${verdict} (${bar.toFixed(2)})   ${ratio("p99Ms").toFixed(2)}       ${ratio("cpuMicros").toFixed(2)}`,
      );
    }
  } finally {
    for (const server of servers) server.kill();
  }
  return good;
}

async function benchEngine(): Promise<void> {
  const engine = await createTestEngine();
  print("Engine alone, beside JSON.parse of the same review   time ratio");
  for (const shape of [
    { secrets: 1, bytes: 5_000 },
    { secrets: 5, bytes: 5_000 },
    { secrets: 20, bytes: 8_000 },
  ]) {
    const text = renderReview(shape);
    const { request } = JSON.parse(text);
    const ratios: number[] = [];
    for (let round = 0; round < 9; round++) {
      const review = time(() => engine.review(request));
      ratios.push(review / time(() => JSON.parse(text)));
    }
    print(
      `  ${`${shape.secrets} secrets, ${shape.bytes / 1_000} KB`.padEnd(50)} ${median(ratios).toFixed(2)}`,
    );
  }
}

function time(work: () => unknown): number {
  const start = performance.now();
  for (let i = 0; i < 3_000; i++) work();
  return performance.now() - start;
}

await benchEngine();
process.exit((await benchHttp()) ? 0 : 1);
