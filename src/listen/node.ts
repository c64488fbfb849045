/**
 * Listeners on Node and Deno. Both use `node:https`, which can replace the certificate of a running listener and request
 * client certificates; `Deno.serve` can do neither.
 */
import { createServer as createPlain, type Server, type ServerOptions } from "node:http";
import { createServer as createTls, type Server as TlsServer } from "node:https";
import { getRequestListener } from "@hono/node-server";
import {
  closeAfter,
  HEADERS_MS,
  IDLE_SECONDS,
  type Listen,
  type Listener,
  type TlsFiles,
} from "./listener.ts";

/**
 * Node's limit for receiving a whole request. The deadline of a review is shorter and does not depend on it; this limit is for
 * clients that are not the API server and send a byte now and then to keep a connection.
 */
const REQUEST_MS = 60_000;
const SWEEP_MS = 1_000;

const OPTIONS: ServerOptions = {
  keepAliveTimeout: IDLE_SECONDS * 1_000,
  headersTimeout: HEADERS_MS,
  requestTimeout: REQUEST_MS,
  connectionsCheckingInterval: SWEEP_MS,
};

/** Serves an address on Node or Deno. */
export const listenOnNode: Listener = async (listen) => {
  let draining = false;
  const answer = getRequestListener(
    async (request) => {
      const response = await listen.fetch(request);
      return draining ? closeAfter(response) : response;
    },
    {
      // The library would otherwise replace the global Request and Response.
      overrideGlobalObjects: false,
      errorHandler: (error) => listen.answerFailure(isRequestError(error) ? "malformed" : "defect", error),
    },
  );
  const tls = listen.tls && createTls({ ...OPTIONS, ...toNodeTls(listen.tls) }, answer);
  const server = tls ?? createPlain(OPTIONS, answer);
  await bind(server, listen);
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : listen.port,
    // Connections that exist keep the previous certificate until they are closed, which TLS allows.
    replaceTls: async (files) => tls?.setSecureContext(toNodeTls(files)),
    drain: () => {
      draining = true;
    },
    stop: () => close(server),
  };
};

/** @hono/node-server throws a RequestError for a request that it cannot turn into a web-standard one. */
function isRequestError(error: unknown): boolean {
  return error instanceof Error && error.name === "RequestError";
}

function toNodeTls({ cert, key, clientCa }: TlsFiles) {
  if (clientCa === undefined) return { cert, key };
  return { cert, key, ca: clientCa, requestCert: true, rejectUnauthorized: true };
}

function bind(server: Server | TlsServer, { port, host }: Listen): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve());
  });
}

function close(server: Server | TlsServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
