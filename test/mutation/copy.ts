/** A copy of the repository that mutants are tried in, so that the work tree stays as it is. */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** A test may take longer than usual: a busy machine must not kill a mutant. */
const TEST_MS = "60000";
const ROOT = join(import.meta.dir, "../..");

/** How a run of tests ended. */
export interface Run {
  /** `late`: ended because it took longer than its limit. */
  readonly end: "passed" | "failed" | "late";
  readonly ms: number;
  /** The test file that failed; absent if the output does not name one, as for a module that cannot be loaded. */
  readonly failed?: string | undefined;
}

/** One copy; used by one worker at a time. */
export class Copy {
  readonly #folder = mkdtempSync(join(tmpdir(), "mutation-"));

  constructor() {
    for (const name of readdirSync(ROOT)) {
      if (name === ".git" || name === "node_modules" || name === "dist") continue;
      cpSync(join(ROOT, name), join(this.#folder, name), { recursive: true });
    }
    symlinkSync(join(ROOT, "node_modules"), join(this.#folder, "node_modules"));
  }

  /**
   * Runs tests while a file has another text.
   *
   * @param file path of the file, relative to the repository
   * @param change from the text that the file has to the one that is tried
   */
  async runWith(
    file: string,
    change: (source: string) => string,
    tests: readonly string[],
    limit: number,
  ): Promise<Run> {
    const path = join(this.#folder, file);
    const source = readFileSync(path, "utf8");
    writeFileSync(path, change(source));
    try {
      return await this.run(tests, limit);
    } finally {
      writeFileSync(path, source);
    }
  }

  /**
   * Runs tests up to the first that fails.
   *
   * @param tests test files, relative to the repository
   * @param limit milliseconds after which the run is ended
   */
  async run(tests: readonly string[], limit: number): Promise<Run> {
    const began = performance.now();
    const child = Bun.spawn(
      [process.execPath, "test", "--bail", "--timeout", TEST_MS, ...tests.map((path) => `./${path}`)],
      { cwd: this.#folder, timeout: limit, killSignal: "SIGKILL", stdio: ["ignore", "ignore", "pipe"] },
    );
    const output = await new Response(child.stderr).text();
    const code = await child.exited;
    const ms = performance.now() - began;
    if (code === 0) return { end: "passed", ms };
    return child.signalCode === "SIGKILL" && ms >= limit
      ? { end: "late", ms }
      : { end: "failed", ms, failed: findFailed(output, tests) };
  }

  /** @returns the test files in folders and files, relative to the repository; those that do not exist are left out */
  list(paths: readonly string[]): string[] {
    const files = paths.flatMap((path) => {
      const full = join(this.#folder, path);
      if (!existsSync(full)) return [];
      if (path.endsWith(".ts")) return [path];
      return readdirSync(full, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".test.ts"))
        .map((file) => `${path}/${file}`);
    });
    return [...new Set(files)].toSorted();
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** Bun prints the name of a file before its failures. */
function findFailed(output: string, tests: readonly string[]): string | undefined {
  const name = output
    .split("\n")
    .findLast((line) => /^test\/\S+\.test\.ts:$/.test(line))
    ?.slice(0, -1);
  return tests.find((test) => test === name);
}
