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
  async passesWith(
    file: string,
    change: (source: string) => string,
    tests: readonly string[],
    limit: number,
  ): Promise<boolean> {
    const path = join(this.#folder, file);
    const source = readFileSync(path, "utf8");
    writeFileSync(path, change(source));
    try {
      return await this.passes(tests, limit);
    } finally {
      writeFileSync(path, source);
    }
  }

  /**
   * Runs tests up to the first that fails.
   *
   * @param tests folders and files, relative to the repository; those that do not exist are left out
   * @param limit milliseconds after which the run counts as failed
   */
  async passes(tests: readonly string[], limit: number): Promise<boolean> {
    const existing = tests.filter((path) => existsSync(join(this.#folder, path)));
    if (existing.length === 0) throw new Error(`There are no tests at ${tests.join(", ")}`);
    const { exited } = Bun.spawn(
      [process.execPath, "test", "--bail", "--timeout", TEST_MS, ...existing.map((path) => `./${path}`)],
      {
        cwd: this.#folder,
        timeout: limit,
        killSignal: "SIGKILL",
        stdio: ["ignore", "ignore", "ignore"],
      },
    );
    return (await exited) === 0;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
