/** Servers and clients as processes of their own, for the tests that take their time. */

import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MadeCertificates } from "../../../src/tls/create.ts";
import { freePort } from "../../fixtures/free-port.ts";
import { RUNTIMES, type Runtime } from "../../fixtures/runtimes.ts";
import { makeCertificates } from "../../tls/make.ts";
import { goodReview } from "../start.ts";

const ROOT = join(import.meta.dir, "../../..");

/** Everything of this run lies here; several test files share it. */
export const folder = mkdtempSync(join(tmpdir(), "server-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** CA and first certificate of every server. */
export const made = await makeCertificates();
writeFileSync(join(folder, "ca.crt"), made.ca.cert);
writeFileSync(join(folder, "review.json"), goodReview);

/** A server that runs. */
export interface Server {
  readonly port: number;
  readonly management: number;
  readonly pid: number;
  readonly certDir: string;
  /** Resolves with the exit code. */
  readonly ended: Promise<number>;
  /** Resident memory, MiB. */
  readonly rss: () => number;
  /** The most that it ever was, MiB. */
  readonly peak: () => number;
  readonly log: () => string;
}

/** Starts `serve` and waits until it is ready. */
export async function startServe(runtime: Runtime, config = ""): Promise<Server> {
  const own = mkdtempSync(join(folder, `${runtime}-`));
  const certDir = join(own, "certs");
  mkdirSync(certDir);
  for (const file of ["tls.crt", "tls.key", "ca.crt"]) symlinkSync(`..data/${file}`, join(certDir, file));
  mountCertificate(certDir, made);
  const [port, management] = [await freePort(), await freePort()];
  writeFileSync(
    join(own, "webhook.yaml"),
    `webhook: { listenPort: ${port}, certDir: ${certDir} }\nserver: { management: { port: ${management} }, ${config} }\n`,
  );
  const log = join(own, "log");
  const [program = "", ...args] = RUNTIMES[runtime]();
  const child = Bun.spawn([program, ...args, "serve", "--config", join(own, "webhook.yaml")], {
    ...{ cwd: ROOT, stdout: Bun.file(log), stderr: "inherit" },
    env: { ...process.env, FLYTE_VAULT_WEBHOOK_LOG_LEVEL: "warn" },
  });
  const { pid } = child;
  await untilReady(`http://127.0.0.1:${management}/readyz`, pid);
  const memory = (field: string) =>
    Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) /
    1_024;
  const [rss, peak] = [() => memory("VmRSS"), () => memory("VmHWM")];
  return {
    port,
    management,
    pid,
    certDir,
    rss,
    peak,
    ended: child.exited,
    log: () => readFileSync(log, "utf8"),
  };
}

let generation = 0;

/** Writes the next generation of a mounted Secret, as the kubelet does. */
export function mountCertificate(certDir: string, { ca, server }: MadeCertificates): void {
  const name = `..gen${++generation}`;
  mkdirSync(join(certDir, name));
  const files = { "ca.crt": ca.cert, "tls.crt": server.cert, "tls.key": server.key };
  for (const [file, pem] of Object.entries(files)) writeFileSync(join(certDir, name, file), pem);
  symlinkSync(name, join(certDir, "..data_tmp"));
  renameSync(join(certDir, "..data_tmp"), join(certDir, "..data"));
}

/** What a client saw. */
export interface ClientReport {
  readonly ok: number;
  readonly failed: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const client = join(folder, "client");
const built = spawnSync("go", ["build", "-o", client, "."], {
  cwd: join(import.meta.dir, "client"),
  encoding: "utf8",
});
if (built.status !== 0) throw new Error(built.stderr);

/** Starts the client; `-seconds`, `-count` or `stop` end it. */
export function startClient(ports: readonly number[], ...flags: string[]) {
  const toAddress = (list: readonly number[]) => list.map((port) => `127.0.0.1:${port}`).join(",");
  const child = Bun.spawn(
    [
      ...[client, "-address", toAddress(ports), "-ca", join(folder, "ca.crt")],
      ...["-body", join(folder, "review.json"), ...flags],
    ],
    { stdin: "pipe", stdout: "pipe", stderr: "inherit" },
  );
  const report = new Response(child.stdout).json() as Promise<ClientReport>;
  return {
    report,
    sendTo: (list: readonly number[]) => {
      child.stdin.write(`to ${toAddress(list)}\n`);
      child.stdin.flush();
    },
    stop: () => {
      child.stdin.end();
      return report;
    },
  };
}

/** Ends a server that a test started. */
export async function stopServe({ pid, ended }: Server): Promise<number> {
  process.kill(pid, "SIGTERM");
  return ended;
}

export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function untilReady(url: string, pid: number): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(50)) {
    if ((await fetch(url).catch(() => undefined))?.ok) return;
  }
  process.kill(pid, "SIGKILL");
  throw new Error(`${url} was not ready after 20 s`);
}
