/** `POST /preview`: what would this pod get, and who decided each line? */
import type { Context } from "hono";
import type { Engine } from "../core/engine.ts";
import { httpIssues } from "../core/issue/http.ts";
import { type PreviewAnswer, previewDocuments, renderMutatedYaml } from "../core/preview/answer.ts";
import { type PreviewInput, readPreviewInput } from "../core/preview/input.ts";
import { type Result, success } from "../core/result.ts";
import type { AppOptions } from "./app.ts";
import { respondProblem } from "./problem.ts";

/** Longest body. */
export const PREVIEW_LIMIT = 1024 * 1024;

/** An engine for one preview, and what to do when it is over. */
interface Borrowed {
  readonly engine: Engine;
  readonly giveBack: () => Promise<void>;
}

/**
 * Creates the handler. Previews are made one at a time, and others run between two objects, so that no preview delays
 * an admission.
 */
export function createPreview(
  getEngine: () => Engine,
  options: AppOptions,
): (c: Context) => Promise<Response> {
  let busy = false;
  return async (c) => {
    const token = options.preview?.token;
    const trusted = token !== undefined && (await isBearer(c.req.header("authorization"), token));
    if (token !== undefined && !trusted)
      return respondProblem(c, 401, httpIssues["http.token"]({}), UNAUTHORIZED);
    if (busy) return respondProblem(c, 503, httpIssues["http.busy"]({}), { "retry-after": "1" });
    busy = true;
    try {
      return await answerPreview(c, getEngine, trusted ? options.createCandidate : undefined);
    } finally {
      busy = false;
    }
  };
}

const encoder = new TextEncoder();
const UNAUTHORIZED = { "www-authenticate": "Bearer" };

async function answerPreview(
  c: Context,
  getEngine: () => Engine,
  createCandidate: AppOptions["createCandidate"],
): Promise<Response> {
  const input = readPreviewInput(await c.req.text(), { encodeUtf8: (text) => encoder.encode(text) });
  if (!input.ok) return respondProblem(c, 400, input.issues[0], {}, input.issues);
  if (input.value.config !== undefined && !createCandidate) {
    return respondProblem(c, 403, httpIssues["http.candidate-config"]({}));
  }
  const borrowed = await borrowEngine(input.value.config, getEngine, createCandidate);
  if (!borrowed.ok) return respondProblem(c, 400, borrowed.issues[0], {}, borrowed.issues);
  const { engine, giveBack } = borrowed.value;
  try {
    const answer = await previewDocuments(input.value, {
      review: (request) => engine.review(request),
      configHash: engine.hash,
      yieldControl: () => new Promise((resolve) => setTimeout(resolve, 0)),
    });
    return respond(c, input.value, answer);
  } finally {
    await giveBack();
  }
}

async function borrowEngine(
  config: unknown,
  getEngine: () => Engine,
  createCandidate: AppOptions["createCandidate"],
): Promise<Result<Borrowed>> {
  if (config === undefined || !createCandidate) {
    const engine = getEngine();
    const letGo = engine.hold?.();
    return success({ engine, giveBack: async () => letGo?.() });
  }
  const candidate = await createCandidate(config);
  if (!candidate.ok) return candidate;
  const engine = candidate.value;
  return success({ engine, giveBack: () => engine.close() });
}

function respond(c: Context, input: PreviewInput, answer: PreviewAnswer): Response {
  if (!wantsYaml(c.req.header("accept"))) return c.json(answer);
  const yaml = renderMutatedYaml(input, answer);
  if (yaml.ok) return c.body(yaml.value, 200, { "content-type": "application/yaml" });
  const refused = answer.results.filter(({ allowed }) => !allowed).length;
  const issue = httpIssues["http.refused"]({ refused, total: answer.results.length });
  return respondProblem(c, 422, issue, {}, yaml.issues);
}

/** YAML where it is named before JSON; anything else is JSON. */
function wantsYaml(accept = ""): boolean {
  const named = accept
    .toLowerCase()
    .split(",")
    .map((type) => type.split(";", 1)[0]?.trim() ?? "");
  const yaml = named.findIndex((type) => type.endsWith("/yaml") || type.endsWith("/x-yaml"));
  const json = named.indexOf("application/json");
  return yaml >= 0 && (json < 0 || yaml < json);
}

/** Compares digests, so that the time taken tells nothing about the token. */
async function isBearer(authorization: string | undefined, token: string): Promise<boolean> {
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1] ?? "";
  const [a, b] = await Promise.all([digest(given), digest(token)]);
  return a.every((byte, i) => byte === b[i]);
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
}
