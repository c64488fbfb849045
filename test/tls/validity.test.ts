/** The end of a certificate, read without a library, beside the runtime's own reading. */
import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { bunDisk } from "../../src/config/disk-bun.ts";
import { listenOnBun } from "../../src/listen/bun.ts";
import { loadCertificate, loadForListener } from "../../src/tls/certificate.ts";
import { createSelfSigned } from "../../src/tls/self-signed.ts";
import { readNotAfter } from "../../src/tls/validity.ts";
import { createFolder, makeCertificates, writeCertificates } from "./make.ts";

const DAY = 86_400_000;
const made = await makeCertificates({ days: 90 });
const other = await makeCertificates();

describe("readNotAfter", () => {
  test.each([1, 90, 8_000, 9_000, 30_000])("reads a certificate for %d days", async (days) => {
    // From 2050 on, certificates write years with four digits.
    const { cert } = await createSelfSigned(["localhost"], Date.now(), days);
    expect(readNotAfter(cert)).toBe(Date.parse(new X509Certificate(cert).validTo));
  });

  test("reads the first certificate of a chain, whatever stands before it", () => {
    const chain = `subject=CN = x\n${made.server.cert}${other.ca.cert}`;
    expect(readNotAfter(chain)).toBe(Date.parse(new X509Certificate(made.server.cert).validTo));
  });

  test.each(["", "hello", made.server.key, "-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----"])(
    "reads nothing of %p",
    (text) => {
      expect(readNotAfter(text)).toBeUndefined();
    },
  );

  test("never reads a time from what the runtime cannot parse, and never another one", () => {
    const der = new X509Certificate(made.server.cert).raw;
    const change = fc.tuple(fc.nat(der.length - 1), fc.nat(255), fc.nat(der.length));
    fc.assert(
      fc.property(change, ([at, byte, length]) => {
        const bytes = Buffer.from(der.subarray(0, length));
        if (at < length) bytes[at] = byte;
        const pem = `-----BEGIN CERTIFICATE-----\n${bytes.toString("base64")}\n-----END CERTIFICATE-----\n`;
        const read = readNotAfter(pem);
        const known = readWithRuntime(pem);
        if (read !== undefined && known !== undefined) expect(read).toBe(known);
      }),
      { numRuns: 2_000 },
    );
  });
});

function readWithRuntime(pem: string): number | undefined {
  try {
    return Date.parse(new X509Certificate(pem).validTo);
  } catch {
    return undefined;
  }
}

/** What is wrong with the files: changes of tls.crt and tls.key; null removes one. */
const BROKEN: Readonly<Record<string, { readonly crt?: string | null; readonly key?: string | null }>> = {
  "no certificate": { crt: null },
  "no key": { key: null },
  neither: { crt: null, key: null },
  "an empty key": { key: "" },
  "text for a certificate": { crt: "hello" },
  "a certificate cut off": { crt: made.server.cert.slice(0, 300) },
  "garbage behind the certificate": {
    crt: `${made.server.cert}-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n`,
  },
  "text for a key": { key: "hello" },
  "a key cut off": { key: made.server.key.slice(0, 100) },
  "the key of another certificate": { key: other.server.key },
};

describe("loadForListener", () => {
  const folder = createFolder();
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeEach(() => writeCertificates(folder, made));
  const source = { folder, names: [], insidePod: true, disk: bunDisk };

  test("loads the certificate that loadCertificate loads", async () => {
    const loaded = await loadCertificate(source, Date.now());
    expect(loaded.ok && loaded.value).toEqual((await loadForListener(source, Date.now())) ?? false);
  });

  test("leaves an expired certificate and one with a client CA to loadCertificate", async () => {
    expect(await loadForListener(source, Date.now() + 91 * DAY)).toBeUndefined();
    const clientCa = join(folder, "ca.crt");
    expect(await loadForListener({ ...source, clientCa }, Date.now())).toBeUndefined();
  });

  test.each(Object.entries(BROKEN))("%s: what loadCertificate refuses is not served", async (_, files) => {
    for (const [name, text] of Object.entries(files)) {
      if (text === null) unlinkSync(join(folder, `tls.${name}`));
      else writeFileSync(join(folder, `tls.${name}`), text);
    }
    expect((await loadCertificate(source, Date.now())).ok).toBe(false);
    const tls = await loadForListener(source, Date.now());
    if (!tls) return;
    const listen = {
      ...{ port: 0, host: "127.0.0.1", bodyLimit: 1_000, tls, fetch: () => new Response() },
      answerFailure: () => new Response(),
    };
    expect(listenOnBun(listen)).rejects.toThrow();
    expect(readFileSync(join(folder, "tls.crt"), "utf8")).toBe(tls.cert);
  });
});
