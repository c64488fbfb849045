/** Certificates that change while the server serves. */
import { expect, test } from "bun:test";
import { connect, type PeerCertificate } from "node:tls";
import { makeCertificates } from "../tls/make.ts";
import { openRaw, requestOf } from "./raw.ts";
import { ca, goodReview, RETIRE_MS, startServer } from "./start.ts";

/** @returns the fingerprint that a new connection is shown. */
function readFingerprint(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
      const peer: PeerCertificate = socket.getPeerCertificate();
      socket.destroy();
      resolve(peer.fingerprint256);
    });
    socket.once("error", reject);
  });
}

test("replaceTls shows the new certificate, and clients with keep-alive are asked to leave", async () => {
  const { running, port, stop } = await startServer();
  const before = await readFingerprint(port);
  const keepAlive = await openRaw(port);
  keepAlive.write(requestOf(goodReview));
  expect(await keepAlive.until(/auditAnnotations/)).not.toMatch(/connection: close/i);
  await running.replaceTls((await makeCertificates({ issuer: ca })).server);
  keepAlive.write(requestOf(goodReview));
  expect(await keepAlive.until(/connection: close[\s\S]*auditAnnotations/i)).toMatch(/connection: close/i);
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(await readFingerprint(port)).not.toBe(before);
  await stop();
});

test("replaceTls waits for the listener of the certificate before last, and does nothing once stopped", async () => {
  const { running, port, stop } = await startServer();
  const [first, second, third] = await Promise.all([1, 2, 3].map(() => makeCertificates({ issuer: ca })));
  await running.replaceTls(first?.server ?? ca);
  const asked = performance.now();
  await running.replaceTls(second?.server ?? ca);
  expect(performance.now() - asked).toBeGreaterThan(RETIRE_MS / 2);
  const late = running.replaceTls(third?.server ?? ca);
  await stop();
  await late;
  expect(readFingerprint(port)).rejects.toThrow();
});

test.each([
  ["with TLS", true],
  ["without TLS", false],
])("an address that is taken cannot be bound a second time, %s", async (_, isTls) => {
  const { createBunListener } = await import("../../src/listen/bun.ts");
  const { server } = await makeCertificates();
  const bind = (port: number, tls?: typeof server) =>
    createBunListener(100)({
      ...{ port, host: "127.0.0.1", bodyLimit: 1_000, fetch: () => new Response(), ...(tls && { tls }) },
      answerFailure: () => new Response(),
    });
  // Bun 1.4 shares every later address of a process that has a listener with `reusePort`.
  const other = await bind(0, server);
  const first = await bind(0, isTls ? server : undefined);
  await expect(bind(first.port, isTls ? server : undefined)).rejects.toThrow(/EADDRINUSE|in use/i);
  await Promise.all([other.stop(), first.stop()]);
});

test("without clientCa nobody is asked for a certificate, so that an API server may show any", async () => {
  const { post, stop } = await startServer();
  const stranger = (await makeCertificates({ usage: "client" })).server;
  expect((await post(goodReview, { tls: { ca: ca.cert, ...stranger } })).status).toBe(200);
  await stop();
});

test("clientCa answers only clients whose certificate it issued", async () => {
  const { post, stop } = await startServer({ tls: { clientCa: ca.cert } });
  const client = (await makeCertificates({ issuer: ca, usage: "client" })).server;
  const stranger = (await makeCertificates({ usage: "client" })).server;
  const mutual = (own: { cert: string; key: string }) => post(goodReview, { tls: { ca: ca.cert, ...own } });
  expect((await mutual(client)).status).toBe(200);
  expect(mutual(stranger)).rejects.toThrow();
  expect(post()).rejects.toThrow();
  await stop();
});
