/** The Deployment of the component preview, as a process: its own arguments and files, without a certificate. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { parseAllDocuments } from "yaml";
import { goodReview } from "./start.ts";

const ROOT = join(import.meta.dir, "../..");
const MANIFESTS = join(ROOT, "config/kubernetes");
const MOUNTS = "/etc/flyte-vault-webhook";

const Container = v.object({
  args: v.array(v.string()),
  env: v.array(v.object({ name: v.string() })),
});
const Deployment = v.object({
  kind: v.literal("Deployment"),
  spec: v.object({ template: v.object({ spec: v.object({ containers: v.tuple([Container]) }) }) }),
});

const folder = mkdtempSync(join(tmpdir(), "role-"));
let server: Bun.Subprocess<"ignore", "pipe", "inherit">;
let url = "";

beforeAll(async () => {
  mkdirSync(join(folder, "config"));
  mkdirSync(join(folder, "preview"));
  for (const [from, to] of [
    ["base/webhook.yaml", "config"],
    ["components/monitoring/monitoring.yaml", "config"],
    ["components/preview/zz-preview.yaml", "preview"],
  ] as const)
    cpSync(join(MANIFESTS, from), join(folder, to, from.slice(from.lastIndexOf("/") + 1)));
  // What a test needs otherwise: a port of the system's choice, on this machine only.
  writeFileSync(
    join(folder, "preview", "zzz-test.yaml"),
    "server: { management: { port: 0, host: 127.0.0.1 }, drainSeconds: 0 }\n",
  );
  const { args, env } = readContainer();
  server = Bun.spawn(
    [process.execPath, "src/entry/bun.ts", ...args.map((arg) => arg.replace(MOUNTS, folder))],
    {
      ...{ cwd: ROOT, stdin: "ignore", stdout: "pipe", stderr: "inherit" },
      env: {
        ...{ PATH: process.env.PATH, HOME: folder, KUBERNETES_SERVICE_HOST: "10.0.0.1" },
        ...Object.fromEntries(env.map(({ name }) => [name, name === "PREVIEW_TOKEN" ? "s3cret" : "any"])),
      },
    },
  );
  url = await readUrl(server.stdout);
});

afterAll(async () => {
  server.kill("SIGTERM");
  expect(await server.exited).toBe(0);
  rmSync(folder, { recursive: true, force: true });
});

const post = (path: string, body: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${url}${path}`, {
    ...{ method: "POST", body, headers: { "content-type": "application/json", ...headers } },
  });

describe("serve --role management, as the component preview starts it", () => {
  test("is ready in a pod that has no certificate", async () => {
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(200);
    expect(Object.keys((await ready.json()).checks)).toEqual(["config", "listeners", "mode"]);
  });

  test("answers previews to those who have the token, although the admission's configuration has them off", async () => {
    const plain = JSON.stringify({ secrets: [{ group: "secret/data/team", key: "api_key" }] });
    expect((await post("/preview", plain)).status).toBe(401);
    const answer = await post("/preview", plain, { authorization: "Bearer s3cret" });
    expect(answer.status).toBe(200);
    expect((await answer.json()).results[0]).toMatchObject({ allowed: true, requests: [{ key: "api_key" }] });
  });

  test.each(["/mutate", "/mutate--v1-pod"])("serves no admission at %s", async (path) => {
    expect((await post(path, goodReview)).status).toBe(404);
  });
});

/** Its log names what it listens on: the management port alone. */
async function readUrl(stdout: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of stdout) {
    text += new TextDecoder().decode(chunk);
    if (/"serving".*\n/.test(text)) break;
  }
  const Serving = v.object({ listeners: v.tuple([v.pipe(v.string(), v.startsWith("http://"))]) });
  const line = text.split("\n").find((one) => one.includes('"serving"'));
  return v.parse(Serving, JSON.parse(line ?? "")).listeners[0];
}

function readContainer() {
  const text = readFileSync(join(MANIFESTS, "components/preview/preview.yaml"), "utf8");
  const found = parseAllDocuments(text).map((document) => document.toJS());
  const deployment = v.parse(
    Deployment,
    found.find(({ kind }) => kind === "Deployment"),
  );
  return deployment.spec.template.spec.containers[0];
}
