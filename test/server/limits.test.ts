/** What the running server does with requests that are too much, too large, too slow or too deep. */
import { afterEach, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import type { Engine } from "../../src/core/engine.ts";
import { BODY_LIMIT } from "../../src/http/route/mutate.ts";
import { headOf, openRaw, type RawConnection, requestOf } from "./raw.ts";
import { goodReview, startServer } from "./start.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options: Parameters<typeof startServer>[0] = {}) {
  const server = await startServer(options);
  cleanups.push(server.stop);
  return server;
}

async function open(port: number): Promise<RawConnection> {
  const connection = await openRaw(port);
  cleanups.push(connection.end);
  return connection;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const STATUS = /HTTP\/1\.1 \d{3}[\s\S]*\r\n\r\n/;

/** Its reviews never end. */
const NEVER: Engine = { hash: "", review: () => new Promise<never>(() => {}), close: async () => {} };

describe("the in-flight cap", () => {
  test("is a 503 at once, before the body is read", async () => {
    const problems: number[] = [];
    const onProblem = (status: number) => problems.push(status);
    const { port } = await start({ maxInFlight: 2, engine: NEVER, onProblem });
    for (const _ of [1, 2]) (await open(port)).write(requestOf(goodReview));
    const third = await open(port);
    await sleep(20);
    const before = performance.now();
    third.write(headOf(5_000_000));
    const answer = await third.until(STATUS);
    expect(performance.now() - before).toBeLessThan(100);
    expect(answer).toMatch(/^HTTP\/1\.1 503/);
    expect(answer).toMatch(/retry-after: 1/i);
    expect(problems).toEqual([503]);
  });

  test("does not hold for health", async () => {
    const { port } = await start({ maxInFlight: 1 });
    (await open(port)).write(`${headOf(100)}{`);
    const probe = await open(port);
    probe.write("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n");
    expect(await probe.until(STATUS)).toMatch(/^HTTP\/1\.1 200/);
  });

  test("makes room for a good request by ending the slowest body", async () => {
    const { port, post } = await start({ maxInFlight: 2 });
    const slow = await Promise.all([open(port), open(port)]);
    for (const connection of slow) connection.write(`${headOf(100)}{`);
    await sleep(50);
    expect((await post()).status).toBe(200);
    expect(await slow[0]?.until(STATUS)).toMatch(/^HTTP\/1\.1 408/);
  });
});

describe("time", () => {
  test("a body that does not arrive is a 408 at the deadline, and the connection ends", async () => {
    const { port, defects } = await start();
    const slow = await open(port);
    const before = performance.now();
    slow.write(`${headOf(100, { timeout: "1s" })}{`);
    expect(await slow.until(STATUS)).toMatch(/^HTTP\/1\.1 408[\s\S]*http\.body-late/);
    expect(performance.now() - before).toBeWithin(190, 600);
    await slow.until(/never/);
    expect([slow.isClosed(), defects]).toEqual([true, []]);
  });

  test("a review that never ends is a 504 soon after its deadline, and is let go", async () => {
    const { port, intake } = await start({ engine: NEVER });
    const stuck = await open(port);
    const body = goodReview;
    stuck.write(headOf(Buffer.byteLength(body), { timeout: "1s" }) + body);
    expect(await stuck.until(STATUS)).toMatch(/^HTTP\/1\.1 504[\s\S]*http\.overrun/);
    expect(intake.inFlight()).toBe(0);
  });
});

describe("size and form", () => {
  test("a body that says it is over 7 MiB is a 413", async () => {
    const { port } = await start();
    const large = await open(port);
    large.write(headOf(BODY_LIMIT + 1));
    expect(await large.until(STATUS)).toMatch(/^HTTP\/1\.1 413/);
  });

  test("a body of 7 MiB is read", async () => {
    const { post } = await start();
    const padding = " ".repeat(BODY_LIMIT - goodReview.length);
    const response = await post(goodReview + padding);
    expect([response.status, await response.text()]).toEqual([
      200,
      expect.stringContaining('"allowed":true'),
    ]);
  });

  test("a chunked body over the limit is refused", async () => {
    const { port } = await start();
    const chunked = await open(port);
    const head = headOf(0).replace("content-length: 0", "transfer-encoding: chunked");
    chunked.write(head);
    const chunk = `100000\r\n${" ".repeat(0x100000)}\r\n`;
    for (let i = 0; i < 8 && !chunked.isClosed(); i++) chunked.write(chunk);
    expect(await chunked.until(STATUS)).toMatch(/^HTTP\/1\.1 413|^$/);
  });

  test.each([
    ["lists", "[".repeat(200_000) + "]".repeat(200_000)],
    ["objects", `${'{"a":'.repeat(200_000)}1${"}".repeat(200_000)}`],
  ])("deeply nested %s are a 400", async (_, body) => {
    const { post } = await start();
    const response = await post(body);
    expect([response.status, await response.json()]).toMatchObject([400, { code: "http.body-too-deep" }]);
  });

  test("a pod nested as deep as a short body allows is no harm", async () => {
    const { post, defects } = await start();
    const deep = "[".repeat(60_000) + "]".repeat(60_000);
    const body = goodReview.replace('"spec":{', `"spec":{"deep":${deep},`);
    expect(body).not.toBe(goodReview);
    expect([(await post(body)).status, defects]).toEqual([200, []]);
  });

  test("headers over 16 KiB are a 431", async () => {
    const { port } = await start();
    const greedy = await open(port);
    greedy.write(headOf(2, { more: `x-large: ${"a".repeat(20_000)}\r\n` }));
    expect(await greedy.until(STATUS)).toMatch(/^HTTP\/1\.1 431/);
  });

  test.each([
    ["two lengths", "content-length: 2\r\ncontent-length: 3"],
    ["length and chunks", "content-length: 2\r\ntransfer-encoding: chunked"],
  ])("%s are refused", async (_, headers) => {
    const { port } = await start();
    const smuggler = await open(port);
    smuggler.write(`POST /mutate HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n\r\n{}`);
    expect(await smuggler.until(STATUS)).toMatch(/^HTTP\/1\.1 400/);
  });
});

describe("broken connections", () => {
  test("garbage instead of TLS, and bodies that break off, disturb nobody and are no defect", async () => {
    const { port, post, defects, intake } = await start();
    const garbage = connect(port, "127.0.0.1");
    garbage.on("error", () => {}).write("GET / HTTP/1.1\r\n\r\n");
    cleanups.push(() => garbage.destroy());
    for (let i = 0; i < 20; i++) {
      const broken = await openRaw(port);
      broken.write(`${headOf(1_000)}{"kind"`);
      broken.end();
    }
    expect((await post()).status).toBe(200);
    await sleep(100);
    expect([intake.inFlight(), defects]).toEqual([0, []]);
  });

  test("one connection serves request after request", async () => {
    const { port } = await start();
    const connection = await open(port);
    for (let i = 1; i <= 3; i++) {
      connection.write(requestOf(goodReview));
      const answered = await connection.until(
        new RegExp(`(HTTP/1\\.1 200[\\s\\S]*?auditAnnotations[\\s\\S]*?){${i}}`),
      );
      expect(answered.match(/HTTP\/1\.1 200/g)).toHaveLength(i);
    }
  });
});
