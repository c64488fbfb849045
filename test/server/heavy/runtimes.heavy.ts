/** On every runtime, under load of clients like the API server: certificates change, replicas drain, one is killed. */
import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import { RUNTIMES, type Runtime } from "../../fixtures/runtimes.ts";
import { makeCertificates } from "../../tls/make.ts";
import { made, mountCertificate, sleep, startClient, startServe, stopServe } from "./run.ts";

const SWAPS = 50;
const SWAP_MS = 300;
const LOOK_MS = 50;
/** Of new connections, a few may meet the end of an old listener's queue on Bun. */
const LOST_PER_SWAP = 1;

const say = (text: string) => process.stdout.write(`${text}\n`);

function readFingerprint(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      resolve(fingerprint256);
    });
    socket.once("error", reject);
  });
}

describe.each(Object.keys(RUNTIMES) as Runtime[])("%s", (runtime) => {
  test("50 certificates in a row: no request of a client with keep-alive fails", async () => {
    const server = await startServe(runtime);
    const keepAlive = startClient([server.port], "-connections", "16", "-pause", "2ms");
    const sparse = startClient([server.port], "-connections", "50", "-pause", "700ms");
    const fresh = startClient([server.port], "-connections", "4", "-fresh", "-pause", "5ms");
    const next = await Promise.all(
      Array.from({ length: SWAPS }, () => makeCertificates({ issuer: made.ca })),
    );
    const countSwaps = async () => {
      const metrics = await (await fetch(`http://127.0.0.1:${server.management}/metrics`)).text();
      return Number(/certificate_reloads_total\{result="ok"\} (\d+)/.exec(metrics)?.[1]) - 1;
    };
    for (const [i, certificates] of next.entries()) {
      mountCertificate(server.certDir, certificates);
      while ((await countSwaps()) <= i) await sleep(LOOK_MS);
      await sleep(SWAP_MS);
    }
    await sleep(4_000);
    const [a, b, c] = await Promise.all([keepAlive.stop(), sparse.stop(), fresh.stop()]);
    const last = new X509Certificate(next.at(-1)?.server.cert ?? "").fingerprint256;
    const shown = await readFingerprint(server.port);
    const swapped = await countSwaps();
    say(
      `${runtime}: ${swapped} swaps; keep-alive ${a.failed} of ${a.ok + a.failed} failed (p99 ${a.p99Ms} ms), sparse ${b.failed} of ${b.ok + b.failed}, new connections ${c.failed} of ${c.ok + c.failed} ${JSON.stringify(c.errors)}; RSS ${server.rss().toFixed(0)} MiB`,
    );
    expect(await stopServe(server)).toBe(0);
    expect([a.errors, b.errors]).toEqual([{}, {}]);
    expect(a.ok).toBeGreaterThan(1_000);
    expect(c.failed).toBeLessThanOrEqual(SWAPS * LOST_PER_SWAP);
    expect(shown).toBe(last);
    expect(swapped).toBe(SWAPS);
  }, 300_000);

  test("SIGTERM under load at 64 connections: no request is lost", async () => {
    const [leaving, staying] = [await startServe(runtime, "drainSeconds: 1"), await startServe(runtime)];
    const client = startClient([leaving.port], "-connections", "64", "-pause", "1ms");
    await sleep(1_500);
    process.kill(leaving.pid, "SIGTERM");
    await sleep(300);
    // What a Service does once the replica is not ready.
    client.sendTo([staying.port]);
    const code = await leaving.ended;
    await sleep(500);
    const { ok, failed, errors } = await client.stop();
    say(`${runtime}: drain at 64 connections, ${failed} of ${ok + failed} lost`);
    expect(await stopServe(staying)).toBe(0);
    expect([code, errors]).toEqual([0, {}]);
    expect(ok).toBeGreaterThan(1_000);
  }, 60_000);

  test("one of two replicas is killed: the other serves on", async () => {
    const [killed, other] = [await startServe(runtime), await startServe(runtime)];
    const client = startClient([killed.port, other.port], "-connections", "32", "-pause", "1ms");
    await sleep(1_000);
    process.kill(killed.pid, "SIGKILL");
    await sleep(300);
    client.sendTo([other.port]);
    await sleep(1_000);
    const { ok, failed, errors } = await client.stop();
    say(
      `${runtime}: killed replica, ${failed} of ${ok + failed} lost in the 300 ms until the Service knew ${JSON.stringify(errors)}`,
    );
    const after = await startClient([other.port], "-connections", "32", "-count", "2000").report;
    expect(await stopServe(other)).toBe(0);
    expect(after).toMatchObject({ ok: 2_000, failed: 0 });
  }, 60_000);
});
