/** The certificate at the start of the program: the listener checks it first, and what is wrong is said in the same words. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificates, writeCertificates } from "../tls/make.ts";

const ROOT = join(import.meta.dir, "../..");
const folder = mkdtempSync(join(tmpdir(), "certificate-"));
afterAll(() => rmSync(folder, { recursive: true }));
const [made, other] = [await makeCertificates(), await makeCertificates()];

/** Starts `serve` on a port of the system's choice, or on the given one. */
function start(port = 0, namespace?: string) {
  const config = join(folder, "webhook.yaml");
  const server = "server: { management: { port: 0 }, drainSeconds: 0, reload: false }";
  writeFileSync(config, `webhook: { listenPort: ${port}, certDir: ${folder} }\n${server}\n`);
  return Bun.spawn([process.execPath, "src/entry/bun.ts", "serve", "--config", config], {
    ...{ cwd: ROOT, stdin: "ignore", stdout: "pipe", stderr: "inherit" },
    env: {
      ...{ PATH: process.env.PATH, HOME: folder },
      ...(namespace !== undefined && { POD_NAMESPACE: namespace }),
    },
  });
}

/** Reads the log until a line has the text, or to its end. */
async function readUntil(stream: ReadableStream<Uint8Array>, text: string): Promise<string> {
  let log = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    log += decoder.decode(chunk, { stream: true });
    if (log.includes(text)) break;
  }
  return log;
}

describe("serve on Bun", () => {
  test("says that a key belongs to another certificate, and serves nothing", async () => {
    writeCertificates(folder, { ...made, server: { ...made.server, key: other.server.key } });
    const child = start();
    const log = await new Response(child.stdout).text();
    expect([await child.exited, log.includes('"serving"')]).toEqual([2, false]);
    expect(log).toContain('"tls.key-mismatch"');
    expect(log).not.toContain('"http.not-bound"');
  });

  test("says that a port is in use, not that the certificate is wrong", async () => {
    writeCertificates(folder, made);
    const taken = Bun.listen({ port: 0, hostname: "0.0.0.0", socket: { data: () => {} } });
    const child = start(taken.port);
    const log = await new Response(child.stdout).text();
    taken.stop(true);
    expect(await child.exited).toBe(2);
    expect(log).toContain('"http.not-bound"');
    expect(log).not.toContain('"tls.');
  });

  test("warns about a name that the certificate does not cover, once it serves", async () => {
    writeCertificates(folder, made);
    const child = start(0, "another");
    const log = await readUntil(child.stdout, "tls.name-missing");
    child.kill("SIGTERM");
    expect(log.indexOf('"serving"')).toBeGreaterThan(0);
    expect(log.indexOf('"tls.name-missing"')).toBeGreaterThan(log.indexOf('"serving"'));
    expect(await child.exited).toBe(0);
  });
});
