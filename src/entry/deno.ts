/** Runs on Deno: `deno run --allow-net --allow-read --allow-env --allow-sys src/entry/deno.ts serve`. */
import { main } from "./main.ts";
import type { Listener } from "./serve.ts";

/** The part of Deno that is used here. */
declare const Deno: {
  serve(
    options: { port: number; hostname: string; cert?: string; key?: string; onListen: () => void },
    handler: (request: Request) => Response | Promise<Response>,
  ): { shutdown(): Promise<void> };
};

const listen: Listener = async ({ port, host, tls, fetch }) => {
  const server = Deno.serve({ port, hostname: host, ...tls, onListen: () => {} }, (request) =>
    fetch(request),
  );
  return { stop: () => server.shutdown() };
};

await main(listen);
