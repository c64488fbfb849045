/** Bundles the worker and serves it with workerd, the runtime of Cloudflare Workers, on a port of its choice. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A workerd process that serves. */
export interface Served {
  readonly url: string;
  /** Names of `node:` modules, and of packages, that the bundle would have to be given. */
  readonly imports: readonly string[];
  readonly stop: () => Promise<void>;
}

/** No `nodejs_compat`: what the app needs is what every web-standard runtime has. */
const renderConfig = (date: string) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "webhook", worker = (
    modules = [(name = "worker.js", esModule = embed "worker.js")],
    compatibilityDate = "${date}",
  ))],
  sockets = [(name = "http", http = (), service = "webhook")],
);
`;

/** Where workerd writes what it listens on. */
const CONTROL_FD = 3;

/** Starts it; rejects where the bundle or the process fails. */
export async function serveOnWorkerd(): Promise<Served> {
  const { program, date } = await findWorkerd();
  const { code, imports } = await bundle();
  const folder = mkdtempSync(join(tmpdir(), "workerd-"));
  writeFileSync(join(folder, "worker.js"), code);
  writeFileSync(join(folder, "config.capnp"), renderConfig(date));
  const args = ["serve", "config.capnp", "--socket-addr=http=127.0.0.1:0", `--control-fd=${CONTROL_FD}`];
  const child = Bun.spawn([program, ...args], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const stop = async () => {
    child.kill();
    await child.exited;
    rmSync(folder, { recursive: true });
  };
  try {
    return { url: `http://127.0.0.1:${await readPort(child)}`, imports, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** It comes with the development packages, and needs no installation script. */
async function findWorkerd() {
  try {
    const { default: program, compatibilityDate } = await import("workerd");
    return { program, date: compatibilityDate };
  } catch (cause) {
    throw new Error("workerd is missing: `npm run setup` installs it, as the package bun.lock names", {
      cause,
    });
  }
}

async function bundle() {
  const { outputs } = await Bun.build({
    entrypoints: [join(import.meta.dir, "worker.ts")],
    target: "browser",
    conditions: ["workerd", "worker"],
    external: ["node:*"],
  });
  const code = (await outputs[0]?.text()) ?? "";
  const imports = new Bun.Transpiler({ loader: "js" }).scanImports(code).map(({ path }) => path);
  return { code, imports };
}

async function readPort(child: Bun.Subprocess): Promise<number> {
  const fd = child.stdio[CONTROL_FD];
  if (typeof fd !== "number") throw new Error("workerd has no channel to tell its port");
  let said = "";
  for await (const chunk of Bun.file(fd).stream()) {
    said += new TextDecoder().decode(chunk);
    const port = /"event":"listen".*"port":(\d+)/.exec(said)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error(`workerd did not start: ${said}`);
}
