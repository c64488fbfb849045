/** `GET /`: encodings, the entity tag, and what is said where the page was not built. */
import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { createApp } from "../../src/http/app.ts";
import type { Page } from "../../src/http/options.ts";
import { createTestEngine } from "../fixtures/engine.ts";

const HTML = "<!doctype html><p>page</p>";
const page: Page = {
  html: new TextEncoder().encode(HTML),
  gzip: new Uint8Array(gzipSync(HTML)),
  digest: "abc",
  policy: "default-src 'none'; script-src 'sha256-x'",
};
const engine = await createTestEngine();
const appWith = (loaded: Page | undefined) =>
  createApp(engine, { surface: "management", loadPage: async () => loaded });
const get = (headers: Record<string, string>) => appWith(page).request("/", { headers });

describe("GET /", () => {
  test.each([
    ["", null],
    ["br", null],
    ["gzip", "gzip"],
    ["br, GZIP;q=0.5", "gzip"],
    ["*", "gzip"],
    ["gzip;q=0", null],
    ["gzip; q=0.0, br", null],
  ])("accept-encoding %j is answered with the encoding %p", async (accepted, encoding) => {
    const response = await get({ "accept-encoding": accepted });
    expect(response.headers.get("content-encoding")).toBe(encoding);
    expect(response.headers.get("vary")).toBe("accept-encoding");
    const body = new Uint8Array(await response.arrayBuffer());
    expect(body).toEqual(encoding ? page.gzip : page.html);
  });

  test("carries its own policy, and may be kept as long as it is asked about", async () => {
    const { headers } = await get({});
    expect(headers.get("content-security-policy")).toBe(page.policy);
    expect(headers.get("cache-control")).toBe("no-cache");
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  test.each(["", "gzip"])("is answered with 304 where the browser has it (%j)", async (accepted) => {
    const headers = { "accept-encoding": accepted };
    const etag = (await get(headers)).headers.get("etag") ?? "";
    for (const tags of [etag, `"other", W/${etag}`, "*"]) {
      const again = await get({ ...headers, "if-none-match": tags });
      expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", etag]);
      // Chromium runs the page that it kept under the policy of the 304.
      expect(again.headers.get("content-security-policy")).toBe(page.policy);
    }
    expect((await get({ ...headers, "if-none-match": '"other"' })).status).toBe(200);
  });

  test("gives each encoding a tag of its own", async () => {
    const tags = await Promise.all(
      ["", "gzip"].map(async (accepted) => (await get({ "accept-encoding": accepted })).headers.get("etag")),
    );
    expect(new Set(tags).size).toBe(2);
  });

  test("says how to build the page where it is missing", async () => {
    const response = await appWith(undefined).request("/");
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      code: "http.page-missing",
      detail: expect.stringContaining("npm run setup"),
    });
  });

  test("is not there on the admission surface, nor where previews are switched off", async () => {
    const loadPage = async () => page;
    const admission = createApp(engine, { surface: "admission", loadPage });
    const off = createApp(engine, { surface: "management", preview: { enabled: false }, loadPage });
    expect([(await admission.request("/")).status, (await off.request("/")).status]).toEqual([404, 404]);
  });
});
