/** Python packages of the clients, from PyPI, each in an environment of its own. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { run } from "../cluster/fixture/process.ts";

const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "flyte-vault-webhook");
const installed = new Map<string, Promise<string>>();

/**
 * Finds a Python with a package, or installs one (a minute, once). Rejects, in words to act on, where neither works.
 *
 * @returns path of the Python
 */
export function findPython(name: string, version: string): Promise<string> {
  const key = `${name}-${version}`;
  const known = installed.get(key) ?? install(name, version, join(CACHE, key));
  installed.set(key, known);
  return known;
}

async function install(name: string, version: string, folder: string): Promise<string> {
  const python = join(folder, "bin", "python");
  const done = join(folder, ".done");
  if (existsSync(done)) return python;
  await mkdir(folder, { recursive: true });
  for (const command of [
    ["python3", "-m", "venv", folder],
    [python, "-m", "pip", "install", "-q", `${name}==${version}`],
  ]) {
    const { code, stderr } = await run(command);
    if (code !== 0)
      throw new Error(`${name}'s tests need Python 3.10 or newer with venv, and PyPI: ${stderr}`);
  }
  await Bun.write(done, "");
  return python;
}

/** Runs a program of Python, which reads JSON from its standard input and prints JSON last. */
export async function runPython(
  python: string,
  program: string,
  input: unknown,
  env: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const { code, stdout, stderr } = await run([python, "-c", program], { stdin: JSON.stringify(input), env });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}
