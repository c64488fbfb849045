/**
 * One suite for every runtime: the real entry in a process of its own, spoken to over TLS as the API server does, and
 * the vectors through the same code in the runtime's own engine.
 */
import { strict as assert } from "node:assert";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createApp, createEngine, parseConfig } from "../../src/index.ts";
import { applyOutcome, podWith, reviewPod, secret, settingsOf } from "../fixtures/engine.ts";
import { goldenInjections } from "../fixtures/golden.ts";
import { findNames, isEmitted, queries, readEmitted, rules } from "../fixtures/monitoring.ts";
import { toSemantics } from "../fixtures/semantics.ts";

/** One thing that has to hold on a runtime. */
export interface Check {
  readonly name: string;
  readonly run: () => Promise<void>;
}

const READY_MS = 20_000;
const good = secret({ group: "secret/data/team", key: "api_key", group_version: "kv2" });

/**
 * The suite.
 *
 * @param command runs the entry of the runtime under test, up to the subcommand
 * @param limits codes of what it cannot do, which it has to say at start
 */
export function runtimeSuite(command: readonly [string, ...string[]], limits: readonly string[]): Check[] {
  return [
    { name: "the public API serves a review", run: checkPublicApi },
    { name: "vectors give the same result as on every runtime", run: checkVectors },
    {
      name: "serve answers /mutate over TLS, /preview and /readyz, and ends on SIGTERM",
      run: () => checkServe(command, limits),
    },
    { name: "serve refuses a bad configuration with exit code 2", run: () => checkRefusal(command) },
  ];
}

async function checkPublicApi(): Promise<void> {
  const config = parseConfig("webhook: { vaultSecretManager: { role: my-role } }");
  assert(config.ok);
  const engine = await createEngine(config.value);
  assert(engine.ok);
  const app = createApp(engine.value, { surface: "admission" });
  const response = await app.fetch(
    new Request("http://localhost/mutate", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: renderReview(),
    }),
  );
  assert.equal(response.status, 200);
  assert.match(await response.text(), /"allowed":true,"patchType":"JSONPatch"/);
}

/** The rows without a deliberate difference: ASCII identifiers and paths. */
async function checkVectors(): Promise<void> {
  const rows = goldenInjections.filter(({ name }) => name.startsWith("matrix/"));
  assert(rows.length > 20);
  for (const row of rows) {
    const engine = await createEngine(settingsOf(row.config));
    assert(engine.ok);
    const pod = row.pod_roundtrip ?? row.pod;
    const patched = applyOutcome(pod, await reviewPod(engine.value, pod));
    assert.deepEqual(toSemantics(patched, {}), toSemantics(row.expected, {}), row.name);
  }
}

async function checkServe(
  [program, ...args]: readonly [string, ...string[]],
  limits: readonly string[],
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "runtime-"));
  const [admission, management] = [await findPort(), await findPort()];
  writeFileSync(
    join(folder, "webhook.yaml"),
    `webhook: { listenPort: ${admission}, certDir: ${folder} }\nserver: { management: { port: ${management} } }\n`,
  );
  const server = spawn(program, [...args, "serve", "--config", join(folder, "webhook.yaml")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let log = "";
  server.stdout?.setEncoding("utf8").on("data", (chunk) => (log += chunk));
  const ended = untilExit(server);
  try {
    const base = `http://127.0.0.1:${management}`;
    await untilReady(`${base}/readyz`);
    const review = await postOverTls(admission, renderReview());
    assert.match(review, /"uid":"u-1","allowed":true,"patchType":"JSONPatch"/);
    const preview = await patiently(() =>
      fetch(`${base}/preview`, {
        method: "POST",
        headers: { accept: "application/yaml" },
        body: "secrets: [{ group: secret/data/team, key: api_key }]",
      }),
    );
    assert.equal(preview.status, 200);
    assert.match(await preview.text(), /agent-inject-secret-/);
    const emitted = readEmitted(await (await fetch(`${base}/metrics`)).text());
    const asked = [...rules.map(({ expr }) => expr), ...queries].flatMap(findNames);
    assert.deepEqual(
      asked.filter((name) => !isEmitted(name, emitted)),
      [],
    );
  } finally {
    // Deno's child.kill would hide the exit code.
    process.kill(server.pid ?? 0, "SIGTERM");
    const code = await ended;
    rmSync(folder, { recursive: true });
    assert.equal(code, 0);
  }
  assert.deepEqual(
    [...log.matchAll(/"code":"(runtime\.[^"]+)"/g)].map(([, limit]) => limit),
    limits,
  );
}

async function checkRefusal([program, ...args]: readonly [string, ...string[]]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "runtime-"));
  writeFileSync(join(folder, "webhook.yaml"), "policy: { idz: stable }\n");
  const server = spawn(program, [...args, "serve", "--config", join(folder, "webhook.yaml")], {
    stdio: "ignore",
  });
  assert.equal(await untilExit(server), 2);
  rmSync(folder, { recursive: true });
}

function renderReview(): string {
  const review = { uid: "u-1", operation: "CREATE", namespace: "ns", object: podWith([good]) };
  return JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request: review });
}

function untilExit(child: ChildProcess): Promise<number | null> {
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

/** A port that was free a moment ago. */
function findPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** The program that runs this suite. */
export const runtime = process.execPath;

/** On a busy machine previews are refused for a moment, so that they hold up no admission. */
async function patiently(ask: () => Promise<Response>): Promise<Response> {
  for (let i = 0; i < 50; i++) {
    const answer = await ask();
    if (answer.status !== 503) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return ask();
}
