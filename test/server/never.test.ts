/** Nothing that is awaited at a load lasts for ever: the command says what it waited for, and exits with 2. */
import { afterAll, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../fixtures/free-port.ts";
import { makeCertificates } from "../tls/make.ts";

const BUN = join(import.meta.dir, "../../src/entry/bun.ts");
const PLUGIN = join(import.meta.dir, "../fixtures/plugins/bad/setup-never.ts");
const folder = mkdtempSync(join(tmpdir(), "never-"));
afterAll(() => rm(folder, { recursive: true }));

const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const fifo = (name: string) => {
  execFileSync("mkfifo", [join(folder, name)]);
  return join(folder, name);
};

async function run(command: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  const child = Bun.spawn([process.execPath, BUN, ...command], { stdout: "pipe", stderr: "pipe" });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, text: out + err };
}

const [port, management] = [await freePort(), await freePort()];
const server = `server: { management: { port: ${management} } }\n`;
const { server: pair } = await makeCertificates();
const configs = {
  none: write("none.yaml", `plugins: [{ use: ${PLUGIN}, isolate: none }]\n${server}`),
  worker: write("worker.yaml", `plugins: [{ use: ${PLUGIN} }]\n${server}`),
  fifo: fifo("fifo.yaml"),
};
fifo("tls.crt");
write("tls.key", pair.key);
const certificate = write(
  "certificate.yaml",
  `webhook: { listenPort: ${port}, certDir: ${folder} }\n${server}`,
);

// At once, since each waits ten seconds.
const results = await Promise.all(
  [
    ...Object.values(configs).flatMap((path) => [
      ["config", "check", path],
      ["serve", "--config", path],
    ]),
    ["serve", "--config", certificate],
  ].map(async (command) => ({ command, ...(await run(command)) })),
);

test.each([
  ["none.yaml", "config", "was not ready within 10 seconds"],
  ["none.yaml", "serve", "was not ready within 10 seconds"],
  ["worker.yaml", "config", "was not ready within ten seconds"],
  ["worker.yaml", "serve", "was not ready within ten seconds"],
  ["fifo.yaml", "config", "it is a pipe"],
  ["fifo.yaml", "serve", "it is a pipe"],
  ["certificate.yaml", "serve", "it is a folder, pipe"],
])("%s with %s exits with 2 and a reason", (file, command, reason) => {
  const found = results.find(
    (each) => each.command[0] === command && each.command.at(-1)?.endsWith(`/${file}`),
  );
  expect(found?.text).toContain(reason);
  expect(found?.code).toBe(2);
});
