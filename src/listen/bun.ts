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
 * How long the listener with the previous certificate asks its clients to leave. `Bun.serve` cannot change the certificate
 * of a running listener, so a second one binds the same port (`reusePort`) and both serve for this time. Connections that
 * stay silent throughout are closed while idle.
 */
const RETIRE_MS = 3_000;

interface Generation {
  readonly server: Bun.Server<undefined>;
  draining: boolean;
}

/**
 * Creates a listener.
 *
 * @param retireMs how long the listener with the previous certificate asks its clients to leave, milliseconds
 */
export function createBunListener(retireMs: number): Listener {
  return (listen) => start(listen, retireMs);
}

/** Serves an address on Bun. */
export const listenOnBun: Listener = createBunListener(RETIRE_MS);

async function start(listen: Listen, retireMs: number): Promise<Running> {
  // A second process could bind the same address without an error, and each would get a share of the requests: with
  // `reusePort`, and on Bun 1.4 also without it once the process has another listener with `reusePort`.
  if (listen.port !== 0) probe(listen.port, listen.host);
  let current = startGeneration(listen, listen.port, listen.tls);
  const port = current.server.port ?? listen.port;
  let retired: Promise<void> = Promise.resolve();
  let isStopped = false;
  return {
    port,
    replaceTls: async (tls) => {
      // Never more than two listeners: a client that leaves the first of three may reconnect to the second, which is about to
      // stop, and be reset there.
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
    // Without this, Bun's error page shows source code and paths.
    development: false,
    error: (error) => listen.answerFailure("defect", error),
    fetch: (request) => (generation.draining ? answerAndClose(listen.fetch, request) : listen.fetch(request)),
    ...(tls && { reusePort: true, tls: toBunTls(tls) }),
  });
  const generation: Generation = { server, draining: false };
  return generation;
}

function toBunTls({ cert, key, clientCa }: TlsFiles): Bun.TLSOptions {
  // Without a `ca`, Bun spends milliseconds loading the system's roots, although no client certificate is checked.
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
 * Throws if another process already serves the address. Uses `Bun.listen`, because loading `node:net` takes longer than
 * everything else that listening needs.
 */
function probe(port: number, hostname: string): void {
  try {
    Bun.listen({ port, hostname, exclusive: true, socket: { data: () => {} } }).stop(true);
  } catch (error) {
    // Bun's message names the address but not the reason; the reason is only in the code.
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    throw code === "EADDRINUSE" ? new Error("EADDRINUSE: the address is in use", { cause: error }) : error;
  }
}
