/** The host of a request: malformed ones are refused on every path, foreign ones where browsers ask. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createApp } from "../../src/http/app.ts";
import { createHostCheck, hasHost } from "../../src/http/host.ts";
import { createIntake } from "../../src/http/intake.ts";
import { createTestEngine } from "../fixtures/engine.ts";

describe("hasHost", () => {
  test.each(["localhost", "127.0.0.1:8080", "[::1]:8080", "a.b-c_d", "a:", "A.Example."])(
    "takes %s",
    (host) => {
      expect(hasHost(`http://${host}/x?y`)).toBe(true);
      expect(hasHost(`https://${host}`)).toBe(true);
    },
  );

  test.each(["", "a b", "a@b", "a:b", "a:999999", "[::1", "%zz", "a\\b", "ä"])("refuses %p", (host) => {
    expect(hasHost(`http://${host}/x`)).toBe(false);
  });

  test("refuses what is no absolute URL, as Bun gives it for a malformed Host header", () => {
    for (const url of ["/mutate", "", "*", "//a/b", "ftp://a/b"]) expect(hasHost(url)).toBe(false);
  });
});

describe("createHostCheck", () => {
  const isAccepted = createHostCheck(["Preview.example.com", "svc."]);

  test.each([
    ["localhost", true],
    ["LOCALHOST:8080", true],
    ["localhost.", true],
    ["a.localhost", true],
    ["127.0.0.1:80", true],
    ["10.2.3.4", true],
    ["[fe80::1]:8080", true],
    ["preview.example.com", true],
    ["PREVIEW.example.com.:443", true],
    ["svc", true],
    ["evil.example", false],
    ["localhost.evil.example", false],
    ["evil-localhost", false],
    ["127.0.0.1.evil.example", false],
    ["a.preview.example.com", false],
    ["", false],
  ])("of %p is %p", (host, accepted) => expect(isAccepted(`http://${host}/preview`)).toBe(accepted));
});

describe("any URL", async () => {
  const admission = createApp(await createTestEngine(), { surface: "admission" });
  const url = fc.oneof(
    fc.webUrl(),
    fc.string(),
    fc.string().map((text) => `http://${text}/mutate`),
    fc.string().map((text) => `/mutate?timeout=${text}`),
    fc.string().map((text) => `http://localhost/${text}`),
  );

  test("is answered, and leaves no place taken", async () => {
    const intake = createIntake(admission.fetch, { maxInFlight: 4 });
    await fc.assert(
      fc.asyncProperty(url, fc.constantFrom("GET", "POST"), async (given, method) => {
        const request = new Request("http://localhost/", { method });
        // A runtime hands on what the client sent.
        Object.defineProperty(request, "url", { value: given });
        const { status } = await intake.fetch(request);
        expect([200, 400, 404, 405, 415]).toContain(status);
        expect(intake.inFlight()).toBe(0);
      }),
      { numRuns: 500 },
    );
    intake.close();
  });

  test("a handler that throws at once gives its place back", async () => {
    const intake = createIntake(() => {
      throw new Error("at once");
    });
    const post = async () =>
      intake.fetch(new Request("http://localhost/mutate", { method: "POST", body: "{}" }));
    await expect(post()).rejects.toThrow("at once");
    expect(intake.inFlight()).toBe(0);
    intake.close();
  });
});
