/** `/mutate` at its edges: what is answered by HTTP, what by the protocol, and what a defect comes to. */
import { describe, expect, test } from "bun:test";
import type { Engine } from "../../src/core/engine.ts";
import { createApp } from "../../src/http/app.ts";
import { toBudget } from "../../src/http/deadline.ts";
import { BODY_LIMIT } from "../../src/http/route/mutate.ts";
import { createTestEngine, podWith, secret } from "../fixtures/engine.ts";

const good = secret({ group: "secret/data/team", key: "api_key", group_version: "kv2" });
const reviewOf = (object: unknown, more: object = {}) => ({
  apiVersion: "admission.k8s.io/v1",
  kind: "AdmissionReview",
  request: { uid: "u-1", operation: "CREATE", namespace: "ns", object, ...more },
});

const app = createApp(await createTestEngine(), { surface: "admission" });
const post = (body: BodyInit, headers: Record<string, string> = { "content-type": "application/json" }) =>
  app.request("/mutate?timeout=10s", { method: "POST", headers, body });
const postReview = async (review: unknown) => (await post(JSON.stringify(review))).json();

describe("POST /mutate", () => {
  test("answers v1 with v1 and v1beta1 with v1beta1", async () => {
    for (const apiVersion of ["admission.k8s.io/v1", "admission.k8s.io/v1beta1"]) {
      expect(await postReview({ ...reviewOf(podWith([good])), apiVersion })).toMatchObject({
        apiVersion,
        kind: "AdmissionReview",
        response: { uid: "u-1", allowed: true, patchType: "JSONPatch" },
      });
    }
  });

  test("Flyte's own path answers alike", async () => {
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(reviewOf(podWith([good]))),
    };
    const [ours, flyte] = await Promise.all(
      ["/mutate", "/mutate--v1-pod"].map((path) => app.request(path, init)),
    );
    expect(await ours?.text()).toBe((await flyte?.text()) ?? "");
  });

  const refusals: readonly [name: string, body: BodyInit, status: number, code: string][] = [
    ["an empty body", "", 400, "http.body-empty"],
    ["blanks", " \n ", 400, "http.body-empty"],
    ["no JSON", "hello", 400, "http.body-not-json"],
    ["truncated JSON", '{"kind":"AdmissionReview"', 400, "http.body-not-json"],
    ["trailing JSON", "{} {}", 400, "http.body-not-json"],
    ["a list", "[]", 400, "review.kind"],
    ["null", "null", 400, "review.kind"],
    ["another kind", JSON.stringify({ ...reviewOf({}), kind: "Pod" }), 400, "review.kind"],
    [
      "another version",
      JSON.stringify({ ...reviewOf({}), apiVersion: "admission.k8s.io/v2" }),
      400,
      "review.kind",
    ],
    ["no request", JSON.stringify({ ...reviewOf({}), request: null }), 400, "review.request-missing"],
    ["no uid", JSON.stringify(reviewOf({}, { uid: undefined })), 400, "review.uid-missing"],
    ["an empty uid", JSON.stringify(reviewOf({}, { uid: "" })), 400, "review.uid-missing"],
    ["a uid that is a number", JSON.stringify(reviewOf({}, { uid: 1 })), 400, "review.uid-missing"],
    ["an oversized body", " ".repeat(BODY_LIMIT + 1), 413, "http.body-too-large"],
  ];

  test.each(refusals)("%s is refused outside the protocol", async (_, body, status, code) => {
    const response = await post(body);
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({
      status,
      code,
      title: expect.any(String),
      detail: expect.any(String),
    });
  });

  test("an oversized body without a length is refused", async () => {
    const chunk = new Uint8Array(1024 * 1024).fill(0x20);
    let left = 9;
    const body = new ReadableStream({
      pull: (controller) => (left-- > 0 ? controller.enqueue(chunk) : controller.close()),
    });
    expect((await post(body)).status).toBe(413);
  });

  test.each(["text/plain", "", "application/jsonp", "application/yaml"])(
    "content type %p is refused",
    async (type) => {
      const response = await post(
        new TextEncoder().encode("{}"),
        type === "" ? {} : { "content-type": type },
      );
      expect([response.status, await response.json()]).toMatchObject([415, { code: "http.media-type" }]);
    },
  );

  test.each(["Application/JSON", "application/json; charset=utf-8", "application/json;"])(
    "content type %p is accepted",
    async (type) => {
      const response = await post(JSON.stringify(reviewOf(podWith([]))), { "content-type": type });
      expect(response.status).toBe(200);
    },
  );

  test("another method is refused, with those allowed", async () => {
    const response = await app.request("/mutate");
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test("the management surface has no /mutate, the admission surface no /preview", async () => {
    const management = createApp(await createTestEngine(), { surface: "management" });
    const statuses = [
      await management.request("/mutate", { method: "POST" }),
      await app.request("/preview", { method: "POST" }),
    ].map(({ status }) => status);
    expect(statuses).toEqual([404, 404]);
  });

  test("a refusal is in the protocol: allowed false, code and reason", async () => {
    expect(await postReview(reviewOf(podWith([secret({ key: "k" })])))).toMatchObject({
      response: {
        uid: "u-1",
        allowed: false,
        status: { status: "Failure", code: 400, reason: "BadRequest" },
      },
    });
  });

  test("issues that do not refuse become warnings, within the API server's limits", async () => {
    const many = Array.from({ length: 40 }, (_, i) => secret({ group: `Team-${i}`, key: "K".repeat(60) }));
    const { response } = (await postReview(reviewOf(podWith(many)))) as { response: { warnings: string[] } };
    expect(response.warnings.every(({ length }) => length <= 256)).toBe(true);
    expect(response.warnings.join("").length).toBeLessThanOrEqual(2_000);
    expect(response.warnings.at(-1)).toMatch(/^and \d+ more$/);
  });

  test("a defect refuses the pod without telling anything internal, and is reported", async () => {
    const defects: unknown[] = [];
    const broken: Engine = {
      hash: "",
      review: () => {
        throw new Error("internal detail");
      },
      close: async () => {},
    };
    const failing = createApp(broken, { surface: "admission", reportDefect: (error) => defects.push(error) });
    const body = JSON.stringify(reviewOf(podWith([good])));
    const headers = { "content-type": "application/json" };
    const response = await failing.request("/mutate", { method: "POST", headers, body });
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ response: { allowed: false, status: { code: 500 } } });
    expect(text).not.toContain("internal detail");
    expect(defects).toHaveLength(1);
  });

  test("a request keeps the engine it began with", async () => {
    let engine = await createTestEngine();
    const swapping = createApp(() => engine, { surface: "admission" });
    const send = async () => {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify(reviewOf(podWith([good])));
      const response = await swapping.request("/mutate", { method: "POST", headers, body });
      return ((await response.json()) as { response: { auditAnnotations: { config: string } } }).response
        .auditAnnotations.config;
    };
    const first = send();
    const before = engine.hash;
    engine = { ...(await createTestEngine()), hash: "other" };
    expect(await first).toBe(before);
  });
});

describe("toBudget", () => {
  test.each([
    ["10s", 8_000],
    ["30s", 24_000],
    ["3s", 2_000],
    ["1s", 200],
    [undefined, 8_000],
    ["nonsense", 8_000],
  ])("of %p is %i ms", (timeout, budget) => expect(toBudget(timeout)).toBe(budget));
});

describe("health", () => {
  test("GET /healthz and /readyz answer on both surfaces", async () => {
    const readiness = () => [
      { name: "config", ok: true, detail: "abc" },
      { name: "listeners", ok: false, detail: "starting" },
    ];
    const management = createApp(await createTestEngine(), { surface: "management", readiness });
    expect((await app.request("/healthz")).status).toBe(200);
    expect((await app.request("/readyz")).status).toBe(200);
    const unready = await management.request("/readyz");
    expect([unready.status, await unready.json()]).toEqual([
      503,
      {
        ready: false,
        checks: { config: { ok: true, detail: "abc" }, listeners: { ok: false, detail: "starting" } },
      },
    ]);
  });
});
