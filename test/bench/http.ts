/** Over TLS with keep-alive, beside a Bun server that parses the same JSON and answers a constant of the same size. */
import { createSelfSigned } from "../../src/tls/self-signed.ts";
import { load, type Measured, startServer, type Target, toRequest } from "./load.ts";
import { type ReviewShape, renderReview } from "./reviews.ts";
import { median, type Row } from "./row.ts";

const SECONDS = Number(process.env.BENCH_SECONDS ?? 1);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 9);
/** The just-in-time compiler takes some hundred thousand requests to get to its best code. */
const WARM_UP_SECONDS = Number(process.env.BENCH_WARM_UP_SECONDS ?? 8);
/** More different reviews than the caches hold. */
const UNSEEN = 4_000;
const P99_BAR = { atMost: 1.5 };

interface Case {
  readonly name: string;
  readonly shape: ReviewShape;
  /** Least share of the constant server's throughput. */
  readonly bar: number;
  readonly unseen?: boolean;
}

const CASES: readonly Case[] = [
  { name: "1 secret, 5 KB", shape: { secrets: 1, bytes: 5_000 }, bar: 0.8 },
  { name: "5 secrets, 5 KB", shape: { secrets: 5, bytes: 5_000 }, bar: 0.8 },
  { name: "20 secrets, 8 KB", shape: { secrets: 20, bytes: 8_000 }, bar: 0.7 },
  { name: "5 secrets, never seen", shape: { secrets: 5, bytes: 5_000 }, bar: 0.55, unseen: true },
  { name: "1 secret, 100 KB", shape: { secrets: 1, bytes: 100_000 }, bar: 0.85 },
];

/** Measures every case, and for one of them what Hono alone would reach. */
export async function* measureHttp(): AsyncGenerator<Row> {
  const tls = await createSelfSigned(["127.0.0.1"], Date.now());
  const servers: Target[] = [];
  const start = async (kind: string) => {
    const server = await startServer(kind, tls);
    servers.push(server);
    return server;
  };
  try {
    const constant = await start("constant");
    const webhook = await start("webhook");
    for (const { name, shape, bar, unseen } of CASES) {
      const bodies = Array.from({ length: unseen ? UNSEEN : 1 }, (_, salt) =>
        renderReview({ ...shape, salt }),
      );
      await equalize([constant], webhook, bodies[0] ?? "");
      const ratio = await compare(webhook, constant, bodies);
      yield { name: `throughput: ${name}`, figure: ratio("requestsPerSecond"), bar: { atLeast: bar } };
      yield { name: `p99: ${name}`, figure: ratio("p99Ms"), bar: P99_BAR };
      yield { name: `CPU time per request: ${name}`, figure: ratio("cpuMicros") };
    }
    const hono = await start("hono");
    const body = renderReview({ secrets: 5, bytes: 5_000 });
    await equalize([constant, hono], webhook, body);
    const floor = await compare(hono, constant, [body]);
    yield { name: "throughput: Hono, JSON.parse and a constant, 5 KB", figure: floor("requestsPerSecond") };
  } finally {
    for (const server of servers) server.stop();
  }
}

/** Constants get the size that the webhook's answer has. */
async function equalize(constants: readonly Target[], webhook: Target, body: string): Promise<void> {
  const response = await fetch(`https://127.0.0.1:${webhook.port}/mutate`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json" },
    tls: { rejectUnauthorized: false },
  });
  const { length } = await response.text();
  for (const constant of constants) constant.setSize(length);
}

/** Loads both in turn, in short rounds: what else the machine does falls on both. */
async function compare(one: Target, other: Target, bodies: readonly string[]) {
  const requests = bodies.map(toRequest);
  await load(one, requests, WARM_UP_SECONDS);
  await load(other, requests, WARM_UP_SECONDS);
  const pairs: [Measured, Measured][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    pairs.push([await load(one, requests, SECONDS), await load(other, requests, SECONDS)]);
  }
  return (of: keyof Measured) => median(pairs.map(([a, b]) => a[of] / b[of]));
}
