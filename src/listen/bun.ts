/** Listeners on Bun. */
import {
  closeAfter,
  type Fetch,
  IDLE_SECONDS,
  type Listen,
  type Listener,
  type Running,
  type TlsFiles,
} from "./listener.ts";

/**
 * How long a listener with a former certificate asks its clients to leave. Bun cannot change the certificate of a
 * listener, so that there are two for this time; connections that stay silent throughout are closed idle.
 */
const RETIRE_MS = 3_000;

interface Generation {
  readonly server: Bun.Server<undefined>;
  draining: boolean;
}

/**
 * Creates a listener.
 *
 * @param retireMs how long a former certificate's listener asks its clients to leave
 */
export function createBunListener(retireMs: number): Listener {
  return (listen) => start(listen, retireMs);
}

/** Serves an address. */
export const listenOnBun: Listener = createBunListener(RETIRE_MS);

async function start(listen: Listen, retireMs: number): Promise<Running> {
  // With `reusePort` a second process would share the address silently instead of failing to bind it.
  if (listen.tls && listen.port !== 0) probe(listen.port, listen.host);
  let current = startGeneration(listen, listen.port, listen.tls);
  const port = current.server.port ?? listen.port;
  let retired: Promise<void> = Promise.resolve();
  let isStopped = false;
  return {
    port,
    replaceTls: async (tls) => {
      // Two at a time: among more, whoever leaves one would come to another that is about to end, and may be reset there.
      await retired;
      if (isStopped) return;
      const former = current;
      current = startGeneration(listen, port, tls);
      current.draining = former.draining;
      retired = retire(former, retireMs);
    },
    drain: () => {
      current.draining = true;
    },
    stop: async () => {
      isStopped = true;
      await Promise.all([current.server.stop(), retired]);
    },
  };
}

function startGeneration(listen: Listen, port: number, tls: TlsFiles | undefined): Generation {
  const server = Bun.serve({
    port,
    hostname: listen.host,
    idleTimeout: IDLE_SECONDS,
    maxRequestBodySize: listen.bodyLimit,
    // Outside of production, Bun would show its error page with source code and paths.
    development: false,
    error: (error) => listen.answerFailure("defect", error),
    fetch: (request) => (generation.draining ? answerAndClose(listen.fetch, request) : listen.fetch(request)),
    ...(tls && { reusePort: true, tls: toBunTls(tls) }),
  });
  const generation: Generation = { server, draining: false };
  return generation;
}

function toBunTls({ cert, key, clientCa }: TlsFiles): Bun.TLSOptions {
  // Without a `ca`, Bun takes milliseconds to load the system's roots, for a check of clients that is never made.
  if (clientCa === undefined) return { cert, key, ca: cert };
  return { cert, key, ca: clientCa, requestCert: true, rejectUnauthorized: true };
}

async function answerAndClose(fetch: Fetch, request: Request): Promise<Response> {
  return closeAfter(await fetch(request));
}

async function retire(former: Generation, ms: number): Promise<void> {
  former.draining = true;
  await new Promise((resolve) => setTimeout(resolve, ms));
  await former.server.stop();
}

/**
 * Fails where somebody serves the address already. By Bun's own call: loading `node:net` takes longer than all else that is
 * done to listen.
 */
function probe(port: number, hostname: string): void {
  try {
    Bun.listen({ port, hostname, exclusive: true, socket: { data: () => {} } }).stop(true);
  } catch (error) {
    // Its message says where, its code why.
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    throw code === "EADDRINUSE" ? new Error("EADDRINUSE: the address is in use", { cause: error }) : error;
  }
}
