/** `POST /preview`: what would this pod get, and who decided each line? */
import type { Context } from "hono";
import type { AdmissionRequest } from "../../core/admission/request.ts";
import type { Engine } from "../../core/engine.ts";
import { httpIssues } from "../../core/issue/http.ts";
import { type Result, success } from "../../core/result.ts";
import type { OpenPreview, PreviewJob } from "../../preview/job.ts";
import { readText } from "../body.ts";
import type { AppOptions, Handler, RouteContext } from "../options.ts";
import { respondProblem } from "../problem.ts";

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
export function createPreview({ getEngine, options }: RouteContext): Handler | undefined {
  if (options.preview?.enabled === false) return undefined;
  let busy = false;
  return async (c) => {
    const token = options.preview?.token;
    const trusted = token !== undefined && (await isBearer(c.req.header("authorization"), token));
    if (token !== undefined && !trusted)
      return respondProblem(c, 401, httpIssues["http.token"]({}), UNAUTHORIZED);
    const text = await readText(c.req.raw, PREVIEW_LIMIT);
    if (text === undefined)
      return respondProblem(c, 413, httpIssues["http.body-too-large"]({ limit: PREVIEW_LIMIT }));
    if (busy || options.isLoaded?.())
      return respondProblem(c, 503, httpIssues["http.busy"]({}), { "retry-after": "1" });
    busy = true;
    try {
      const open = options.openPreview ?? openPreviewHere;
      return await answerPreview(
        c,
        await open(text),
        getEngine,
        trusted ? options.createCandidate : undefined,
      );
    } finally {
      busy = false;
    }
  };
}

const encoder = new TextEncoder();
/** Loaded by the first preview: admissions need none of it, and a server has to be ready soon. */
const openPreviewHere: OpenPreview = async (text) => {
  const { createPreviewJobs } = await import("../../preview/job.ts");
  const yieldTurn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
  return createPreviewJobs({ encodeUtf8: (part) => encoder.encode(part) }, yieldTurn)(text);
};
const UNAUTHORIZED = { "www-authenticate": "Bearer" };

async function answerPreview(
  c: Context,
  opened: Awaited<ReturnType<OpenPreview>>,
  getEngine: () => Engine,
  createCandidate: AppOptions["createCandidate"],
): Promise<Response> {
  if (!opened.ok) return respondProblem(c, 400, opened.issues[0], {}, opened.issues);
  const job = opened.value;
  try {
    if (job.config !== undefined && !createCandidate) {
      return respondProblem(c, 403, httpIssues["http.candidate-config"]({}));
    }
    const borrowed = await borrowEngine(job.config, getEngine, createCandidate);
    if (!borrowed.ok) return respondProblem(c, 400, borrowed.issues[0], {}, borrowed.issues);
    return await answerJob(c, job, borrowed.value);
  } finally {
    job.close();
  }
}

async function answerJob(c: Context, job: PreviewJob, { engine, giveBack }: Borrowed): Promise<Response> {
  const yaml = wantsYaml(c.req.header("accept"));
  try {
    const task = {
      review: (request: AdmissionRequest) => engine.review(request),
      configHash: engine.hash,
      yaml,
    };
    const answer = await job.answer(task);
    if (answer.ok) {
      return c.body(answer.text, 200, { "content-type": yaml ? "application/yaml" : "application/json" });
    }
    const { refused, total, issues } = answer;
    return respondProblem(c, 422, httpIssues["http.refused"]({ refused, total }), {}, issues);
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

/** Compares digests to the end, so that the time taken tells nothing about the token. */
async function isBearer(authorization: string | undefined, token: string): Promise<boolean> {
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1] ?? "";
  const [a, b] = await Promise.all([digest(given), digest(token)]);
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
}
