/** Certificates at start: what is served, what is refused, what is said. */
import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeDisk } from "../../src/config/disk.ts";
import { loadCertificate } from "../../src/tls/certificate.ts";
import { createFolder, makeCertificates, SERVICE, writeCertificates } from "./make.ts";

const DAY = 86_400_000;
const folder = createFolder();
afterAll(() => rmSync(folder, { recursive: true }));
const made = await makeCertificates({ days: 90 });
const other = await makeCertificates();
const load = (names: readonly string[] = [SERVICE], insidePod = true, now = Date.now()) =>
  loadCertificate({ folder, names, insidePod, disk: nodeDisk }, now);
const codes = ({ issues }: { readonly issues: readonly { readonly code: string }[] }) =>
  issues.map(({ code }) => code);

describe("loadCertificate", () => {
  beforeEach(() => writeCertificates(folder, made));

  test("takes what createCertificates made, without a word", async () => {
    const loaded = await load();
    expect(loaded).toMatchObject({
      ok: true,
      issues: [],
      value: { cert: made.server.cert, selfSigned: false },
    });
    const days = loaded.ok ? (loaded.value.notAfter - Date.now()) / DAY : 0;
    expect(Math.round(days)).toBe(90);
  });

  const broken: readonly [name: string, file: string, text: string | null, code: string][] = [
    ["no certificate", "tls.crt", null, "tls.file-unreadable"],
    ["no key", "tls.key", null, "tls.file-unreadable"],
    ["a certificate that is none", "tls.crt", "hello", "tls.certificate-malformed"],
    ["a certificate cut off", "tls.crt", made.server.cert.slice(0, 300), "tls.certificate-malformed"],
    [
      "a certificate of garbage",
      "tls.crt",
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
      "tls.certificate-malformed",
    ],
    ["a key that is none", "tls.key", "hello", "tls.key-malformed"],
    ["the key of another certificate", "tls.key", other.server.key, "tls.key-mismatch"],
  ];

  test.each(broken)("%s stops the start, with its file", async (_, file, text, code) => {
    if (text === null) unlinkSync(join(folder, file));
    else writeFileSync(join(folder, file), text);
    const loaded = await load();
    expect([loaded.ok, ...codes(loaded)]).toEqual([false, code]);
    expect(loaded.issues[0]?.message).toContain(folder);
    expect(JSON.stringify(loaded.issues)).not.toContain("PRIVATE");
  });

  test("an expired certificate stops the start, and says since when", async () => {
    const loaded = await load([SERVICE], true, Date.now() + 91 * DAY);
    expect([loaded.ok, ...codes(loaded)]).toEqual([false, "tls.expired"]);
    expect(loaded.issues[0]?.message).toMatch(/expired on \d{4}-\d\d-\d\d/);
  });

  test("a certificate of the future is a warning", async () => {
    expect(codes(await load([SERVICE], true, Date.now() - 2 * DAY))).toEqual(["tls.not-yet-valid"]);
  });

  test("a name that is not covered is a warning with the API server's words", async () => {
    const loaded = await load(["flyte-pod-webhook.flyte.svc"]);
    expect([loaded.ok, ...codes(loaded)]).toEqual([true, "tls.name-missing"]);
    expect(loaded.issues[0]?.message).toContain("x509: certificate is valid for");
  });

  test("a ca.crt that did not issue the certificate is a warning", async () => {
    writeFileSync(join(folder, "ca.crt"), other.ca.cert);
    expect(codes(await load())).toEqual(["tls.ca-mismatch"]);
  });

  test("files that are missing stop the start inside a pod only", async () => {
    for (const file of ["tls.crt", "tls.key", "ca.crt"]) unlinkSync(join(folder, file));
    expect(codes(await load())).toEqual(["tls.files-missing"]);
    const outside = await load([SERVICE], false);
    expect(outside).toMatchObject({ ok: true, value: { selfSigned: true } });
    expect(codes(outside)).toEqual(["tls.self-signed"]);
  });
});

describe("server.clientCa", () => {
  const loadWith = (file: string) =>
    loadCertificate(
      { folder, names: [], insidePod: true, clientCa: join(folder, file), disk: nodeDisk },
      Date.now(),
    );

  test("takes PEM, and refuses what is none", async () => {
    writeCertificates(folder, made);
    expect(await loadWith("ca.crt")).toMatchObject({ ok: true, value: { clientCa: made.ca.cert } });
    expect(codes(await loadWith("tls.key"))).toEqual(["tls.client-ca-malformed"]);
    expect(codes(await loadWith("nothing"))).toEqual(["tls.client-ca-malformed"]);
  });
});
