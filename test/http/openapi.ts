/** The OpenAPI document as the code generates it now, with the answers that the app gives to its examples. */
import manifest from "../../package.json" with { type: "json" };
import { parseConfig } from "../../src/config/parse.ts";
import { createEngine } from "../../src/host/engine.ts";
import { createApp } from "../../src/http/app.ts";
import { MOST_IN_FLIGHT } from "../../src/http/intake.ts";
import { renderOpenApi } from "../../src/http/openapi/document.ts";
import {
  candidateExample,
  previewExamples,
  reviewExample,
  yamlExample,
} from "../../src/http/openapi/examples.ts";
import { BODY_LIMIT } from "../../src/http/route/mutate.ts";
import { createTestEngine } from "../fixtures/engine.ts";

/** The token of these apps. */
export const TOKEN = "a-token";
const engine = await createTestEngine();

/** Apps with the default configuration. */
export const apps = {
  management: createApp(engine, {
    ...{ surface: "management", preview: { token: TOKEN } },
    createCandidate: async (config) => {
      const parsed = parseConfig(config as object);
      return parsed.ok ? createEngine(parsed.value) : parsed;
    },
  }),
  admission: createApp(engine, { surface: "admission" }),
};

/** Posts to `/preview` with the token. */
export function postPreview(body: string, headers: Record<string, string> = {}) {
  const sent = { "content-type": "application/json", authorization: `Bearer ${TOKEN}`, ...headers };
  return apps.management.request("/preview", { method: "POST", body, headers: sent });
}

/** Posts to `/mutate`. */
export function postReview(body: string) {
  const headers = { "content-type": "application/json" };
  return apps.admission.request("/mutate?timeout=10s", { method: "POST", body, headers });
}

/** Renders the document. */
export async function renderCurrent(): Promise<string> {
  const examples = Object.entries({ ...previewExamples, candidate: candidateExample });
  const answers = await Promise.all(
    examples.map(async ([name, { value }]) => [
      name,
      await (await postPreview(JSON.stringify(value))).json(),
    ]),
  );
  return renderOpenApi({
    version: manifest.version,
    license: manifest.license,
    admission: { limit: BODY_LIMIT, maxInFlight: MOST_IN_FLIGHT },
    answers: Object.fromEntries(answers),
    yamlAnswer: await (await postPreview(yamlExample, { accept: "application/yaml" })).text(),
    reviewAnswer: await (await postReview(JSON.stringify(reviewExample))).json(),
  });
}
