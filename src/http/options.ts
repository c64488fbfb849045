/** The options of an app, and the types of its routes. */
import type { Context } from "hono";
import type { Engine } from "../core/engine.ts";
import type { Result } from "../core/result.ts";
import type { MakePreview } from "../preview/job.ts";
import type { ReviewObserver } from "./observe.ts";
import type { ReadyCheck } from "./readiness.ts";

/** The built page. */
export interface Page {
  readonly html: Uint8Array<ArrayBuffer>;
  /** The same, compressed with gzip. */
  readonly gzip: Uint8Array<ArrayBuffer>;
  /** Digest of the page, for its entity tag. */
  readonly digest: string;
  /** Value of the Content-Security-Policy header under which the page runs. */
  readonly policy: string;
}

/** `admission` for the API server, `management` for people and tools. */
type Surface = "admission" | "management";

/** The options of an app. */
export interface AppOptions {
  readonly surface: Surface;
  /** `/preview` is served unless it is disabled. With a token, a request must carry it. */
  readonly preview?: {
    readonly enabled?: boolean;
    readonly token?: string | undefined;
    /** Whether only this machine can reach the listener; then a candidate configuration needs no token. */
    readonly isLocal?: boolean;
  };
  /** Builds an engine from a candidate configuration, for previews in this thread; without it, none are accepted. */
  readonly createCandidate?: (config: unknown) => Promise<Result<Engine>>;
  /** Host names that browsers may use, besides loopback names and IP addresses. */
  readonly hosts?: readonly string[];
  /** The parts of the process that `/readyz` reports; without it, the app is ready. */
  readonly readiness?: () => readonly ReadyCheck[];
  /** Receives errors whose text goes to the log and never into an answer. */
  readonly reportDefect?: (error: unknown) => void;
  /** Called once after each review. */
  readonly observe?: ReviewObserver;
  /** Renders `GET /metrics` of the management surface; without it, the path is a 404. */
  readonly renderMetrics?: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Whether previews have to wait because of many reviews. */
  readonly isLoaded?: () => boolean;
  /** Makes previews in another thread; without it, they are made in this one. */
  readonly makePreview?: MakePreview;
  /** Loads the page; resolves to `undefined` if it was not built. Without it, `GET /` is a 404. */
  readonly loadPage?: () => Promise<Page | undefined>;
}

/** What a route needs to create its handler. */
export interface RouteContext {
  /** @returns the engine that handles new reviews */
  readonly getEngine: () => Engine;
  readonly options: AppOptions;
  readonly reportDefect: (error: unknown) => void;
}

/** Answers the requests of one route. */
export type Handler = (c: Context) => Response | Promise<Response>;

/** A row of the table of routes (app.ts). */
export interface Route {
  readonly method: "GET" | "POST";
  readonly paths: readonly string[];
  readonly surfaces: readonly Surface[];
  /** Whether browsers use the route, so that the request's host is checked (host.ts). */
  readonly checksHost?: boolean;
  /** @returns the handler; absent if the options disable the route */
  readonly create: (context: RouteContext) => Handler | undefined;
}
