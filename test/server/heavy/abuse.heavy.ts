/** What goes wrong beside good requests, which are all answered in their time; and a million reviews in a row. */
import { afterAll, describe, expect, test } from "bun:test";
import { connect as connectPlain, type Socket } from "node:net";
import { setPriority } from "node:os";
import { connect, type TLSSocket } from "node:tls";
import { goodReview } from "../start.ts";
import { type Server, sleep, startClient, startServe, stopServe } from "./run.ts";

/** Far below the deadline (8 s of 10 s); what a loaded machine with two cores can keep. */
const WORST_MS = 2_000;
const MOST_RSS_MIB = 350;
const say = (text: string) => process.stdout.write(`${text}\n`);

/** Opens TLS connections and leaves them to the caller. */
async function openMany(port: number, count: number, first = ""): Promise<TLSSocket[]> {
  const sockets: TLSSocket[] = [];
  for (let i = 0; i < count; i += 100) {
    const batch = Array.from({ length: Math.min(100, count - i) }, () => {
      const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
      socket.on("error", () => {});
      return new Promise<TLSSocket>((resolve) =>
        socket.once("secureConnect", () => {
          if (first !== "") socket.write(first);
          resolve(socket);
        }),
      );
    });
    sockets.push(...(await Promise.all(batch)));
  }
  return sockets;
}

const HEAD = "POST /mutate?timeout=10s HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";

/** Runs an attack beside good requests: one connection each 10 ms, and what they saw. */
async function besideGood(name: string, server: Server, attack: () => Promise<string | undefined>) {
  const client = startClient([server.port], "-connections", "4", "-pause", "10ms");
  await sleep(300);
  const told = await attack();
  await sleep(300);
  const { ok, failed, errors, p99Ms, maxMs } = await client.stop();
  say(
    `${name}: ${told ?? ""} beside it ${failed} of ${ok + failed} good requests failed, p99 ${p99Ms} ms, longest ${maxMs} ms, RSS at most ${server.peak().toFixed(0)} MiB`,
  );
  expect(errors).toEqual({});
  expect(ok).toBeGreaterThan(20);
  expect(maxMs).toBeLessThan(WORST_MS);
  expect(server.peak()).toBeLessThan(MOST_RSS_MIB);
}

/** Sends text to POST and gives the status; a connection that ends counts as refused. */
async function post(server: Server, body: string, path = "/mutate?timeout=10s"): Promise<number> {
  const response = await fetch(`https://127.0.0.1:${server.port}${path}`, {
    ...{ method: "POST", body, headers: { "content-type": "application/json" } },
    tls: { rejectUnauthorized: false },
  }).catch(() => undefined);
  await response?.arrayBuffer().catch(() => undefined);
  return response?.status ?? 0;
}

describe("beside good requests on Bun", async () => {
  const server = await startServe("bun");
  afterAll(async () => expect(await stopServe(server)).toBe(0));

  test(
    "headers that never end are cut",
    () =>
      besideGood("slow headers", server, async () => {
        const start = performance.now();
        const sockets = await openMany(server.port, 300, HEAD);
        let open = sockets.length;
        for (const socket of sockets) socket.once("close", () => open--);
        while (open > 0 && performance.now() - start < 20_000) {
          for (const socket of sockets) if (!socket.destroyed) socket.write("x-a: b\r\n");
          await sleep(1_000);
        }
        const seconds = (performance.now() - start) / 1_000;
        for (const socket of sockets) socket.destroy();
        return `${sockets.length - open} of ${sockets.length} connections with endless headers ended within ${seconds.toFixed(0)} s;`;
      }),
    60_000,
  );

  test(
    "bodies of a byte a second are cut, and a full house makes room",
    () =>
      besideGood("slow bodies", server, async () => {
        const start = performance.now();
        const sockets = await openMany(server.port, 800, `${HEAD}content-length: 100000\r\n\r\n{`);
        let open = sockets.length;
        for (const socket of sockets) socket.once("close", () => open--);
        while (open > 0 && performance.now() - start < 15_000) {
          for (const socket of sockets) if (!socket.destroyed) socket.write(" ");
          await sleep(1_000);
        }
        const seconds = (performance.now() - start) / 1_000;
        expect(open).toBe(0);
        return `${sockets.length} connections ended within ${seconds.toFixed(0)} s;`;
      }),
    60_000,
  );

  test(
    "2,000 idle connections",
    () =>
      besideGood("idle", server, async () => {
        const sockets = await openMany(server.port, 2_000);
        await sleep(2_000);
        const told = `2,000 TLS connections open at ${server.rss().toFixed(0)} MiB;`;
        for (const socket of sockets) socket.destroy();
        return told;
      }),
    60_000,
  );

  test(
    "half-closed sockets and garbage instead of TLS",
    () =>
      besideGood("garbage", server, async () => {
        const sockets: Socket[] = [];
        for (let i = 0; i < 500; i++) {
          const socket = connectPlain(server.port, "127.0.0.1");
          socket.on("error", () => {});
          socket.write(crypto.getRandomValues(new Uint8Array(1 + (i % 700))));
          if (i % 2 === 0) socket.end();
          sockets.push(socket);
          if (i % 50 === 0) await sleep(10);
        }
        await sleep(1_000);
        for (const socket of sockets) socket.destroy();
        return undefined;
      }),
    60_000,
  );

  test(
    "10,000 malformed reviews",
    () =>
      besideGood("malformed", server, async () => {
        const statuses = new Map<number, number>();
        let seed = 1;
        const random = (below: number) => {
          seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
          return seed % below;
        };
        const send = async () => {
          for (let i = 0; i < 625; i++) {
            const at = random(goodReview.length);
            const cut = random(40);
            const noise = String.fromCharCode(...Array.from({ length: random(5) }, () => random(0x180)));
            const status = await post(server, goodReview.slice(0, at) + noise + goodReview.slice(at + cut));
            statuses.set(status, (statuses.get(status) ?? 0) + 1);
          }
        };
        await Promise.all(Array.from({ length: 16 }, send));
        // Refused, or answered in the protocol; never a failure of ours, never a connection without an answer.
        expect([...statuses.keys()].filter((status) => status !== 200 && status !== 400)).toEqual([]);
        return `answers ${JSON.stringify(Object.fromEntries(statuses))};`;
      }),
    120_000,
  );

  test(
    "bodies of 7 MiB, and deeply nested ones",
    () =>
      besideGood("large", server, async () => {
        const padding = " ".repeat(7 * 1024 * 1024 - goodReview.length);
        const deep = "[".repeat(3_000_000);
        for (let i = 0; i < 10; i++) {
          expect(await post(server, goodReview + padding)).toBe(200);
          expect(await post(server, deep)).toBe(400);
          // Bun may end the connection before the answer to what says it is too large has been read.
          expect([413, 0]).toContain(await post(server, `${goodReview}${padding}  `));
        }
        return undefined;
      }),
    60_000,
  );

  test(
    "a flood of previews",
    () =>
      besideGood("previews", server, async () => {
        const env = "{ name: c, value: d }, ".repeat(10);
        const lines = `  - { name: a, image: b, env: [${env}] }\n`.repeat(1_000);
        const body = `apiVersion: v1\nkind: Pod\nmetadata: { name: x }\nspec:\n  containers:\n${lines}`;
        const statuses = new Map<number, number>();
        const end = performance.now() + 8_000;
        const send = async () => {
          while (performance.now() < end) {
            const { status } = await fetch(`http://127.0.0.1:${server.management}/preview`, {
              ...{ method: "POST", body, headers: { accept: "application/yaml" } },
            });
            statuses.set(status, (statuses.get(status) ?? 0) + 1);
            await sleep(5);
          }
        };
        await Promise.all(Array.from({ length: 8 }, send));
        expect(statuses.get(200) ?? 0).toBeGreaterThan(0);
        return `answers ${JSON.stringify(Object.fromEntries(statuses))};`;
      }),
    60_000,
  );

  test("nothing of it was a defect", () => expect(server.log()).not.toMatch(/"defect"|detached failure/));
});

/** Bodies that cost a preview as much as its limits allow, each in another way. */
function renderHostileBodies(): readonly string[] {
  const lines = "  - { name: a, image: b, env: [{ name: c, value: d }] }\n".repeat(10_000);
  const podWith = (annotations: object, containers: number) =>
    JSON.stringify({
      ...{ apiVersion: "v1", kind: "Pod" },
      metadata: {
        name: "x",
        labels: { "inject-flyte-secrets": "true" },
        annotations: { ...JSON.parse(goodReview).request.object.metadata.annotations, ...annotations },
      },
      spec: { containers: Array.from({ length: containers }, (_, i) => ({ name: `c${i}`, image: "b" })) },
    });
  const many = (count: number, toKey: (i: number) => string) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [toKey(i), "1"]));
  const candidate = (config: string) => JSON.stringify({ secrets: [{ group: "g", key: "k" }], config });
  return [
    `apiVersion: v1\nkind: Pod\nmetadata: { name: x }\nspec:\n  containers:\n${lines}`,
    podWith({ "vault.hashicorp.com/agent-inject-containers": ",".repeat(40_000) }, 2_000),
    podWith(
      many(5_000, (i) => `vault.hashicorp.com/agent-inject-perms-${i}`),
      1_000,
    ),
    podWith(
      many(20_000, (i) => `vault.hashicorp.com/agnt-x-${i}`),
      1,
    ),
    candidate(`{ policy: { denied: [${"{a: [b]}, ".repeat(80_000)}] } }`),
    candidate(`{ policy: { ${Array.from({ length: 40_000 }, (_, i) => `key${i}: b`).join(", ")} } }`),
    `${"[".repeat(500_000)}`,
    `a: &a [x, x]\n${Array.from({ length: 199 }, () => "b: *a").join("\n")}`,
  ];
}

test("p99 beside a flood of hostile previews stays within a few times that without", async () => {
  const token = "a-token";
  const server = await startServe("bun", `preview: { token: ${token} }`);
  const bodies = renderHostileBodies();
  const statuses = new Map<number, number>();
  const flood = async (until: number) => {
    const send = async (sender: number) => {
      for (let i = sender; performance.now() < until; i++) {
        const answer = await fetch(`http://127.0.0.1:${server.management}/preview`, {
          ...{ method: "POST", body: bodies[i % bodies.length] ?? "" },
          headers: {
            authorization: `Bearer ${token}`,
            accept: i % 2 ? "application/yaml" : "application/json",
          },
        });
        await answer.arrayBuffer();
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      }
    };
    // An attacker has a machine of their own: what the senders take of this one must not count.
    setPriority(LOWEST_PRIORITY);
    await Promise.all(Array.from({ length: 24 }, (_, sender) => send(sender)));
    setPriority(0);
  };
  const measure = async (isFlooded: boolean): Promise<number> => {
    const client = startClient([server.port], "-connections", "8", "-pause", "4ms");
    await (isFlooded ? flood(performance.now() + ROUND_MS) : sleep(ROUND_MS));
    const { errors, p99Ms, maxMs } = await client.stop();
    expect([errors, maxMs < WORST_MS]).toEqual([{}, true]);
    return p99Ms;
  };
  await measure(true);
  const calm: number[] = [];
  const flooded: number[] = [];
  // In turns, so that what else this machine does concerns both alike.
  for (let i = 0; i < ROUNDS; i++) {
    calm.push(await measure(false));
    flooded.push(await measure(true));
  }
  const ratio = median(flooded) / median(calm);
  say(
    `flood of previews: p99 ${calm.join(", ")} ms without, ${flooded.join(", ")} ms with it, ${ratio.toFixed(2)} times; answers ${JSON.stringify(Object.fromEntries(statuses))}; RSS at most ${server.peak().toFixed(0)} MiB`,
  );
  const peak = server.peak();
  expect(await stopServe(server)).toBe(0);
  expect(peak).toBeLessThan(MOST_RSS_MIB);
  expect(ratio).toBeLessThan(MOST_RATIO);
}, 300_000);

/**
 * Tells a preview that holds up reviews (7 times and more) from two cores that the server, its load, the previews and their
 * senders share (1.5 to 2.5 times). The aim is 1.5.
 */
const MOST_RATIO = 5;
/** The highest niceness (setpriority(2)). */
const LOWEST_PRIORITY = 19;
const ROUNDS = 5;
const ROUND_MS = 4_000;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

test("a million reviews: memory and p99 at the end as at the start", async () => {
  const server = await startServe("bun");
  const round = () => startClient([server.port], "-connections", "16", "-count", "100000").report;
  await round();
  const start = { rss: server.rss(), p99: (await round()).p99Ms };
  for (let i = 0; i < 8; i++) expect((await round()).failed).toBe(0);
  const last = await round();
  const end = { rss: server.rss(), p99: last.p99Ms };
  say(
    `soak: 1,100,000 reviews, ${Math.round(last.ok / last.seconds)}/s in the last round; RSS ${start.rss.toFixed(0)} → ${end.rss.toFixed(0)} MiB, p99 ${start.p99} → ${end.p99} ms`,
  );
  expect(await stopServe(server)).toBe(0);
  expect(end.rss / start.rss).toBeLessThan(1.3);
  expect(end.p99 / start.p99).toBeLessThan(2);
}, 400_000);
