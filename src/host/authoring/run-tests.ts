/** Runs a plugin's tests with Bun's runner, on a copy of its folder in which imports of the public API resolve. */
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { pluginIssues } from "../../core/issue/plugin.ts";
import { failure, type Result, success } from "../../core/result.ts";
import { describeError } from "../plugin/setup.ts";
import type { Snapshots } from "../plugin/snapshot.ts";

/** The result of a test run. */
export interface TestRun {
  readonly passed: boolean;
  /** What the runner printed, with the original paths. */
  readonly output: string;
}

const TEST = /\.test\.[cm]?[jt]s$/;
const LIMIT_MS = 120_000;

/**
 * @param folder a plugin's folder, or a folder of plugins' folders
 * @returns the result of the run, or why there is nothing to run
 */
export async function runPluginTests(folder: string, snapshots: Snapshots): Promise<Result<TestRun>> {
  if (process.versions.bun === undefined) return failure([pluginIssues["plugin.tests-runner"]({})]);
  try {
    const found = await findTests(folder);
    if (found.size === 0) {
      const reason = "no file of it, nor of the folders in it, ends in .test.ts";
      return failure([pluginIssues["plugin.tests-missing"]({ folder, reason })]);
    }
    const runs: TestRun[] = [];
    for (const [place, tests] of found) runs.push(await runFolder(place, tests, snapshots));
    return success({
      passed: runs.every(({ passed }) => passed),
      output: runs.map(({ output }) => output).join(""),
    });
  } catch (error) {
    return failure([pluginIssues["plugin.tests-missing"]({ folder, reason: describeError(error) })]);
  }
}

/** @returns names of test files by folder: of this folder, or if it has none, of its subfolders */
async function findTests(folder: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const entries = await readdir(folder, { withFileTypes: true });
  const own = entries.map(({ name }) => name).filter((name) => TEST.test(name));
  if (own.length > 0) return new Map([[folder, own]]);
  const found = new Map<string, readonly string[]>();
  for (const entry of entries.filter((one) => one.isDirectory() && one.name !== "node_modules")) {
    const place = join(folder, entry.name);
    const tests = (await readdir(place)).filter((name) => TEST.test(name));
    if (tests.length > 0) found.set(place, tests);
  }
  return found;
}

async function runFolder(folder: string, tests: readonly string[], snapshots: Snapshots): Promise<TestRun> {
  const copy = await snapshots.take(join(folder, tests[0] ?? ""));
  try {
    const at = dirname(fileURLToPath(copy.url));
    const files = tests.map((name) => `./${name}`);
    const { code, text } = await run(process.execPath, ["test", "--no-install", ...files], at);
    return { passed: code === 0, output: text.replaceAll(at, folder) };
  } finally {
    await copy.release();
  }
}

function run(program: string, args: readonly string[], cwd: string): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { cwd, timeout: LIMIT_MS }, (error, stdout, stderr) => {
      const code = child.exitCode ?? (error ? 1 : 0);
      resolve({ code, text: stderr + stdout });
    });
  });
}
