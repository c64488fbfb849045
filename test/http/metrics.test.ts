/** `/metrics` under a flood: one rendering serves all requests of a quarter of a second. */
import { expect, test } from "bun:test";
import { createApp } from "../../src/http/app.ts";
import { createTestEngine } from "../fixtures/engine.ts";

test("a flood of scrapes is rendered once, and a later one anew", async () => {
  let renderings = 0;
  const app = createApp(await createTestEngine(), {
    surface: "management",
    renderMetrics: async () => ({ contentType: "text/plain", text: `renderings ${++renderings}\n` }),
  });
  const scrape = async () => (await app.request("/metrics")).text();
  const texts = await Promise.all(Array.from({ length: 100 }, scrape));
  expect(new Set(texts)).toEqual(new Set(["renderings 1\n"]));
  await Bun.sleep(300);
  expect(await scrape()).toBe("renderings 2\n");
});

test("a rendering that fails fails its requests only", async () => {
  let isBroken = true;
  const app = createApp(await createTestEngine(), {
    surface: "management",
    renderMetrics: async () => {
      if (isBroken) throw new Error("internal detail");
      return { contentType: "text/plain", text: "a 1\n" };
    },
  });
  const failed = await app.request("/metrics");
  expect([failed.status, (await failed.text()).includes("internal detail")]).toEqual([500, false]);
  isBroken = false;
  await Bun.sleep(300);
  expect((await app.request("/metrics")).status).toBe(200);
});
