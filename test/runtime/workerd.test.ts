/** The app's `fetch` on workerd, byte for byte what it answers here. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { podWith, secret } from "../fixtures/engine.ts";
import { goldenAdmissions } from "../fixtures/golden.ts";
import { type Served, serveOnWorkerd } from "./workerd/start.ts";
import worker from "./workerd/worker.ts";

let served: Served;
beforeAll(async () => {
  served = await serveOnWorkerd();
});
afterAll(() => served.stop());

/** Asks workerd and this process the same. */
async function askBoth(path: string, init: RequestInit) {
  const tell = async (response: Response) => ({
    status: response.status,
    type: response.headers.get("content-type"),
    text: await response.text(),
  });
  const there = await tell(await fetch(new URL(path, served.url), init));
  const here = await tell(await worker.fetch(new Request(new URL(path, served.url), init)));
  return { there, here };
}

describe("workerd", () => {
  test("needs no module that a browser has not", () => expect(served.imports).toEqual([]));

  test.each(goldenAdmissions.map((row) => [row.name, row] as const))("answers %s as here", async (_, row) => {
    const body = row.body_b64 === undefined ? row.body : Uint8Array.fromBase64(row.body_b64);
    const { there, here } = await askBoth(row.path, {
      method: row.method,
      headers: {
        "content-type": row.content_type,
        "x-config": JSON.stringify({ webhook: { vaultSecretManager: row.config } }),
      },
      ...(row.method !== "GET" && body !== undefined && { body }),
    });
    expect(there).toEqual(here);
  });

  test("patches a pod", async () => {
    const object = podWith([secret({ group: "secret/data/team", key: "api_key", group_version: "kv2" })]);
    const review = { uid: "u-1", operation: "CREATE", namespace: "ns", object };
    const { there, here } = await askBoth("/mutate?timeout=10s", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request: review }),
    });
    expect(there).toEqual(here);
    expect(JSON.parse(there.text).response).toMatchObject({
      uid: "u-1",
      allowed: true,
      patchType: "JSONPatch",
    });
  });

  test("previews", async () => {
    const body = "secrets: [{ group: secret/data/team, key: api_key }]";
    const init = { method: "POST", headers: { accept: "application/yaml" }, body };
    const { there, here } = await askBoth("/preview", init);
    expect(there).toEqual(here);
    expect(there.status).toBe(200);
    expect(there.text).toContain("agent-inject-secret-");
  });
});
