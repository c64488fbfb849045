/** Runs the tests of a plugin's folder with Bun's runner, on a copy in which the public API is found. */
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { pluginIssues } from "../../core/issue/plugin.ts";
import { failure, type Result, success } from "../../core/result.ts";
import { describeError } from "./setup.ts";
import type { Snapshots } from "./snapshot.ts";

/** What the runner said. */
export interface TestRun {
  readonly passed: boolean;
  /** Its text, with the names of the folder's own files. */
  readonly output: string;
}

const TEST = /\.test\.[cm]?[jt]s$/;
const LIMIT_MS = 120_000;

/** @returns what the runner said, or why there is nothing to run */
export async function runPluginTests(folder: string, snapshots: Snapshots): Promise<Result<TestRun>> {
  if (process.versions.bun === undefined) return failure([pluginIssues["plugin.tests-runner"]({})]);
  let tests: string[];
  try {
    tests = (await readdir(folder)).filter((name) => TEST.test(name));
  } catch (error) {
    return failure([pluginIssues["plugin.tests-missing"]({ folder, reason: describeError(error) })]);
  }
  const [first] = tests;
  if (first === undefined) {
    return failure([pluginIssues["plugin.tests-missing"]({ folder, reason: "no file ends in .test.ts" })]);
  }
  const copy = await snapshots.take(join(folder, first));
  try {
    const at = dirname(fileURLToPath(copy.url));
    const { code, text } = await run(
      process.execPath,
      ["test", "--no-install", ...tests.map((name) => `./${name}`)],
      at,
    );
    return success({ passed: code === 0, output: text.replaceAll(at, folder) });
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
