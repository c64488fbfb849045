/**
 * The web application, built on the `fetch` API that Bun, Deno, Node and edge runtimes share. It has two surfaces: one for
 * the API server, one for people and their tools.
 */
import { type Context, Hono } from "hono";
import { getPath } from "hono/utils/url";
import type { Engine } from "../core/engine.ts";
import { httpIssues } from "../core/issue/http.ts";
import { createHostCheck, hasHost } from "./host.ts";
import { isUnread } from "./intake.ts";
import { secureAnswers } from "./management.ts";
import type { AppOptions, Handler, Route, RouteContext } from "./options.ts";
import { respondProblem } from "./problem.ts";
import { createHealthz } from "./route/healthz.ts";
import { createMetrics } from "./route/metrics.ts";
import { createMutate } from "./route/mutate.ts";
import { createOpenApi } from "./route/openapi.ts";
import { createPage } from "./route/page.ts";
import { createPreview } from "./route/preview.ts";
import { createReadyz } from "./route/readyz.ts";

export type { AppOptions } from "./options.ts";

/** Every route. Flyte's own path for admissions (v1 and v2) is `/mutate--v1-pod`; existing registrations keep working. */
const ROUTES: readonly Route[] = [
  { method: "GET", paths: ["/healthz"], surfaces: ["admission", "management"], create: createHealthz },
  { method: "GET", paths: ["/readyz"], surfaces: ["admission", "management"], create: createReadyz },
  { method: "POST", paths: ["/mutate", "/mutate--v1-pod"], surfaces: ["admission"], create: createMutate },
  { method: "GET", paths: ["/metrics"], surfaces: ["management"], create: createMetrics },
  { method: "POST", paths: ["/preview"], surfaces: ["management"], checksHost: true, create: createPreview },
  { method: "GET", paths: ["/"], surfaces: ["management"], checksHost: true, create: createPage },
  {
    method: "GET",
    paths: ["/openapi.json"],
    surfaces: ["management"],
    checksHost: true,
    create: createOpenApi,
  },
];

/** "Client closed request": nginx's number; no standard defines one. */
const CLIENT_GONE = 499;

/**
 * Creates the app.
 *
 * @param engine the engine, or a function that returns the one that handles new reviews
 * @example
 * const config = parseConfig("version: 1");
 * if (!config.ok) throw new Error(config.issues[0].message);
 * const engine = await createEngine(config.value);
 * if (!engine.ok) throw new Error(engine.issues[0].message);
 * const app = createApp(engine.value, { surface: "admission" });
 * const answer = await app.request("/healthz");
 * answer.status; // 200
 */
export function createApp(engine: Engine | (() => Engine), options: AppOptions): Hono {
  const context: RouteContext = {
    getEngine: typeof engine === "function" ? engine : () => engine,
    options,
    reportDefect: options.reportDefect ?? (() => {}),
  };
  const app = new Hono({ getPath: toPath });
  if (options.surface === "management") app.use(secureAnswers);
  for (const route of ROUTES) if (route.surfaces.includes(options.surface)) addRoute(app, route, context);
  app.notFound((c) =>
    c.req.path === NO_PATH
      ? respondProblem(c, 400, httpIssues["http.host-malformed"]({}))
      : respondProblem(c, 404, httpIssues["http.not-found"]({ path: c.req.path })),
  );
  app.onError((error, c) => {
    // The client disconnected, so this is not a defect and the response is not read.
    if (isUnread(c.env) || c.req.raw.signal.aborted) return new Response(null, { status: CLIENT_GONE });
    context.reportDefect(error);
    return respondProblem(c, 500, httpIssues["http.internal"]({}));
  });
  return app;
}

/** The path of a request with a malformed host. It cannot be requested: a request line contains no spaces in its path. */
const NO_PATH = " ";

/** Hono's own `getPath` fails without an absolute URL, which an invalid `Host` header causes. */
function toPath(request: Request): string {
  return hasHost(request.url) ? getPath(request) : NO_PATH;
}

function addRoute(app: Hono, route: Route, context: RouteContext): void {
  const { method, paths, checksHost } = route;
  const created = route.create(context);
  if (!created) return;
  const handle = checksHost ? checkHost(created, context) : created;
  // One handler for all methods: a chain of Hono handlers takes as long as a whole review.
  const allowed = method === "GET" ? "GET, HEAD" : method;
  const answer: Handler = (c) => (isAllowed(c.req.method, method) ? handle(c) : refuseMethod(c, allowed));
  for (const path of paths) app.all(path, answer);
}

function checkHost(handle: Handler, { options: { hosts = [] } }: RouteContext): Handler {
  const isAccepted = createHostCheck(hosts);
  return (c) =>
    isAccepted(c.req.raw.url) ? handle(c) : respondProblem(c, 403, httpIssues["http.host-foreign"]({}));
}

/** GET includes HEAD (RFC 9110, section 9.1); Hono leaves out the body. */
function isAllowed(given: string, method: Route["method"]): boolean {
  return given === method || (given === "HEAD" && method === "GET");
}

function refuseMethod(c: Context, allowed: string): Response {
  const facts = { method: c.req.method, path: c.req.path, allowed };
  return respondProblem(c, 405, httpIssues["http.method"](facts), { allow: allowed });
}
