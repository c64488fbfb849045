/** `POST /preview`: what a pod would get, and the source of each line. */
import type { Context } from "hono";
import { httpIssues } from "../../core/issue/http.ts";
import { success } from "../../core/result.ts";
import type { MakePreview, PreviewPorts, PreviewReply } from "../../preview/job.ts";
import type { PreviewFormat } from "../../preview/output/format.ts";
import { readBytes } from "../body.ts";
import { type IntakeOptions, noteBodyRead } from "../intake.ts";
import type { Handler, RouteContext } from "../options.ts";
import { respondProblem } from "../problem.ts";
import { isBearer } from "../token.ts";
import { createTurns } from "../turns.ts";

/** Longest body, bytes. */
export const PREVIEW_LIMIT = 1024 * 1024;
/** Longest duration of a preview, seconds. */
export const PREVIEW_SECONDS = 20;

/**
 * Limits in front of the management surface. Few requests at a time, because each may hold a body of 1 MiB. A body has 10 s
 * to arrive; the rest is 2 s of waiting for a turn (turns.ts), the preview itself, and a reserve.
 */
export const MANAGEMENT_INTAKE = {
  maxInFlight: 32,
  toLimits: () => ({ bodyMs: 10_000, answerMs: 15_000 + PREVIEW_SECONDS * 1_000 }),
} satisfies IntakeOptions;

/** @returns the handler; absent if previews are disabled */
export function createPreview(context: RouteContext): Handler | undefined {
  const { preview, isLoaded, makePreview } = context.options;
  if (preview?.enabled === false) return undefined;
  const turns = createTurns({ isLoaded });
  const make = makePreview ?? createLocalMaker(context);
  return async (c) => {
    const token = preview?.token;
    const trusted =
      token === undefined
        ? preview?.isLocal === true && !isCrossSite(c)
        : await isBearer(c.req.header("authorization"), token);
    if (token !== undefined && !trusted) {
      return respondProblem(c, 401, httpIssues["http.token"]({}), { "www-authenticate": "Bearer" });
    }
    const body = await readBytes(c.req.raw, PREVIEW_LIMIT);
    if (!body) return respondProblem(c, 413, httpIssues["http.body-too-large"]({ limit: PREVIEW_LIMIT }));
    noteBodyRead(c.env);
    // Take the turn only after the body has arrived, so that a slow client does not block others.
    const { signal } = c.req.raw;
    const endTurn = await turns.take(signal);
    if (!endTurn) return respondProblem(c, 503, httpIssues["http.busy"]({}), { "retry-after": "1" });
    try {
      const format = prefersYaml(c.req.header("accept")) ? "yaml" : "json";
      return respond(c, await make({ body, format, trusted }, signal), MEDIA_TYPES[format]);
    } finally {
      endTurn();
    }
  };
}

/** The offered formats and their media types. */
const MEDIA_TYPES = {
  json: "application/json",
  yaml: "application/yaml",
} as const satisfies Partial<Record<PreviewFormat, string>>;

function respond(c: Context, reply: PreviewReply, mediaType: string): Response {
  switch (reply.kind) {
    case "answered":
      return c.body(reply.body, 200, { "content-type": mediaType });
    case "unreadable":
      return respondProblem(c, 400, reply.issues[0], {}, reply.issues);
    case "refused":
      return respondProblem(c, 422, httpIssues["http.refused"](reply), {}, reply.issues);
    case "untrusted":
      return respondProblem(c, 403, httpIssues["http.candidate-config"]({}));
    case "broken":
      return respondProblem(c, 500, reply.issues[0], {}, reply.issues);
    case "stopped":
      return reply.cause === "time"
        ? respondProblem(c, 400, httpIssues["http.preview-overrun"]({ seconds: PREVIEW_SECONDS }))
        : respondProblem(c, 503, httpIssues["http.preview-memory"]({}));
  }
}

/** Makes previews in this thread, for runtimes without threads and for embedders. */
function createLocalMaker({ getEngine, options: { createCandidate } }: RouteContext): MakePreview {
  const ports: PreviewPorts = {
    encodeUtf8: (text) => encoder.encode(text),
    decode: (body) => decoder.decode(body),
    yieldControl: () => new Promise((resolve) => setTimeout(resolve, 0)),
    borrow: async () => {
      const engine = getEngine();
      const letGo = engine.hold?.();
      return success({ engine, giveBack: async () => letGo?.() });
    },
    borrowCandidate: async (config) => {
      const built = await createCandidate?.(config);
      if (!built) throw new Error("a candidate configuration was accepted without createCandidate");
      return built.ok ? success({ engine: built.value, giveBack: () => built.value.close() }) : built;
    },
  };
  return async (order) => {
    // Imported by the first preview: admissions do not need it, and the server starts faster.
    const { createPreviewMaker } = await import("../../preview/job.ts");
    const make = createPreviewMaker(ports);
    return make({ ...order, trusted: order.trusted && createCandidate !== undefined });
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * @returns whether a page of another site sends the request, by the header that browsers add (Fetch Metadata, W3C). Such a
 *   page cannot read the answer, but it also must not make this machine build an engine from its configuration.
 */
function isCrossSite(c: Context): boolean {
  return !["same-origin", "none"].includes(c.req.header("sec-fetch-site") ?? "none");
}

/** @returns whether the header names YAML before JSON */
function prefersYaml(accept = ""): boolean {
  const named = accept
    .toLowerCase()
    .split(",")
    .map((type) => type.split(";", 1)[0]?.trim() ?? "");
  const yaml = named.findIndex((type) => type.endsWith("/yaml") || type.endsWith("/x-yaml"));
  const json = named.indexOf("application/json");
  return yaml >= 0 && (json < 0 || yaml < json);
}
