/**
 * One suite for every runtime: the real entry in a process of its own, spoken to over TLS as the API server does, and
 * the vectors through the same code in the runtime's own engine.
 */

import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createApp, createEngine, parseConfig } from "../../src/index.ts";
import { applyOutcome, reviewPod, settingsOf } from "../fixtures/engine.ts";
import { goldenInjections } from "../fixtures/golden.ts";
import { findNames, isEmitted, queries, readEmitted, rules } from "../fixtures/monitoring.ts";
import { toSemantics } from "../fixtures/semantics.ts";
import { checkHangUp, checkHostile, checkHostilePods } from "./hostile.ts";
import { checkEndedPreview, checkPlugins } from "./plugins.ts";
import { type Command, renderReview, untilExit, withServer } from "./server.ts";

/** One thing that has to hold on a runtime. */
export interface Check {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/**
 * The suite.
 *
 * @param command runs the entry of the runtime under test, up to the subcommand
 * @param limits codes of what it cannot do, which it has to say at start
 */
export function runtimeSuite(command: Command, limits: readonly string[]): Check[] {
  return [
    { name: "the public API serves a review", run: checkPublicApi },
    { name: "vectors give the same result as on every runtime", run: checkVectors },
    {
      name: "serve answers /mutate over TLS, /preview and /readyz, and ends on SIGTERM",
      run: () => checkServe(command, limits),
    },
    {
      name: "plugins run in threads and in process, are cut off, and reloaded",
      run: () => checkPlugins(command),
    },
    {
      name: "a looping preview is ended together with its plugins' threads",
      run: () => checkEndedPreview(command),
    },
    { name: "hostile requests leave no trace", run: () => checkHostile(command) },
    { name: "hostile pods are answered beside good ones", run: () => checkHostilePods(command) },
    { name: "SIGHUP drains as SIGTERM does", run: () => checkHangUp(command) },
    { name: "a log that nobody reads any more disturbs nobody", run: () => checkLeftLog(command) },
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

function checkServe(command: Command, limits: readonly string[]): Promise<void> {
  return withServer(command, {}, async ({ review, preview, metrics, log, ports }) => {
    const openApi = await fetch(`http://127.0.0.1:${ports.management}/openapi.json`);
    assert.equal(openApi.status, 200);
    assert.match(await openApi.text(), /"openapi":"3\.1\.0"/);
    assert.match(await review(renderReview()), /"uid":"u-1","allowed":true,"patchType":"JSONPatch"/);
    assert.match(
      await preview("secrets: [{ group: secret/data/team, key: api_key }]"),
      /agent-inject-secret-/,
    );
    const emitted = readEmitted(await metrics());
    const asked = [...rules.map(({ expr }) => expr), ...queries].flatMap(findNames);
    assert.deepEqual(
      asked.filter((name) => !isEmitted(name, emitted)),
      [],
    );
    const told = [...log().matchAll(/"code":"(runtime\.[^"]+)"/g)].map(([, limit]) => limit);
    assert.deepEqual(told, limits);
  });
}

function checkLeftLog(command: Command): Promise<void> {
  return withServer(command, {}, async ({ review, metrics, leaveLog }) => {
    leaveLog();
    for (let i = 0; i < 5; i++) {
      assert.match(await review(renderReview()), /"allowed":true/);
      // Longer than lines are gathered for, so that each of them is written.
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    assert.match(await metrics(), /_detached_failures_total 0$/m);
  });
}

async function checkRefusal([program, ...args]: Command): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "runtime-"));
  writeFileSync(join(folder, "webhook.yaml"), "policy: { idz: stable }\n");
  const server = spawn(program, [...args, "serve", "--config", join(folder, "webhook.yaml")], {
    stdio: "ignore",
  });
  assert.equal(await untilExit(server), 2);
  rmSync(folder, { recursive: true });
}

/** The program that runs this suite. */
export const runtime = process.execPath;
