/** What an app is made for, and what its routes are made of. */
import type { Context } from "hono";
import type { Engine } from "../core/engine.ts";
import type { Result } from "../core/result.ts";
import type { MakePreview } from "../preview/job.ts";
import type { ReviewObserver } from "./observe.ts";
import type { ReadyCheck } from "./readiness.ts";

/** The page as it was built. */
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

/** What an app is made for. */
export interface AppOptions {
  readonly surface: Surface;
  /** `/preview` is served unless it is switched off; with a token, only requests that carry it are answered. */
  readonly preview?: {
    readonly enabled?: boolean;
    readonly token?: string | undefined;
    /** Whether only this machine reaches the listener: then a candidate configuration needs no token. */
    readonly isLocal?: boolean;
  };
  /** Builds an engine from a candidate configuration for previews made in this thread; absent where none are accepted. */
  readonly createCandidate?: (config: unknown) => Promise<Result<Engine>>;
  /** Host names that browsers may use besides loopback names and IP addresses. */
  readonly hosts?: readonly string[];
  /** The parts of the process that `/readyz` reports; without it, the app is ready. */
  readonly readiness?: () => readonly ReadyCheck[];
  /** Receives errors whose text goes to the log and never into an answer. */
  readonly reportDefect?: (error: unknown) => void;
  /** Called once after each review. */
  readonly observe?: ReviewObserver;
  /** Renders what `GET /metrics` on the management surface answers; absent where there are no metrics. */
  readonly renderMetrics?: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Whether previews have to wait because admissions need the process. */
  readonly isLoaded?: () => boolean;
  /** Makes previews in another thread; absent where this one makes them. */
  readonly makePreview?: MakePreview;
  /** Gives the page for previews, or `undefined` where it was not built; absent where `GET /` answers 404. */
  readonly loadPage?: () => Promise<Page | undefined>;
}

/** What a route is made of. */
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
  /** Whether browsers use it, so that the host in the request has to be an accepted one (host.ts). */
  readonly checksHost?: boolean;
  /** @returns the handler, or nothing where the options switch the route off */
  readonly create: (context: RouteContext) => Handler | undefined;
}
