/** The HTTP level: Flyte's own exchanges, and the deliberate differences 8, 9, 14, 16 and 17 of docs/differences.md. */
import { describe, expect, test } from "bun:test";
import fastJsonPatch from "fast-json-patch";
import * as v from "valibot";
import { createApp } from "../../src/http/app.ts";
import { createTestEngine, settingsOf } from "../fixtures/engine.ts";
import { type GoldenAdmission, goldenAdmissions } from "../fixtures/golden.ts";
import { toSemantics } from "../fixtures/semantics.ts";

const Answer = v.object({
  apiVersion: v.string(),
  kind: v.literal("AdmissionReview"),
  response: v.object({
    uid: v.string(),
    allowed: v.boolean(),
    status: v.optional(v.object({ code: v.number(), reason: v.string(), message: v.string() })),
    patchType: v.optional(v.literal("JSONPatch")),
    patch: v.optional(v.string()),
  }),
});

const Annotated = v.object({ metadata: v.object({ annotations: v.record(v.string(), v.string()) }) });

const FlyteAnswer = v.object({ response: v.object({ allowed: v.boolean() }) });

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function bodyOf({ body, body_b64 }: GoldenAdmission): string {
  return body ?? Buffer.from(body_b64 ?? "", "base64").toString();
}

async function exchange(row: GoldenAdmission): Promise<Response> {
  const app = createApp(await createTestEngine(settingsOf(row.config)), { surface: "admission" });
  const headers = { "content-type": row.content_type };
  return app.request(row.path, { method: row.method, headers, body: bodyOf(row) });
}

const reviewOf = (row: GoldenAdmission) =>
  parse(bodyOf(row)) as {
    apiVersion?: string;
    request?: { uid?: string; operation?: string; object?: unknown };
  };

const mediaType = (row: GoldenAdmission) => row.content_type.split(";")[0]?.trim().toLowerCase();

/** Rules 9 and 16: what has no uid to answer to is refused by HTTP itself. */
const isOutsideProtocol = (row: GoldenAdmission) =>
  mediaType(row) !== "application/json" ||
  !/^admission\.k8s\.io\/v1(beta1)?$/.test(reviewOf(row)?.apiVersion ?? "") ||
  !reviewOf(row)?.request?.uid;

/** Rule 16: media types are compared without case. */
const isCaseOnly = (row: GoldenAdmission) =>
  row.content_type.toLowerCase() === "application/json" && row.content_type !== "application/json";

const OURS = /^FLYTE_SECRETS_(FILE_PREFIX|DEFAULT_DIR)$/;

/** Rule 14. */
const isNoCreation = (row: GoldenAdmission) => (reviewOf(row)?.request?.operation ?? "CREATE") !== "CREATE";

const outside = goldenAdmissions.filter(isOutsideProtocol);
const unpatched = goldenAdmissions.filter((row) => !isOutsideProtocol(row) && isNoCreation(row));
const answered = goldenAdmissions.filter((row) => !isOutsideProtocol(row) && !isNoCreation(row));

describe("golden admission.jsonl", () => {
  test("the rules select rows", () => {
    expect(outside.length).toBeGreaterThan(0);
    expect(goldenAdmissions.filter(isCaseOnly).length).toBeGreaterThan(0);
    expect(answered.length).toBeGreaterThan(0);
  });

  test.each(outside.map((row) => [row.name, row] as const))("rules 9 and 16: %s", async (_, row) => {
    const response = await exchange(row);
    expect(response.status).toBe(mediaType(row) === "application/json" ? 400 : 415);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({ code: expect.stringMatching(/^(http|review)\./) });
  });

  test.each(unpatched.map((row) => [row.name, row] as const))("rule 14: %s", async (_, row) => {
    const { response } = v.parse(Answer, await (await exchange(row)).json());
    expect(response).toMatchObject({ allowed: true });
    expect(response.patch).toBeUndefined();
  });

  test.each(answered.map((row) => [row.name, row] as const))("%s", async (_, row) => {
    const http = await exchange(row);
    expect(http.status).toBe(200);
    expect(http.headers.get("content-type")).toBe("application/json");
    const { apiVersion, response } = v.parse(Answer, await http.json());
    const { request, apiVersion: asked } = reviewOf(row);
    expect([apiVersion, response.uid]).toEqual([asked ?? "", request?.uid ?? ""]);
    const { patched_object, response: flyte } = row.expected;
    const allowed =
      patched_object !== undefined || isCaseOnly(row) || v.parse(FlyteAnswer, flyte).response.allowed;
    expect(response.allowed).toBe(allowed);
    // Rule 17: Flyte's codes are 400 or, after a panic (rule 8), 500; ours say what the pod's author can do.
    if (!allowed) expect(response.status).toMatchObject({ code: 400, reason: "BadRequest" });
    if (!patched_object) return expect(response.patch === undefined).toBe(!isCaseOnly(row));
    const patch = JSON.parse(atob(response.patch ?? ""));
    const given = v.parse(Annotated, request?.object).metadata.annotations;
    const { newDocument } = fastJsonPatch.applyPatch(structuredClone(request?.object), patch, true, false);
    const wanted = toSemantics(patched_object, given);
    // Rule 10: all earlier variables of our names go; Flyte removes the first.
    const env = wanted.env.map((list) => list.filter(({ name }, i) => i < 2 || !OURS.test(name)));
    expect(toSemantics(newDocument, given)).toEqual({ ...wanted, env });
  });
});
