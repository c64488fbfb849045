/**
 * From the start of the process to its first ready answer, beside a Bun server that does nothing: CPU time, and the time on the
 * clock. What is measured is the program that the image runs; the source beside it is only told.
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
    const [port, management, emptyPort] = [await freePort(), await freePort(), await freePort()];
    await writeFiles(folder, port, management, emptyPort);
    const program = await bundle(folder);
    const starts: Record<"empty" | "image" | "source", Start[]> = { empty: [], image: [], source: [] };
    const start = (path: string) =>
      measureStart(
        [path, "serve", "--config", join(folder, "webhook.yaml")],
        `http://127.0.0.1:${management}/readyz`,
      );
    // The first round fills the caches of the file system.
    for (let round = 0; round <= rounds; round++) {
      const empty = await measureStart([join(folder, "empty.ts")], `http://127.0.0.1:${emptyPort}/`);
      const image = await start(program);
      const source = await start(join(ROOT, "src/entry/bun.ts"));
      if (round === 0) continue;
      starts.empty.push(empty);
      starts.image.push(image);
      starts.source.push(source);
    }
    const ratio = (name: "image" | "source", of: keyof Start) =>
      median(starts[name].map((each, round) => each[of] / (starts.empty[round]?.[of] ?? Number.NaN)));
    yield { name: "readiness / empty Bun.serve: image, CPU", figure: ratio("image", "cpuMs"), bar: BAR };
    yield { name: "readiness / empty Bun.serve: image, clock", figure: ratio("image", "ms"), bar: BAR };
    yield { name: "readiness / empty Bun.serve: source, CPU", figure: ratio("source", "cpuMs") };
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

/** A start, from the process's beginning to its first good answer, milliseconds. */
interface Start {
  readonly ms: number;
  /** Of all threads. */
  readonly cpuMs: number;
}

/** Starts a process as the image does, and ends it after its first good answer. */
async function measureStart(args: readonly string[], url: string): Promise<Start> {
  const start = performance.now();
  const child = Bun.spawn([process.execPath, "--no-install", ...args], {
    ...{ stdout: "ignore", stderr: "inherit" },
    env: { ...process.env, NODE_ENV: "production", BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
  });
  let ms = Number.NaN;
  try {
    while (Number.isNaN(ms) && performance.now() - start < LONGEST_MS) {
      if (await isReady(url)) ms = performance.now() - start;
      else await Bun.sleep(POLL_MS);
    }
  } finally {
    child.kill("SIGKILL");
    await child.exited;
  }
  if (Number.isNaN(ms)) throw new Error(`${url} was not ready after ${LONGEST_MS} ms`);
  return { ms, cpuMs: Number(child.resourceUsage()?.cpuTime.total ?? Number.NaN) / 1_000 };
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
