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

test("an address that is taken cannot be bound a second time", async () => {
  const { port, stop } = await startServer();
  const { createBunListener } = await import("../../src/listen/bun.ts");
  const { server } = await makeCertificates();
  const again = createBunListener(100)({
    ...{ port, host: "127.0.0.1", bodyLimit: 1_000, fetch: () => new Response(), tls: server },
    answerFailure: () => new Response(),
  });
  expect(again).rejects.toThrow(/EADDRINUSE|in use/i);
  await stop();
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
