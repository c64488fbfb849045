/**
 * A server to be measured: `bun server.ts app|constant|hono [SIZE]`, with a certificate on standard input as JSON. It tells
 * its port over the channel to its parent.
 */
import process from "node:process";
import { Hono } from "hono";
import { createApp } from "../../src/index.ts";
import { createTestEngine } from "../fixtures/engine.ts";

const HEADERS = { headers: { "content-type": "application/json" } };
const constant = JSON.stringify({
  response: { allowed: true, patch: "x".repeat(Number(process.argv[3] ?? 0)) },
});

/** The yardstick: parses the same JSON, answers always the same. */
async function answerConstant(request: Request): Promise<Response> {
  const body = JSON.parse(await request.text());
  return new Response(body === null ? "" : constant, HEADERS);
}

const FETCHES: Readonly<Record<string, () => Promise<(request: Request) => Response | Promise<Response>>>> = {
  constant: async () => answerConstant,
  /** What is the least that any webhook on Hono costs. */
  hono: async () => new Hono().post("/mutate", (c) => answerConstant(c.req.raw)).fetch,
  /** Without intake, metrics and log. */
  app: async () => createApp(await createTestEngine(), { surface: "admission" }).fetch,
};

const fetch = await FETCHES[process.argv[2] ?? ""]?.();
if (!fetch) throw new Error("usage: server.ts app|constant|hono [SIZE]");
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  idleTimeout: 120,
  tls: await Bun.stdin.json(),
  fetch: (request) => fetch(request),
});
process.send?.(server.port ?? 0);
