/** `/preview` over HTTP: input forms, output forms, the token, the limits, and that it says what `/mutate` does. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import fastJsonPatch from "fast-json-patch";
import { parseConfig } from "../../src/config/parse.ts";
import { createEngine } from "../../src/host/engine.ts";
import { type AppOptions, createApp } from "../../src/http/app.ts";
import { createTestEngine, podWith, secret } from "../fixtures/engine.ts";

const engine = await createTestEngine();
const good = secret({ group: "secret/data/team", key: "api_key", group_version: "kv2" });

const createCandidate: NonNullable<AppOptions["createCandidate"]> = async (candidate) => {
  const parsed = parseConfig(candidate as object);
  return parsed.ok ? createEngine(parsed.value) : parsed;
};

function preview(body: string, headers: Record<string, string> = {}, options: Partial<AppOptions> = {}) {
  const app = createApp(engine, { surface: "management", ...options });
  return app.request("/preview", { method: "POST", headers, body });
}

interface Result {
  allowed: boolean;
  kind: string;
  namespace: string;
  patch: fastJsonPatch.Operation[];
  requests: { group: string; files: { path: string }[] }[];
  warnings: string[];
}

async function resultsOf(response: Response | Promise<Response>): Promise<Result[]> {
  const answer = (await (await response).json()) as { results: Result[] };
  return answer.results;
}

const PLAIN = "secrets: [{ group: secret/data/team, key: api_key }]";
const DEPLOYMENT = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "shop" },
  spec: { template: { metadata: podWith([good]).metadata, spec: podWith([good]).spec } },
};

describe("POST /preview", () => {
  test("the plain form lists the request, its file and who set what", async () => {
    const response = await preview(PLAIN);
    expect(response.status).toBe(200);
    const answer = await response.json();
    expect(answer).toMatchObject({
      version: 1,
      configHash: engine.hash,
      results: [{ kind: "Pod", allowed: true }],
    });
    expect(answer).toMatchObject({
      results: [{ requests: [{ group: "secret/data/team", files: [{ path: "secret/data/team/api_key" }] }] }],
    });
  });

  test("a Deployment in YAML comes back as YAML, mutated", async () => {
    const response = await preview(JSON.stringify(DEPLOYMENT), { accept: "application/yaml" });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/yaml"]);
    expect(await response.text()).toContain("agent-inject-secret-");
  });

  test("the patch applies to the given document", async () => {
    const [result] = await resultsOf(preview(JSON.stringify(DEPLOYMENT)));
    const { newDocument } = fastJsonPatch.applyPatch(
      structuredClone(DEPLOYMENT),
      result?.patch ?? [],
      true,
      false,
    );
    expect(JSON.stringify(newDocument.spec.template)).toContain("agent-inject-secret-");
    expect(result).toMatchObject({ kind: "Deployment", namespace: "shop" });
  });

  test("a refused pod is HTTP 200 as JSON, with what could be read, and 422 as YAML", async () => {
    const bad = JSON.stringify(podWith([good, secret({ key: "k" })]));
    const [result] = await resultsOf(preview(bad));
    expect(result).toMatchObject({
      allowed: false,
      requests: [{ group: "secret/data/team" }, { group: "" }],
    });
    const yaml = await preview(bad, { accept: "application/yaml" });
    expect([yaml.status, await yaml.json()]).toMatchObject([422, { code: "http.refused" }]);
  });

  test.each([
    ["unreadable YAML", "{", 400],
    ["nothing", "", 400],
    ["over 1 MiB", " ".repeat(1024 * 1024 + 1), 413],
    [
      "over 100 objects",
      Array.from({ length: 101 }, () => JSON.stringify(podWith([good]))).join("\n---\n"),
      400,
    ],
  ])("%s is refused", async (_, body, status) => {
    const response = await preview(body);
    expect([response.status, response.headers.get("content-type")]).toEqual([
      status,
      "application/problem+json",
    ]);
  });

  test("previews at the same time wait for each other, and only so many", async () => {
    const app = createApp(engine, { surface: "management" });
    const body = JSON.stringify(podWith([good]));
    const send = () => app.request("/preview", { method: "POST", body });
    const responses = await Promise.all(Array.from({ length: 35 }, send));
    const [refused] = responses.filter(({ status }) => status !== 200);
    expect(responses.map(({ status }) => status).toSorted()).toEqual([
      ...Array.from({ length: 32 }, () => 200),
      ...[503, 503, 503],
    ]);
    expect([refused?.headers.get("retry-after"), await refused?.json()]).toMatchObject([
      "1",
      { code: "http.busy" },
    ]);
    expect((await send()).status).toBe(200);
  });

  test("a body that does not arrive keeps no other preview waiting", async () => {
    const app = createApp(engine, { surface: "management" });
    for (let i = 0; i < 5; i++) {
      const body = new ReadableStream<Uint8Array>({
        start: (stream) => stream.enqueue(new Uint8Array([0x7b])),
      });
      void app.request("/preview", { method: "POST", body });
    }
    const start = performance.now();
    const body = JSON.stringify(podWith([good]));
    expect((await app.request("/preview", { method: "POST", body })).status).toBe(200);
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  test.each([
    ["within", 100, 200],
    ["over", 1024 * 1024, 413],
  ])("a body without a length is read in pieces: %s the limit", async (_, padding, status) => {
    const text = `${JSON.stringify(podWith([good]))}${" ".repeat(padding)}`;
    const parts = text.match(/[\s\S]{1,1000}/g) ?? [];
    const body = new ReadableStream<Uint8Array>({
      pull: (stream) => {
        const part = parts.shift();
        if (part === undefined) stream.close();
        else stream.enqueue(new TextEncoder().encode(part));
      },
    });
    const app = createApp(engine, { surface: "management" });
    expect((await app.request("/preview", { method: "POST", body })).status).toBe(status);
  });

  test("preview.enabled: false takes it away", async () => {
    expect((await preview(PLAIN, {}, { preview: { enabled: false } })).status).toBe(404);
  });
});

describe("the preview token", () => {
  const token = "a-long-token";
  const options = { preview: { token }, createCandidate };
  const candidate = `${PLAIN}\nconfig: { webhook: { vaultSecretManager: { role: candidate } } }`;

  test("closes the door to everybody else", async () => {
    expect((await preview(PLAIN, {}, options)).status).toBe(401);
    expect((await preview(PLAIN, { authorization: "Bearer wrong" }, options)).status).toBe(401);
    expect((await preview(PLAIN, { authorization: `Bearer ${token}` }, options)).status).toBe(200);
  });

  test("is needed for a candidate configuration", async () => {
    expect((await preview(candidate, {}, { createCandidate })).status).toBe(403);
    const response = await preview(candidate, { authorization: `Bearer ${token}` }, options);
    expect(await response.text()).toContain('"value":"candidate"');
  });

  test("is not needed for a candidate on a listener that only this machine reaches, but for other sites' pages", async () => {
    const local = { preview: { isLocal: true }, createCandidate };
    for (const [site, status] of [
      [undefined, 200],
      ["same-origin", 200],
      ["none", 200],
      ["cross-site", 403],
      ["same-site", 403],
      ["new-word", 403],
    ] as const) {
      const headers: Record<string, string> = site === undefined ? {} : { "sec-fetch-site": site };
      expect([site, (await preview(candidate, headers, local)).status]).toEqual([site, status]);
    }
  });

  test("a candidate beside other documents leaves no trace in the mutated YAML", async () => {
    const text = `apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: {}\n---\nconfig: { version: 1 }\n`;
    const headers = { authorization: `Bearer ${token}`, accept: "application/yaml" };
    const response = await preview(text, headers, options);
    expect([response.status, await response.text()]).toEqual([
      200,
      expect.stringContaining("apiVersion: v1"),
    ]);
    expect(await (await preview(text, headers, options)).text()).not.toContain("config:");
  });

  test("a bad candidate configuration is refused with its issues", async () => {
    const bad = `${PLAIN}\nconfig: { policy: { idz: stable } }`;
    const response = await preview(bad, { authorization: `Bearer ${token}` }, options);
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { code: expect.stringMatching(/^config\./) },
    ]);
  });
});

describe("/preview and /mutate", () => {
  const admission = createApp(engine, { surface: "admission" });
  const name = fc.string({ unit: fc.constantFrom(..."abZ09-._/ #é{}\n"), maxLength: 8 });
  const anySecret = fc.record({
    group: name,
    key: name,
    group_version: fc.constantFrom("", "kv1", "db"),
    env_var: fc.constant(""),
    mount_requirement: fc.constantFrom(0, 1, 2),
  });

  test("agree for every pod", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anySecret, { maxLength: 4 }), async (secrets) => {
        const pod = podWith(secrets);
        const request = { uid: "u", operation: "CREATE", namespace: pod.metadata.namespace, object: pod };
        const review = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request };
        const headers = { "content-type": "application/json" };
        const init = { method: "POST", headers, body: JSON.stringify(review) };
        const mutated = (await (await admission.request("/mutate", init)).json()) as {
          response: { allowed: boolean; patch?: string; warnings?: string[] };
        };
        const [previewed] = await resultsOf(preview(JSON.stringify(pod)));
        const { allowed, patch, warnings = [] } = mutated.response;
        expect(previewed).toMatchObject({ allowed, warnings });
        expect(previewed?.patch).toEqual(patch === undefined ? [] : JSON.parse(atob(patch)));
      }),
      { numRuns: 300 },
    );
  });
});
