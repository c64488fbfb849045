/**
 * The web application, on the web-standard `fetch` that Bun, Deno, Node and edge runtimes share. One app, two
 * surfaces: what the API server may reach, and what people and their tools may.
 */
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Engine } from "../core/engine.ts";
import { httpIssues } from "../core/issue/http.ts";
import type { Result } from "../core/result.ts";
import type { OpenPreview } from "../preview/job.ts";
import { type ReadyCheck, toReadiness } from "./health.ts";
import { isUnread } from "./intake.ts";
import { secureAnswers } from "./management.ts";
import { createMutate } from "./mutate.ts";
import type { ReviewObserver } from "./observe.ts";
import { createPreview, PREVIEW_LIMIT } from "./preview.ts";
import { respondProblem } from "./problem.ts";

/** What an app is made for. */
export interface AppOptions {
  /** `admission` for the API server, `management` for people and tools. */
  readonly surface: "admission" | "management";
  /** `/preview` is there unless it is switched off; a token closes it to everybody else. */
  readonly preview?: { readonly enabled?: boolean; readonly token?: string | undefined };
  /** Builds an engine of a candidate configuration, for `/preview`; without it there are none. */
  readonly createCandidate?: (config: unknown) => Promise<Result<Engine>>;
  /** The parts of the process that `/readyz` tells about; without it, the app is ready. */
  readonly readiness?: () => readonly ReadyCheck[];
  /** Takes what only a log may tell. */
  readonly reportDefect?: (error: unknown) => void;
  /** Told of every review. */
  readonly observe?: ReviewObserver;
  /** What `GET /metrics` on the management surface answers. */
  readonly renderMetrics?: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Whether previews have to wait, since admissions need the process. */
  readonly isLoaded?: () => boolean;
  /** Reads documents and renders answers, such as beside the thread that admissions run in; in it where absent. */
  readonly openPreview?: OpenPreview;
}

/** "Client closed request", nginx's number for it; no standard has one. */
const CLIENT_GONE = 499;

/**
 * Creates the app.
 *
 * @param engine the engine, or what gives the one of this moment
 * @example
 * const app = createApp(engine, { surface: "admission" });
 * Bun.serve({ fetch: app.fetch });
 */
export function createApp(engine: Engine | (() => Engine), options: AppOptions): Hono {
  const getEngine = typeof engine === "function" ? engine : () => engine;
  const reportDefect = options.reportDefect ?? (() => {});
  const app = new Hono();
  if (options.surface === "management") app.use(secureAnswers);
  app.get("/healthz", (c) => c.text("ok"));
  app.get("/readyz", (c) => {
    const readiness = toReadiness(options.readiness?.() ?? []);
    return c.json(readiness, readiness.ready ? 200 : 503);
  });
  if (options.surface === "admission") addAdmission(app, getEngine, reportDefect, options.observe);
  else addManagement(app, getEngine, options);
  app.notFound((c) => respondProblem(c, 404, httpIssues["http.not-found"]({ path: c.req.path })));
  app.onError((error, c) => {
    // The client went away while it was being read or answered: nobody's defect, and nobody reads the answer.
    if (isUnread(c.env) || c.req.raw.signal.aborted) return new Response(null, { status: CLIENT_GONE });
    reportDefect(error);
    return respondProblem(c, 500, httpIssues["http.internal"]({}));
  });
  return app;
}

/** Flyte's own path (v1 and v2) is `/mutate--v1-pod`; existing registrations go on working. */
function addAdmission(
  app: Hono,
  getEngine: () => Engine,
  reportDefect: (error: unknown) => void,
  observe: ReviewObserver | undefined,
): void {
  const mutate = createMutate(getEngine, reportDefect, observe);
  for (const path of ["/mutate", "/mutate--v1-pod"]) {
    // One handler, since a chain of them takes Hono as long as the review itself.
    app.all(path, (c) => (c.req.method === "POST" ? mutate(c) : refuseMethod(c)));
  }
}

function addManagement(app: Hono, getEngine: () => Engine, options: AppOptions): void {
  const { renderMetrics } = options;
  if (renderMetrics) {
    app.get("/metrics", async (c) => {
      const { contentType, text } = await renderMetrics();
      return c.body(text, 200, { "content-type": contentType });
    });
  }
  if (options.preview?.enabled !== false) addPreview(app, getEngine, options);
}

function addPreview(app: Hono, getEngine: () => Engine, options: AppOptions): void {
  app.post("/preview", limitBody(PREVIEW_LIMIT), createPreview(getEngine, options));
  app.all("/preview", refuseMethod);
}

function limitBody(maxSize: number): MiddlewareHandler {
  return bodyLimit({
    maxSize,
    onError: (c) => respondProblem(c, 413, httpIssues["http.body-too-large"]({ limit: maxSize })),
  });
}

function refuseMethod(c: Context): Response {
  const facts = { method: c.req.method, path: c.req.path, allowed: "POST" };
  return respondProblem(c, 405, httpIssues["http.method"](facts), { allow: "POST" });
}
