/** A server to be measured: `bun server.ts webhook|constant PORT`, with a certificate on standard input as JSON. */
import { createApp } from "../../src/index.ts";
import { createTestEngine } from "../fixtures/engine.ts";

const [, , kind, port] = process.argv;
const tls = await Bun.stdin.json();
const JSON_TYPE = { headers: { "content-type": "application/json" } };
const CONSTANT =
  '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":"x","allowed":true}}';

/** The bar: parses the same JSON, answers always the same. */
async function answerConstant(request: Request): Promise<Response> {
  const body = JSON.parse(await request.text());
  return new Response(body === null ? "" : CONSTANT, JSON_TYPE);
}

const app = createApp(await createTestEngine(), { surface: "admission" });
Bun.serve({
  port: Number(port),
  hostname: "127.0.0.1",
  idleTimeout: 120,
  tls,
  fetch: (request) => {
    if (request.url.endsWith("/cpu")) return Response.json(process.cpuUsage());
    return kind === "constant" ? answerConstant(request) : app.fetch(request);
  },
});
