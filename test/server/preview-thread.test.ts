/** Previews beside the thread of admissions: the same answers, and nobody waits for them. */
import { afterAll, expect, test } from "bun:test";
import { createPreviewThread } from "../../src/host/preview/thread.ts";
import { createApp } from "../../src/http/app.ts";
import { measureLoopDelay } from "../../src/telemetry/loop-delay.ts";
import { createTestEngine, podWith, secret } from "../fixtures/engine.ts";

const engine = await createTestEngine();
const thread = createPreviewThread();
afterAll(() => thread.close());
const beside = createApp(engine, { surface: "management", openPreview: thread.open });
const within = createApp(engine, { surface: "management" });

const send = (app: typeof beside, body: string, accept = "application/json") =>
  app.request("/preview", { method: "POST", headers: { accept }, body });
const pod = podWith([secret({ group: "secret/data/team", key: "api-key" })]);

test.each([
  ["a pod", JSON.stringify(pod), "application/json"],
  ["a pod as YAML", JSON.stringify(pod), "application/yaml"],
  ["the plain form", "secrets: [{ group: secret/data/team, key: api_key }]", "application/json"],
  ["several documents", `${JSON.stringify(pod)}\n---\n${JSON.stringify(pod)}`, "application/json"],
  ["a refusal", "secrets: [{ key: k }]", "application/yaml"],
  ["what cannot be read", "kind: [", "application/json"],
  [
    "a candidate configuration without a token",
    "{ secrets: [{ group: g, key: k }], config: {} }",
    "application/json",
  ],
])("%s is answered the same in either thread", async (_, body, accept) => {
  const [a, b] = [await send(beside, body, accept), await send(within, body, accept)];
  expect(a.status).toBe(b.status);
  expect(await a.text()).toBe(await b.text());
});

/** About 1 MiB of YAML, which takes a second to read. */
const large = `apiVersion: v1\nkind: Pod\nmetadata: { name: x }\nspec:\n  containers:\n${"  - { name: a, image: b, env: [{ name: c, value: d }] }\n".repeat(10_000)}`;

test("a megabyte of YAML holds up the other thread by no more than a fraction of its time", async () => {
  await send(beside, JSON.stringify(pod));
  const delay = measureLoopDelay(() => performance.now());
  const start = performance.now();
  const response = await send(beside, large, "application/yaml");
  const took = performance.now() - start;
  const held = delay.take();
  delay.stop();
  expect([response.status, took > 300]).toEqual([200, true]);
  expect(held).toBeLessThan(Math.max(150, took / 4));
}, 30_000);

test("a preview that takes too long is refused, and the next one is answered", async () => {
  const hasty = createPreviewThread(0.3);
  const app = createApp(engine, { surface: "management", openPreview: hasty.open });
  const late = await send(app, large);
  expect([late.status, await late.json()]).toMatchObject([400, { code: "http.preview-overrun" }]);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const patient = createApp(engine, { surface: "management", openPreview: thread.open });
  expect((await send(patient, JSON.stringify(pod))).status).toBe(200);
  hasty.close();
}, 30_000);

test("previews wait while admissions need the process", async () => {
  const app = createApp(engine, { surface: "management", isLoaded: () => true });
  const response = await send(app, JSON.stringify(pod));
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
});
