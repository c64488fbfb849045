/** flytekit itself, from PyPI: the code that a Flyte task runs to read a secret. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { run } from "../cluster/fixture/process.ts";

/** The flytekit whose behaviour the tests state. */
export const FLYTEKIT = "1.16.31";
const VENV = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"),
  "flyte-vault-webhook",
  `flytekit-${FLYTEKIT}`,
);

/** How a task asks: `current_context().secrets.get(group, key, group_version)`. */
export interface Ask {
  readonly group: string;
  readonly key: string;
  readonly group_version?: string;
}

/** What the task is given. */
export type Given = { readonly found: string } | { readonly error: string };

const TASK = `
import json, sys
from flytekit import current_context
answers = []
for ask in json.load(sys.stdin):
    try:
        answers.append({"found": current_context().secrets.get(**ask)})
    except ValueError as error:
        answers.append({"error": str(error)})
print(json.dumps(answers))
`;

let installed: Promise<string> | undefined;

/** Finds a Python with flytekit, or installs one (a minute, once). Rejects, in words to act on, where neither works. */
export function findFlytekit(): Promise<string> {
  installed ??= install();
  return installed;
}

async function install(): Promise<string> {
  const python = join(VENV, "bin", "python");
  const done = join(VENV, ".done");
  if (existsSync(done)) return python;
  await mkdir(VENV, { recursive: true });
  for (const command of [
    ["python3", "-m", "venv", VENV],
    [python, "-m", "pip", "install", "-q", `flytekit==${FLYTEKIT}`],
  ]) {
    const { code, stderr } = await run(command);
    if (code !== 0)
      throw new Error(`flytekit's tests need Python 3.9 or newer with venv, and PyPI: ${stderr}`);
  }
  await Bun.write(done, "");
  return python;
}

/**
 * Runs flytekit's part of a task.
 *
 * @param variables of the task's container
 * @returns an answer for each question, in order
 */
export async function askFlytekit(
  variables: Readonly<Record<string, string>>,
  asks: readonly Ask[],
): Promise<readonly Given[]> {
  const python = await findFlytekit();
  const { code, stdout, stderr } = await run([python, "-c", TASK], {
    stdin: JSON.stringify(asks),
    env: variables,
  });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}
