/** The real entry of a runtime as a process of its own, for the suite. */
import { strict as assert } from "node:assert";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { podWith, secret } from "../fixtures/engine.ts";
import { freePort } from "../fixtures/free-port.ts";

/** What runs an entry, up to the subcommand. */
export type Command = readonly [string, ...string[]];

/** A server that is ready. */
export interface Server {
  /** Writes a file beside its configuration. */
  readonly write: (name: string, text: string) => void;
  /** Sends an admission review as the API server does. */
  readonly review: (body: string) => Promise<string>;
  /** @returns its answer in YAML, or the problem */
  readonly preview: (body: string) => Promise<string>;
  readonly metrics: () => Promise<string>;
  readonly ports: { readonly admission: number; readonly management: number };
  readonly signal: (name: NodeJS.Signals) => void;
  /** What it has logged so far. */
  readonly log: () => string;
  /** Closes the pipe that the log goes to. */
  readonly leaveLog: () => void;
}

/** The preview token of every server of this suite. */
export const TOKEN = "a-token-of-this-suite";
const READY_MS = 20_000;

/**
 * Runs a server while something is asked of it, and sees to it that it ends well.
 *
 * @param files written before it starts; `webhook.yaml` follows the addresses
 */
export async function withServer(
  [program, ...args]: Command,
  files: Readonly<Record<string, string>>,
  ask: (server: Server) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "runtime-"));
  const [admission, management] = [await freePort(), await freePort()];
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const { "webhook.yaml": rest = "", ...others } = files;
  for (const [name, text] of Object.entries(others)) write(name, text);
  write(
    "webhook.yaml",
    `webhook: { listenPort: ${admission}, certDir: ${folder}/none }\nserver: { management: { port: ${management} }, preview: { token: ${TOKEN} }, drainSeconds: 0 }\n${rest}`,
  );
  const server = spawn(program, [...args, "serve", "--config", join(folder, "webhook.yaml")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let log = "";
  server.stdout?.setEncoding("utf8").on("data", (chunk) => (log += chunk));
  const ended = untilExit(server);
  const base = `http://127.0.0.1:${management}`;
  try {
    await Promise.race([
      untilReady(`${base}/readyz`),
      ended.then((code) => assert.fail(`It ended with ${code}`)),
    ]);
    await ask({
      write,
      review: (body) => postOverTls(admission, body),
      preview: (body) => preview(base, body),
      metrics: async () => (await fetch(`${base}/metrics`)).text(),
      ports: { admission, management },
      signal: (name) => process.kill(server.pid ?? 0, name),
      log: () => log,
      leaveLog: () => server.stdout?.destroy(),
    });
  } finally {
    // Deno's child.kill would hide the exit code.
    if (server.exitCode === null) process.kill(server.pid ?? 0, "SIGTERM");
    const code = await ended;
    rmSync(folder, { recursive: true });
    assert.equal(code, 0);
  }
}

/** @returns a review of a pod with one secret, and with labels if need be */
export function renderReview(labels: Readonly<Record<string, string>> = {}): string {
  const pod = podWith([secret({ group: "secret/data/team", key: "api_key", group_version: "kv2" })]);
  const object = { ...pod, metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, ...labels } } };
  const review = { uid: "u-1", operation: "CREATE", namespace: "ns", object };
  return JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request: review });
}

/** @returns the exit code */
export function untilExit(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once("exit", resolve));
}

async function untilReady(url: string): Promise<void> {
  for (const end = Date.now() + READY_MS; Date.now() < end; ) {
    const response = await fetch(url).catch(() => undefined);
    const ready = response?.ok === true;
    await response?.body?.cancel();
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${url} was not ready after ${READY_MS} ms`);
}

/** On a busy machine previews are refused for a moment, so that they hold up no admission. */
async function preview(base: string, body: string): Promise<string> {
  for (let i = 0; i < 50; i++) {
    const headers = { accept: "application/yaml", authorization: `Bearer ${TOKEN}` };
    const answer = await fetch(`${base}/preview`, { method: "POST", headers, body });
    const text = await answer.text();
    if (answer.status !== 503) return text;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("Previews were refused for five seconds");
}

function postOverTls(port: number, body: string): Promise<string> {
  const options = {
    ...{ host: "127.0.0.1", port, path: "/mutate?timeout=10s", method: "POST", rejectUnauthorized: false },
    headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
  };
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve(text));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
