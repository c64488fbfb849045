/** The management surface: who may ask, and what every answer carries. */
import { describe, expect, test } from "bun:test";
import { createApp } from "../../src/http/app.ts";
import { watchEnv } from "../../src/server/environment.ts";
import { createTestEngine } from "../fixtures/engine.ts";

const engine = await createTestEngine();
const body = "secrets: [{ group: secret/data/team, key: api_key }]";
const app = createApp(engine, {
  ...{ surface: "management", preview: { token: "s3cret" } },
  renderMetrics: async () => ({ contentType: "text/plain; version=0.0.4", text: "a 1\n" }),
});
const preview = (headers: Record<string, string>) =>
  app.request("/preview", { method: "POST", headers, body });

describe("the management surface", () => {
  test.each([
    [{}, 401],
    [{ authorization: "Bearer wrong" }, 401],
    [{ authorization: "Bearer s3cre" }, 401],
    [{ authorization: "Bearer s3cret2" }, 401],
    [{ authorization: "s3cret" }, 401],
    [{ authorization: "Bearer s3cret" }, 200],
  ])("with the headers %j answers /preview with %i", async (headers, status) => {
    expect((await preview(headers as Record<string, string>)).status).toBe(status);
  });

  test("sends security headers with every answer, and no CORS headers", async () => {
    for (const path of ["/healthz", "/metrics", "/nothing", "/preview"]) {
      const { headers } = await app.request(path, { headers: { origin: "https://evil.example" } });
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
      expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
  });

  test("keeps a request's id, and makes one where there is none or a bad one", async () => {
    const id = async (given?: string) =>
      (
        await app.request("/healthz", given === undefined ? {} : { headers: { "x-request-id": given } })
      ).headers.get("x-request-id");
    expect(await id("abc-1")).toBe("abc-1");
    for (const bad of [undefined, "a b", "x".repeat(65), "<script>"]) {
      expect(await id(bad)).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  test("serves metrics, also where previews are switched off, and only there", async () => {
    const off = createApp(engine, {
      ...{ surface: "management", preview: { enabled: false } },
      renderMetrics: async () => ({ contentType: "text/plain", text: "a 1\n" }),
    });
    expect(await (await off.request("/metrics")).text()).toBe("a 1\n");
    expect((await off.request("/preview", { method: "POST", body })).status).toBe(404);
    const admission = createApp(engine, { surface: "admission" });
    expect((await admission.request("/metrics")).status).toBe(404);
  });
});

test("watchEnv forgets what was read, and keeps it for a reload", () => {
  const original: Record<string, string | undefined> = { PREVIEW_TOKEN: "s3cret", HOME: "/root" };
  const { env, forgetRead } = watchEnv(original);
  expect([Object.hasOwn(env, "PREVIEW_TOKEN"), env.PREVIEW_TOKEN, Object.hasOwn(env, "OTHER")]).toEqual([
    ...[true, "s3cret", false],
  ]);
  forgetRead(original);
  expect([original, env.PREVIEW_TOKEN]).toEqual([{ HOME: "/root" }, "s3cret"]);
});
