/** Rotation: what is served after the files changed, and what is said. */
import { describe, expect, test } from "bun:test";
import { tlsIssues } from "../../src/core/issue/tls.ts";
import { failure, type Result, success } from "../../src/core/result.ts";
import type { Certificate } from "../../src/tls/inspect.ts";
import { type Attempt, createRotation } from "../../src/tls/rotation.ts";

const DAY = 86_400_000;
const NOW = Date.parse("2026-01-01T00:00:00Z");
const certificate = (name: string, more: Partial<Certificate> = {}): Certificate => ({
  ...{ cert: name, key: name, fingerprint: name, notAfter: NOW + 90 * DAY, selfSigned: false },
  ...more,
});
const mismatch = failure([tlsIssues["tls.key-mismatch"]({ folder: "/certs" })]);

function start(first: Certificate, loads: Result<Certificate>[], use = async (_: Certificate) => {}) {
  const attempts: Attempt[] = [];
  const rotation = createRotation(first, {
    load: async () => loads.shift() ?? success(first),
    use,
    onAttempt: (attempt) => attempts.push(attempt),
    now: () => NOW,
    settleMs: 0,
  });
  return { rotation, attempts };
}

describe("createRotation", () => {
  test("takes a new certificate into use", async () => {
    const used: string[] = [];
    const { rotation, attempts } = start(certificate("a"), [success(certificate("b"))], async ({ cert }) => {
      used.push(cert);
    });
    await rotation.check();
    expect([used, rotation.current().cert, attempts.map(({ ok }) => ok)]).toEqual([["b"], "b", [true]]);
    expect(rotation.state()).toEqual({ ok: true, detail: "until 2026-04-01T00:00:00.000Z (90 days)" });
  });

  test("says nothing where the files are the same", async () => {
    const { rotation, attempts } = start(certificate("a"), []);
    await rotation.check();
    expect(attempts).toEqual([]);
  });

  test("a broken pair leaves the old one serving, says so, and is over when the files are good again", async () => {
    const { rotation, attempts } = start(certificate("a"), [mismatch, mismatch]);
    await rotation.check();
    expect(rotation.current().cert).toBe("a");
    expect(rotation.state()).toMatchObject({
      ok: true,
      detail: expect.stringContaining("a newer one was refused"),
    });
    expect(attempts.map(({ ok, issues }) => [ok, issues[0]?.code])).toEqual([[false, "tls.rotation-failed"]]);
    await rotation.check();
    expect(rotation.state().detail).not.toContain("refused");
  });

  test("files that are written one after the other are no failure", async () => {
    const { rotation, attempts } = start(certificate("a"), [mismatch, success(certificate("b"))]);
    await rotation.check();
    expect(attempts.map(({ ok }) => ok)).toEqual([true]);
  });

  test("a certificate that the runtime does not take leaves the old one serving", async () => {
    const { rotation, attempts } = start(certificate("a"), [success(certificate("b"))], () =>
      Promise.reject(new Error("bad curve")),
    );
    await rotation.check();
    expect([rotation.current().cert, attempts[0]?.issues[0]?.message]).toEqual([
      "a",
      expect.stringContaining("bad curve"),
    ]);
  });

  test("files that are gone leave the old one serving", async () => {
    const { rotation, attempts } = start(certificate("a"), [success(certificate("s", { selfSigned: true }))]);
    await rotation.check();
    expect([rotation.current().cert, attempts[0]?.ok]).toEqual(["a", false]);
  });

  test("certificates replace one that was made in memory", async () => {
    const { rotation } = start(certificate("s", { selfSigned: true }), [success(certificate("a"))]);
    await rotation.check();
    expect(rotation.current().cert).toBe("a");
  });

  test.each([
    [20, undefined, true],
    [13, "tls.expires-soon", true],
    [-1, "tls.expired-serving", false],
  ])("with %i days left, %p is told", (days, code, ok) => {
    const { rotation } = start(certificate("a", { notAfter: NOW + days * DAY }), []);
    expect<unknown[]>([rotation.expiryIssues()[0]?.code, rotation.state().ok]).toEqual([code, ok]);
  });
});
