/** How the page is served: one document, its policy, its entity tag, nothing else asked for. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openStage, type Stage } from "./browser.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

describe("GET /", () => {
  test("opens in Chromium without an error, and asks nobody else for anything", async () => {
    const { page, faults, requests } = await stage.open();
    expect(await page.title()).toContain("flyte-vault-webhook");
    await page.waitForSelector("h1");
    expect(faults).toEqual([]);
    expect(requests.filter((url) => !url.startsWith(stage.url))).toEqual([]);
  });

  test("allows one script and one style sheet, by their digests", async () => {
    const policy = (await fetch(stage.url)).headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("unsafe");
    expect(policy.match(/'sha256-[^']+'/g)).toHaveLength(2);
  });
});
