/** The OpenAPI document: current, valid, and true: its examples are posted, its refusals provoked, its client is run. */
import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import * as v from "valibot";
import committed from "../../config/openapi.json" with { type: "json" };
import { httpIssues } from "../../src/core/issue/http.ts";
import { createApp } from "../../src/http/app.ts";
import { schemas } from "../../src/http/openapi/schema.ts";
import { createTestEngine, podWith, secret } from "../fixtures/engine.ts";
import { previewSecrets } from "./client/example.ts";
import { apps, postPreview, postReview, renderCurrent, TOKEN } from "./openapi.ts";

const UPDATE = "bun test/http/update-openapi.ts";

/** The part of the document that these tests read. */
const Content = v.record(
  v.string(),
  v.object({ examples: v.optional(v.record(v.string(), v.object({ value: v.unknown() })), {}) }),
);
const Operation = v.object({
  requestBody: v.optional(v.object({ content: Content })),
  responses: v.record(v.string(), v.object({ content: v.optional(Content, {}) })),
});
const Document = v.object({
  paths: v.record(v.string(), v.object({ get: v.optional(Operation), post: v.optional(Operation) })),
});
const { paths } = v.parse(Document, committed);
type Method = "get" | "post";

const examplesOf = (content: v.InferOutput<typeof Content> | undefined, type: string) =>
  Object.entries(content?.[type]?.examples ?? {}).map(([name, { value }]) => [name, value] as const);
const operations = Object.entries(paths).flatMap(([path, { get, post }]) => [
  ...(get ? [{ path, method: "get" as Method, ...get }] : []),
  ...(post ? [{ path, method: "post" as Method, ...post }] : []),
]);
const refusals = operations.flatMap(({ path, method, responses }) =>
  Object.entries(responses).flatMap(([status, { content }]) =>
    examplesOf(content, "application/problem+json").map(([code, value]) => ({
      path,
      method,
      status,
      code,
      value,
    })),
  ),
);

describe("config/openapi.json", () => {
  test(`is what the code generates; if not: ${UPDATE}`, async () => {
    expect(JSON.stringify(committed, null, 2)).toBe((await renderCurrent()).trimEnd());
  });

  test("is valid OpenAPI 3.1", async () => {
    expect(await new Validator().validate(structuredClone(committed))).toEqual({ valid: true });
  });

  test("is served as it is, on the management listener only", async () => {
    const response = await apps.management.request("/openapi.json");
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(await response.json()).toEqual(committed);
    expect((await apps.admission.request("/openapi.json")).status).toBe(404);
  });

  test(`has every route of the app, and only those (src/http/openapi/document.ts, then ${UPDATE})`, async () => {
    const loadPage = async () => undefined;
    const renderMetrics = async () => ({ contentType: "text/plain", text: "" });
    const engine = await createTestEngine();
    const served = [
      createApp(engine, { surface: "management", loadPage, renderMetrics }),
      createApp(engine, { surface: "admission" }),
    ].flatMap(({ routes }) => routes.map(({ path }) => path).filter((path) => !path.includes("*")));
    expect(Object.keys(paths).sort()).toEqual([...new Set(served)].sort());
  });

  test("has every issue of HTTP that is answered", () => {
    const documented = JSON.stringify(committed);
    const missing = Object.keys(httpIssues).filter((code) => !documented.includes(`"${code}"`));
    // What only the log tells.
    expect(missing).toEqual(["http.not-bound"]);
  });
});

describe("an example", () => {
  const { post } = paths["/preview"] ?? {};
  test.each(examplesOf(post?.requestBody?.content, "application/json"))(
    "of /preview, %s, gets the documented answer",
    async (name, value) => {
      const response = await postPreview(JSON.stringify(value));
      const answer: unknown = await response.json();
      expect(response.status).toBe(200);
      expect(v.is(schemas.PreviewAnswer, answer)).toBe(true);
      expect(answer).toEqual(post?.responses[200]?.content["application/json"]?.examples[name]?.value);
    },
  );

  test.each(examplesOf(post?.requestBody?.content, "application/yaml"))(
    "of /preview in YAML, %s, gets the documented answer",
    async (name, value) => {
      const response = await postPreview(String(value), { accept: "application/yaml" });
      const documented = post?.responses[200]?.content["application/yaml"]?.examples[name]?.value;
      expect([response.status, await response.text()]).toEqual([200, String(documented)]);
    },
  );

  test.each(examplesOf(paths["/mutate"]?.post?.requestBody?.content, "application/json"))(
    "of /mutate, %s, gets the documented answer",
    async (name, value) => {
      const response = await postReview(JSON.stringify(value));
      const answer: unknown = await response.json();
      expect(v.is(schemas.AdmissionReview, answer)).toBe(true);
      expect(answer).toEqual(
        paths["/mutate"]?.post?.responses[200]?.content["application/json"]?.examples[name]?.value,
      );
    },
  );

  test.each(refusals)(
    "of a refusal, $code ($status) of $method $path, is a problem",
    ({ status, code, value }) => {
      expect(v.parse(schemas.Problem, value)).toMatchObject({ status: Number(status), code });
    },
  );
});

describe("a refusal that the app answers", () => {
  const json = { "content-type": "application/json" };
  const token = { authorization: `Bearer ${TOKEN}` };
  const { management, admission } = apps;
  const provoked: readonly [path: string, method: Method, answer: () => Response | Promise<Response>][] = [
    ["/preview", "post", () => postPreview("")],
    ["/preview", "post", () => management.request("/preview", { method: "POST", body: "x" })],
    ["/preview", "post", () => postPreview(" ".repeat(1024 * 1024 + 1))],
    ["/preview", "post", () => postPreview("secrets: [{}]", { accept: "application/yaml" })],
    ["/preview", "post", () => management.request("/preview")],
    [
      "/preview",
      "post",
      () => management.request("http://evil.example/preview", { method: "POST", headers: token }),
    ],
    [
      "/preview",
      "post",
      async () => {
        const open = createApp(await createTestEngine(), { surface: "management" });
        return open.request("/preview", { method: "POST", body: "{ secrets: [{ group: g }], config: {} }" });
      },
    ],
    ["/openapi.json", "get", () => management.request("http://evil.example/openapi.json")],
    ["/openapi.json", "get", () => management.request("/openapi.json", { method: "POST" })],
    ["/healthz", "get", () => management.request("/healthz", { method: "DELETE" })],
    ["/mutate", "post", () => postReview("")],
    ["/mutate", "post", () => postReview("{")],
    ["/mutate", "post", () => postReview("[".repeat(300_000))],
    [
      "/mutate",
      "post",
      () => postReview(`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{}}`),
    ],
    ["/mutate", "post", () => postReview(" ".repeat(7 * 1024 * 1024 + 1))],
    ["/mutate", "post", () => admission.request("/mutate", { method: "POST", body: "{}", headers: {} })],
    ["/mutate", "post", () => admission.request("/mutate", { method: "PUT", body: "{}", headers: json })],
  ];

  test.each(provoked)("by %s (%s) has a documented status and code", async (path, method, answer) => {
    const response = await answer();
    const problem = v.parse(schemas.Problem, await response.json());
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(problem.status).toBe(response.status);
    const documented = refusals.filter((each) => each.path === path && each.method === method);
    expect(documented.map(({ status, code }) => `${status} ${code}`)).toContain(
      `${response.status} ${problem.code}`,
    );
  });
});

describe("the schemas", () => {
  test("take the answer to every kind of outcome, and nothing beyond what it has", async () => {
    const bodies = [
      podWith([secret({ group: "secret/data/team", key: "api-key", group_version: "kv2" })]),
      podWith([secret({ key: "k" })]),
      podWith([secret({ group: "db/creds/x", key: "k", group_version: "db" })], {
        "vault.hashicorp.com/role": "own",
        "vault.hashicorp.com/agent-inject-contaners": "x",
      }),
      podWith([]),
    ];
    for (const body of bodies) {
      const answer = await (await postPreview(JSON.stringify(body))).json();
      expect(v.safeParse(schemas.PreviewAnswer, answer).issues).toBeUndefined();
      expect(v.is(schemas.PreviewAnswer, { ...Object(answer), more: 1 })).toBe(false);
    }
  });
});

describe("the client", () => {
  test(`has the types of the document; if not: ${UPDATE}`, async () => {
    const printed = spawnSync(process.execPath, ["test/http/update-openapi.ts", "--print"], {
      ...{ cwd: join(import.meta.dir, "../.."), encoding: "utf8" },
    });
    expect(printed.stdout).toBe(await Bun.file(new URL("./client/api.ts", import.meta.url)).text());
  }, 60_000);

  test("gets the documented answers and problems", async () => {
    const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: apps.management.fetch });
    try {
      const form = { secrets: [{ group: "secret/data/team", key: "token" }] };
      const good = await previewSecrets(server.url.href, form, TOKEN);
      expect(good.ok && good.answer.results.map(({ allowed }) => allowed)).toEqual([true]);
      const refused = await previewSecrets(server.url.href, form);
      expect(!refused.ok && refused.problem.code).toBe("http.token");
    } finally {
      await server.stop();
    }
  });
});
