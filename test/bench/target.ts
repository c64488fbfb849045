/** Servers to be measured, each a process of its own, with what can be read of a process from outside. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createSelfSigned } from "../../src/tls/self-signed.ts";
import { freePort } from "../fixtures/free-port.ts";

/** A running server. */
export interface Target {
  readonly name: string;
  readonly port: number;
  /** CPU time of all its threads so far, microseconds. */
  readonly cpuMicros: () => number;
  /** Resident memory, MiB. */
  readonly rss: () => number;
  readonly stop: () => Promise<void>;
}

const ROOT = join(import.meta.dir, "../..");
const READY_MS = 30_000;
/** What /proc counts in: USER_HZ is 100 wherever Linux runs. */
const TICK_MICROS = 10_000;

const folder = mkdtempSync(join(tmpdir(), "bench-"));
const tls = await createSelfSigned(["127.0.0.1"], Date.now());
writeFileSync(join(folder, "tls.crt"), tls.cert);
writeFileSync(join(folder, "tls.key"), tls.key);

/** Commands that run an entry of the source, by runtime. */
export const RUNTIMES: Readonly<Record<"bun" | "node" | "deno", () => readonly string[]>> = {
  bun: () => [process.execPath, "--no-install", join(ROOT, "src/entry/bun.ts")],
  node: () => [locate("node@24", "-p", "process.execPath"), join(ROOT, "src/entry/node.ts")],
  deno: () => [
    locate("deno@2.9.6", "eval", "console.log(Deno.execPath())"),
    ...["run", "--allow-all", "--no-check", join(ROOT, "src/entry/deno.ts")],
  ],
};

/** The program itself rather than npx, whose CPU time is another's. */
function locate(spec: string, ...args: string[]): string {
  return spawnSync("npx", ["-y", spec, ...args], { encoding: "utf8" }).stdout.trim();
}

/**
 * Starts `serve` with the default configuration, its log in a pipe that is read, its metrics on.
 *
 * @param command runs the command line, up to the subcommand
 */
export async function startServe(name: string, command: readonly string[]): Promise<Target> {
  const [port, management] = [await freePort(), await freePort()];
  const config = join(mkdtempSync(join(folder, "serve-")), "webhook.yaml");
  writeFileSync(
    config,
    `webhook: { listenPort: ${port}, certDir: ${folder}, vaultSecretManager: { role: flyte-role } }\nserver: { management: { port: ${management} }, drainSeconds: 0 }\n`,
  );
  const child = Bun.spawn([...command, "serve", "--config", config], {
    ...{ cwd: ROOT, stdout: "pipe", stderr: "inherit" },
    // The image sets both.
    env: { ...process.env, NODE_ENV: "production", BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
  });
  void readToTheEnd(child.stdout);
  await untilReady(name, `http://127.0.0.1:${management}/readyz`, child);
  return toTarget(name, port, child);
}

/** Starts a server of `server.ts`. @param args its kind, and for a constant the size of its answer */
export async function startKind(kind: string, ...args: string[]): Promise<Target> {
  let ready: (port: number) => void = () => {};
  const started = new Promise<number>((resolve) => {
    ready = resolve;
  });
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "server.ts"), kind, ...args], {
    ...{ stdin: new Blob([JSON.stringify(tls)]), stdout: "inherit", stderr: "inherit" },
    ipc: (port: number) => ready(port),
  });
  return toTarget(kind, await started, child);
}

/**
 * Checks a commit out beside this one, with these packages.
 *
 * @returns where it is
 */
export function checkOut(ref: string): string {
  const out = mkdtempSync(join(folder, "against-"));
  const { status } = spawnSync("sh", ["-c", `git archive "$0" | tar -x -C "$1"`, ref, out], {
    ...{ cwd: ROOT, stdio: "inherit" },
  });
  if (status !== 0) throw new Error(`Cannot check out ${ref}`);
  symlinkSync(join(ROOT, "node_modules"), join(out, "node_modules"));
  return out;
}

/** Builds the image's program of a checkout. @returns what runs it */
export function buildImage(root = ROOT): readonly string[] {
  const out = join(root === ROOT ? join(ROOT, "dist/bench") : join(root, "dist"));
  mkdirSync(out, { recursive: true });
  const script = `import { bundle } from ${JSON.stringify(join(root, "config/image/bundle.ts"))}; console.log(await bundle(${JSON.stringify(out)}));`;
  const built = spawnSync(process.execPath, ["-e", script], { cwd: root, encoding: "utf8" });
  if (built.status !== 0) throw new Error(built.stderr);
  return [process.execPath, "--no-install", built.stdout.trim()];
}

type Child = Pick<Bun.Subprocess, "pid" | "exited" | "exitCode" | "kill">;

function toTarget(name: string, port: number, child: Child): Target {
  const read = (file: string) => readFileSync(`/proc/${child.pid}/${file}`, "utf8");
  return {
    ...{ name, port },
    cpuMicros: () => {
      // The name of the program, in brackets, may hold blanks (proc_pid_stat(5): utime and stime are 14 and 15).
      const fields = read("stat")
        .replace(/^.*\) /s, "")
        .split(" ");
      return (Number(fields[11]) + Number(fields[12])) * TICK_MICROS;
    },
    rss: () => Number(/VmRSS:\s+(\d+)/.exec(read("status"))?.[1] ?? 0) / 1_024,
    stop: async () => {
      child.kill("SIGTERM");
      await child.exited;
    },
  };
}

async function readToTheEnd(stream: ReadableStream<Uint8Array>): Promise<void> {
  for await (const _ of stream);
}

async function untilReady(name: string, url: string, child: Child): Promise<void> {
  for (const end = performance.now() + READY_MS; performance.now() < end; await Bun.sleep(20)) {
    if (child.exitCode !== null) break;
    if ((await fetch(url).catch(() => undefined))?.ok) return;
  }
  child.kill("SIGKILL");
  throw new Error(`${name} was not ready`);
}
