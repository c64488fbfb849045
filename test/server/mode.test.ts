/** The mode of a served process: in /readyz and in the metrics, and not changed by an edit of the configuration. */
import { afterAll, expect, test } from "bun:test";
import { createWorkplace } from "../cli/harness.ts";
import { until } from "../cluster/fixture/process.ts";
import { freePort } from "../fixtures/free-port.ts";
import { makeCertificates } from "../tls/make.ts";

const place = createWorkplace();
afterAll(() => place.remove());

test("observe is named, and an edit to enforce is reported but not taken", async () => {
  const [port, management] = [await freePort(), await freePort()];
  const { server } = await makeCertificates();
  place.write("certs/tls.crt", server.cert);
  place.write("certs/tls.key", server.key);
  const write = (mode: string) =>
    place.write(
      "config/webhook.yaml",
      `webhook: { listenPort: ${port}, certDir: ${place.folder}/certs }\nserver: { management: { port: ${management} } }\npolicy: { mode: ${mode} }\n`,
    );
  write("observe");
  const child = Bun.spawn(
    [
      process.execPath,
      new URL("../../src/entry/bun.ts", import.meta.url).pathname,
      "serve",
      "--config",
      `${place.folder}/config/webhook.yaml`,
    ],
    { stdout: "ignore", stderr: "ignore", env: { ...process.env, NODE_ENV: "" } },
  );
  const get = async (path: string) => (await fetch(`http://127.0.0.1:${management}${path}`)).text();
  const modeOf = async () => JSON.parse(await get("/readyz")).checks.mode.detail;
  try {
    await until("ready", async () => (await modeOf()) === "observe");
    expect(await get("/metrics")).toContain('flyte_vault_webhook_mode{mode="observe"} 1');
    write("enforce");
    await until("reloaded", async () => (await modeOf()) !== "observe");
    expect(await modeOf()).toBe("observe; the configuration says enforce: restart to change it");
    expect(await get("/metrics")).toContain('flyte_vault_webhook_mode{mode="observe"} 1');
  } finally {
    child.kill();
    await child.exited;
  }
}, 60_000);
