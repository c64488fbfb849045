#!/usr/bin/env bun
import { BODY_LIMIT } from "../http/mutate.ts";
/** Runs on Bun. */
import { main } from "./main.ts";
import type { Listener } from "./serve.ts";

/** Above the API server's 90 s for idle connections, so that it closes them first. */
const IDLE_SECONDS = 120;

const listen: Listener = async ({ port, host, tls, fetch }) => {
  const server = Bun.serve({
    port,
    hostname: host,
    idleTimeout: IDLE_SECONDS,
    maxRequestBodySize: BODY_LIMIT,
    fetch: (request) => fetch(request),
    ...(tls && { tls }),
  });
  return { stop: () => server.stop() };
};

await main(listen);
