/**
 * A server to be measured: `bun server.ts webhook|constant|hono`, with a certificate on standard input as JSON. It tells its
 * port, and on demand its CPU time, over the channel to its parent, so that no request of ours counts.
 */
import process from "node:process";
import { Hono } from "hono";
import { createApp } from "../../src/index.ts";
import { createTestEngine } from "../fixtures/engine.ts";

/** What the parent asks for: the size of the constant answer from now on, or the CPU time so far. */
export type Question = { readonly size: number } | "cpu";
/** What the server says: its port when it serves, or microseconds of CPU time. */
export type Answer = { readonly port: number } | { readonly cpu: number };

const HEADERS = { headers: { "content-type": "application/json" } };
let constant = "{}";

/** The bar: parses the same JSON, answers always the same. */
async function answerConstant(request: Request): Promise<Response> {
  const body = JSON.parse(await request.text());
  return new Response(body === null ? "" : constant, HEADERS);
}

const FETCHES: Readonly<Record<string, () => Promise<(request: Request) => Response | Promise<Response>>>> = {
  constant: async () => answerConstant,
  /** What is the least that any webhook on Hono costs. */
  hono: async () => new Hono().post("/mutate", (c) => answerConstant(c.req.raw)).fetch,
  webhook: async () => createApp(await createTestEngine(), { surface: "admission" }).fetch,
};

const fetch = await FETCHES[process.argv[2] ?? ""]?.();
if (!fetch) throw new Error("usage: server.ts webhook|constant|hono");
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  idleTimeout: 120,
  tls: await Bun.stdin.json(),
  fetch: (request) => fetch(request),
});
process.on("message", (question: Question) => {
  if (question !== "cpu") {
    constant = JSON.stringify({ response: { allowed: true, patch: "x".repeat(question.size) } });
    return;
  }
  const { user, system } = process.cpuUsage();
  process.send?.({ cpu: user + system } satisfies Answer);
});
process.send?.({ port: server.port ?? 0 } satisfies Answer);
