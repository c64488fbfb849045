/** What every runtime brings: an address that is served, whose certificate can be changed while it is. */

/** PEM texts that TLS is served with. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** CA certificates; only clients with a certificate that one of them issued are answered. */
  readonly clientCa?: string;
}

/** Answers one request. */
export type Fetch = (request: Request) => Response | Promise<Response>;

/**
 * Answers where there is no response: `malformed` for a request that the runtime cannot turn into a web-standard one,
 * `defect` for one whose handler threw. A runtime's own answer could show a stack trace or paths.
 */
export type AnswerFailure = (kind: "malformed" | "defect", error: unknown) => Response;

/** One address to be served. */
export interface Listen {
  /** 0 lets the system choose. */
  readonly port: number;
  readonly host: string;
  readonly tls?: TlsFiles;
  /** Longest body, bytes; what is longer is answered with 413 before it is read. */
  readonly bodyLimit: number;
  readonly fetch: Fetch;
  readonly answerFailure: AnswerFailure;
}

/** An address that is served. */
export interface Running {
  readonly port: number;
  /**
   * Serves another certificate from the next handshake on; requests under way are not disturbed. Takes its time where the
   * certificate before has only just been replaced; to be called again only when it has resolved.
   */
  readonly replaceTls: (tls: TlsFiles) => Promise<void>;
  /** From now on every answer carries `Connection: close`, so that clients with keep-alive go elsewhere. */
  readonly drain: () => void;
  /** Takes no connection any more, and resolves when the requests under way have been answered. */
  readonly stop: () => Promise<void>;
}

/** How a runtime serves an address; rejects where it cannot be bound. */
export type Listener = (listen: Listen) => Promise<Running>;

/**
 * Above the API server's 90 s for idle connections (Go `http.Transport.IdleConnTimeout`), so that it closes them first:
 * it does not repeat a POST on a connection that was just closed.
 */
export const IDLE_SECONDS = 120;

/** Headers of a request have to be there within this time, milliseconds. */
export const HEADERS_MS = 10_000;

/** Asks the client to open another connection for its next request (RFC 9112, section 9.6). */
export function closeAfter(response: Response): Response {
  response.headers.set("connection", "close");
  return response;
}
