/**
 * From the start of the process to its first ready answer, beside a Bun server that does nothing. What is measured is the
 * program that the image runs; the source beside it is only told.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parse, stringify } from "yaml";
import { bundle } from "../../config/image/bundle.ts";
import { createSelfSigned } from "../../src/tls/self-signed.ts";
import { freePort } from "../fixtures/free-port.ts";
import { median, type Row } from "./row.ts";

const ROOT = join(import.meta.dir, "../..");
const BAR = { atMost: 4.5 };
const POLL_MS = 1;
const LONGEST_MS = 10_000;

/** Measures in turn: what else the machine does falls on both. */
export async function* measureReadiness(rounds: number): AsyncGenerator<Row> {
  const folder = mkdtempSync(join(tmpdir(), "ready-"));
  try {
    const [port, management, empty] = [await freePort(), await freePort(), await freePort()];
    await writeFiles(folder, port, management, empty);
    const program = await bundle(folder);
    const ratios = { image: [] as number[], source: [] as number[] };
    const start = (path: string) =>
      timeStart(
        [path, "serve", "--config", join(folder, "webhook.yaml")],
        `http://127.0.0.1:${management}/readyz`,
      );
    // The first round fills the caches of the file system.
    for (let round = 0; round <= rounds; round++) {
      const least = await timeStart([join(folder, "empty.ts")], `http://127.0.0.1:${empty}/`);
      const image = await start(program);
      const source = await start(join(ROOT, "src/entry/bun.ts"));
      if (round === 0) continue;
      ratios.image.push(image / least);
      ratios.source.push(source / least);
    }
    yield { name: "readiness / empty Bun.serve: image", figure: median(ratios.image), bar: BAR };
    yield { name: "readiness / empty Bun.serve: source", figure: median(ratios.source) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The example configuration, on ports of this run, with a certificate in files. */
async function writeFiles(folder: string, port: number, management: number, empty: number): Promise<void> {
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const example = parse(readFileSync(join(ROOT, "config/webhook.yaml"), "utf8"));
  const webhook = { ...example.webhook, listenPort: port, certDir: folder };
  const server = { ...example.server, management: { port: management } };
  write("webhook.yaml", stringify({ ...example, webhook, server }));
  const { cert, key } = await createSelfSigned(["127.0.0.1"], Date.now());
  write("tls.crt", cert);
  write("tls.key", key);
  write(
    "empty.ts",
    `Bun.serve({ port: ${empty}, hostname: "127.0.0.1", fetch: () => new Response("ok") });\n`,
  );
}

/** @returns milliseconds from the start of a process to its first good answer; it has ended by then. */
async function timeStart(args: readonly string[], url: string): Promise<number> {
  const start = performance.now();
  const child = Bun.spawn([process.execPath, "--no-install", ...args], {
    stdout: "ignore",
    stderr: "inherit",
  });
  try {
    while (performance.now() - start < LONGEST_MS) {
      if (await isReady(url)) return performance.now() - start;
      await Bun.sleep(POLL_MS);
    }
    throw new Error(`${url} was not ready after ${LONGEST_MS} ms`);
  } finally {
    child.kill("SIGKILL");
    await child.exited;
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { keepalive: false });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
