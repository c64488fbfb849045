/** A running server picks up what changes on disk: its configuration, a plugin, and a ConfigMap's swapped link. */

import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../fixtures/free-port.ts";

const BUN = join(import.meta.dir, "../../src/entry/bun.ts");
const KEY = "vault.hashicorp.com/log-level";
const folder = await mkdtemp(join(tmpdir(), "reload-"));
const [admission, management] = [await freePort(), await freePort()];
afterAll(() => rm(folder, { recursive: true }));

const pluginOf = (value: string) => `import { definePlugin } from "flyte-vault-webhook/plugin";
export default definePlugin({
  name: "level", description: "Level", writes: ["${KEY}"],
  setup: () => ({ annotations: () => ({ "${KEY}": "${value}" }) }),
});
`;

/** One version of a mounted ConfigMap, and the link by which Kubernetes makes it the current one. */
async function mount(version: number, value: string, reload = true): Promise<void> {
  const data = join(folder, `..${version}`);
  await mkdir(data);
  await writeFile(
    join(data, "webhook.yaml"),
    `webhook: { listenPort: ${admission}, certDir: ${folder}/none }
plugins: [{ use: ./plugin.ts }]
server: { management: { port: ${management} }, reload: ${reload}, drainSeconds: 0 }
`,
  );
  await writeFile(join(data, "plugin.ts"), value.includes("{") ? value : pluginOf(value));
  await symlink(`..${version}`, join(folder, "..next"));
  await rename(join(folder, "..next"), join(folder, "..data"));
  if (version > 1) return;
  for (const name of ["webhook.yaml", "plugin.ts"]) await symlink(`..data/${name}`, join(folder, name));
}

async function level(): Promise<string | undefined> {
  const body = JSON.stringify({ secrets: [{ group: "secret/data/team", key: "k" }] });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`http://127.0.0.1:${management}/preview`, { method: "POST", headers, body });
  // On a busy machine previews are refused for a moment.
  if (answer.status === 503) {
    await Bun.sleep(100);
    return level();
  }
  const { results } = (await answer.json()) as {
    results: { annotations: { key: string; value: string }[] }[];
  };
  return results[0]?.annotations.find(({ key }) => key === KEY)?.value;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await holds().catch(() => false)) return;
    await Bun.sleep(25);
  }
  throw new Error("It did not come to be within five seconds");
}

const readyz = async () =>
  JSON.stringify(await (await fetch(`http://127.0.0.1:${management}/readyz`)).json());

test("a swapped ConfigMap is picked up; a bad one is told of, and the last good one serves on", async () => {
  await mount(1, "info");
  const server = Bun.spawn([process.execPath, BUN, "serve", "--config", join(folder, "webhook.yaml")], {
    stdout: "ignore",
    stderr: "inherit",
  });
  try {
    await until(async () => (await level()) === "info");
    await mount(2, "debug");
    await until(async () => (await level()) === "debug");
    await mount(3, "export default {");
    await until(async () => (await readyz()).includes("newer one refused"));
    expect(await level()).toBe("debug");
    await mount(4, "warn");
    await until(async () => (await level()) === "warn");
    expect(await readyz()).not.toContain("refused");
    // From here on the operator rolls out instead.
    await mount(5, "error", false);
    await until(async () => (await level()) === "error");
    await mount(6, "trace");
    await Bun.sleep(500);
    expect(await level()).toBe("error");
  } finally {
    server.kill();
    await server.exited;
  }
}, 40_000);
