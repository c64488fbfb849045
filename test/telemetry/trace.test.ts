/** Traces, taken in by a collector of the test's own. */
import { afterAll, describe, expect, test } from "bun:test";
import { readExportSettings } from "../../src/telemetry/otel-env.ts";
import { createTracer } from "../../src/telemetry/trace.ts";
import { createTestEngine, podWith, secret } from "../fixtures/engine.ts";

interface Export {
  readonly path: string;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: whatever arrives is compared with what was wanted
  readonly body: any;
}
const exports: Export[] = [];
const collector = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: async (request) => {
    exports.push({
      path: new URL(request.url).pathname,
      headers: request.headers,
      body: await request.json(),
    });
    return new Response("{}", { status: request.headers.has("x-refuse") ? 503 : 200 });
  },
});
afterAll(() => collector.stop(true));
const endpoint = `http://127.0.0.1:${collector.port}`;

const engine = await createTestEngine();
const request = {
  ...{ uid: "u-1", operation: "CREATE", namespace: "ns", dryRun: false },
  object: podWith([secret({ group: "secret/data/team", key: "k", group_version: "kv2" })]),
};
const review = { request, outcome: await engine.review(request), start: performance.now(), ms: 1.5 };
const PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

async function run(env: Record<string, string>, traceparent: string | null = null) {
  exports.length = 0;
  const failures: string[] = [];
  const tracer = createTracer({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env }, (why) => failures.push(why));
  tracer.record({ ...review, traceparent });
  await tracer.close();
  const spans = exports.flatMap(({ body }) => body.resourceSpans[0].scopeSpans[0].spans);
  return { spans, failures };
}

describe("createTracer", () => {
  test("exports a span as OTLP/JSON, with resource and headers", async () => {
    const { spans } = await run({
      ...{ OTEL_SERVICE_NAME: "webhook", OTEL_RESOURCE_ATTRIBUTES: "k8s.pod.name=a%20b,broken" },
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20x",
    });
    expect(exports[0]?.path).toBe("/v1/traces");
    expect(exports[0]?.headers.get("authorization")).toBe("Bearer x");
    expect(exports[0]?.body.resourceSpans[0].resource.attributes).toEqual([
      { key: "k8s.pod.name", value: { stringValue: "a b" } },
      { key: "service.name", value: { stringValue: "webhook" } },
    ]);
    expect(spans[0]).toMatchObject({
      ...{
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
        spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      },
      ...{ name: "POST /mutate", kind: 2 },
      attributes: expect.arrayContaining([
        { key: "flyte_vault_webhook.result", value: { stringValue: "patched" } },
        { key: "flyte_vault_webhook.code", value: { intValue: "200" } },
      ]),
    });
    const nanos = BigInt(spans[0].endTimeUnixNano) - BigInt(spans[0].startTimeUnixNano);
    expect(Number(nanos) / 1e6).toBeCloseTo(1.5, 1);
    expect(Math.abs(Number(spans[0].startTimeUnixNano.slice(0, -6)) - Date.now())).toBeLessThan(60_000);
  });

  test("continues the API server's trace, and follows its sampling", async () => {
    const { spans } = await run({}, PARENT);
    expect(spans[0]).toMatchObject({
      ...{ traceId: "0af7651916cd43dd8448eb211c80319c", parentSpanId: "b7ad6b7169203331" },
    });
    expect((await run({}, PARENT.replace(/01$/, "00"))).spans).toEqual([]);
    expect((await run({}, "garbage")).spans).toHaveLength(1);
  });

  test.each([
    ["always_off", undefined, 0],
    ["always_on", undefined, 1],
    ["traceidratio", "0", 0],
    ["parentbased_traceidratio", "1", 1],
  ])("with the sampler %s (%p) exports %i", async (name, argument, count) => {
    const { spans } = await run({
      OTEL_TRACES_SAMPLER: name,
      ...(argument && { OTEL_TRACES_SAMPLER_ARG: argument }),
    });
    expect(spans).toHaveLength(count);
  });

  test("says why spans were lost, and goes on", async () => {
    expect((await run({ OTEL_EXPORTER_OTLP_HEADERS: "x-refuse=1" })).failures).toEqual([
      `${endpoint}/v1/traces answered 503`,
    ]);
    expect((await run({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" })).failures).toHaveLength(1);
  });
});

test("readExportSettings takes the traces' own endpoint as it is", () => {
  const env = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://c/x", OTEL_EXPORTER_OTLP_ENDPOINT: "http://d" };
  expect(readExportSettings(env).url).toBe("http://c/x");
  expect(readExportSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://d/" }).url).toBe("http://d/v1/traces");
});
