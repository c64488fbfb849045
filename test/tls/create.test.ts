/** Certificates of our own making, judged by another implementation: the runtime's TLS (BoringSSL). */
import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { parse } from "yaml";
import { createCertificates, renderSecret } from "../../src/tls/create.ts";
import { makeCertificates, SERVICE } from "./make.ts";

const order = { names: [SERVICE, "10.0.0.1"], now: Date.now() };

describe("createCertificates", () => {
  test("makes a server certificate that its CA issued, for the names that were ordered", async () => {
    const made = await makeCertificates(order);
    const [ca, server] = [new X509Certificate(made.ca.cert), new X509Certificate(made.server.cert)];
    expect([ca.ca, server.ca]).toEqual([true, false]);
    expect(server.verify(ca.publicKey)).toBe(true);
    expect(server.checkHost(SERVICE, { subject: "never" })).toBe(SERVICE);
    expect(server.checkIP("10.0.0.1")).toBe("10.0.0.1");
    expect(server.checkHost("example.org", { subject: "never" })).toBeUndefined();
  });

  test("is trusted over TLS by whoever trusts the CA, and by nobody else", async () => {
    const made = await makeCertificates();
    const { cert, key } = made.server;
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      tls: { cert, key },
      fetch: () => new Response("ok"),
    });
    try {
      const url = `https://localhost:${server.port}/`;
      expect(await (await fetch(url, { tls: { ca: made.ca.cert } })).text()).toBe("ok");
      expect(fetch(url, { tls: { ca: (await makeCertificates()).ca.cert } })).rejects.toThrow();
    } finally {
      await server.stop(true);
    }
  });

  test("renews under the CA that it made", async () => {
    const first = await makeCertificates(order);
    const second = await makeCertificates({ ...order, issuer: first.ca });
    expect(second.ca).toEqual(first.ca);
    expect(second.server.cert).not.toBe(first.server.cert);
    const server = new X509Certificate(second.server.cert);
    expect(server.verify(new X509Certificate(first.ca.cert).publicKey)).toBe(true);
  });

  test("does not issue what would outlive its CA", async () => {
    const { ca } = await makeCertificates(order);
    const later = { ...order, issuer: ca, now: order.now + 3_000 * 86_400_000 };
    const made = await createCertificates({ ...later, days: 651 });
    expect<unknown[]>([made.ok, made.issues[0]?.code]).toEqual([false, "tls.authority-expires"]);
    expect((await createCertificates({ ...later, days: 650 })).ok).toBe(true);
  });

  test.each([
    [{ names: ["bad name"] }, "tls.name-malformed"],
    [{ names: ["https://x"] }, "tls.name-malformed"],
    [{ days: 0 }, "tls.days-malformed"],
    [{ days: 1.5 }, "tls.days-malformed"],
    [{ issuer: { cert: "", key: "" } }, "tls.authority-malformed"],
  ])("refuses %j", async (wrong, code) => {
    const made = await createCertificates({ ...order, ...wrong });
    expect<unknown[]>([made.ok, made.issues[0]?.code]).toEqual([false, code]);
  });
});

test("renderSecret is a Secret as cert-manager writes it, without the CA's key", async () => {
  const made = await makeCertificates(order);
  const secret = parse(renderSecret(made, "flyte-vault-webhook-tls", "flyte"));
  expect(secret).toMatchObject({
    kind: "Secret",
    type: "kubernetes.io/tls",
    metadata: { namespace: "flyte" },
  });
  const files = Object.fromEntries(Object.entries<string>(secret.data).map(([k, v]) => [k, atob(v)]));
  expect(files).toEqual({ "ca.crt": made.ca.cert, "tls.crt": made.server.cert, "tls.key": made.server.key });
});
