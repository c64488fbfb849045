/** The port that each runtime implements: serve an address, and replace its certificate without closing it. */

/** The certificate and key of a TLS listener, as PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** CA certificates as PEM. If given, only clients with a certificate that one of them issued are answered. */
  readonly clientCa?: string;
}

/** Answers one request. */
export type Fetch = (request: Request) => Response | Promise<Response>;

/**
 * Makes the response where the app could not: `malformed` for a request that the runtime cannot turn into a web-standard
 * one, `defect` for one whose handler threw. The runtimes' own error responses may show a stack trace or paths.
 */
export type AnswerFailure = (kind: "malformed" | "defect", error: unknown) => Response;

/** The address to serve, and how. */
export interface Listen {
  /** 0 lets the system choose. */
  readonly port: number;
  readonly host: string;
  readonly tls?: TlsFiles;
  /** Longest body, bytes; a longer one gets a 413 before it is read. */
  readonly bodyLimit: number;
  readonly fetch: Fetch;
  readonly answerFailure: AnswerFailure;
}

/** A running listener. */
export interface Running {
  readonly port: number;
  /**
   * Serves another certificate from the next handshake on, without disturbing requests in flight. On Bun it waits for the
   * previous replacement to finish; call it again only after it has resolved.
   */
  readonly replaceTls: (tls: TlsFiles) => Promise<void>;
  /** From now on, every response carries `Connection: close`, so clients with keep-alive connect to another replica. */
  readonly drain: () => void;
  /** Accepts no more connections; resolves when all requests in flight are answered. */
  readonly stop: () => Promise<void>;
}

/** Serves an address; rejects if it cannot be bound. */
export type Listener = (listen: Listen) => Promise<Running>;

/**
 * Above the API server's 90 s for idle connections (Go `http.Transport.IdleConnTimeout`), so that it closes them first:
 * it does not repeat a POST on a connection that was just closed.
 */
export const IDLE_SECONDS = 120;

/** Time within which a request's headers must arrive, milliseconds. */
export const HEADERS_MS = 10_000;

/** Asks the client to open another connection for its next request (RFC 9112, section 9.6). */
export function closeAfter(response: Response): Response {
  response.headers.set("connection", "close");
  return response;
}
