/**
 * Mutation testing: `npm run test:mutation [-- --sample 400 --seed 1 --workers 2 --only src/core/plan]`.
 *
 * Applies one mutant at a time to a copy of the repository, runs the tests mapped to its folder, and reports the
 * mutants that no test noticed. It takes about half an hour for 400 mutants on two cores, so it is not part of CI.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { findMutants, type Mutant, mutate } from "./mutants.ts";

const ROOT = join(import.meta.dir, "../..");
/** Folders under test, each with the tests that should notice a change in it. */
const TESTS: Readonly<Record<string, readonly string[]>> = {
  "src/core/plan": ["test/core", "test/preview", "test/plugins"],
  "src/core/check": ["test/core", "test/preview", "test/plugins", "test/injector"],
  "src/core/plugin": ["test/core", "test/plugins", "test/host"],
  "src/core/vault": ["test/core", "test/agent", "test/plugins"],
  "src/host/plugin": ["test/host", "test/plugins"],
};
/** A run that takes this many times the tests' own time has met an endless loop. */
const PATIENCE = 5;

interface Result {
  readonly mutant: Mutant;
  readonly killed: boolean;
}

const { values } = parseArgs({
  options: {
    sample: { type: "string", default: "400" },
    seed: { type: "string", default: "1" },
    workers: { type: "string", default: "2" },
    only: { type: "string", default: "" },
  },
});

const all = Object.keys(TESTS)
  .filter((folder) => folder.startsWith(values.only))
  .flatMap(listSources)
  .flatMap((file) => findMutants(file, readFileSync(join(ROOT, file), "utf8")));
const sample = shuffle(all, Number(values.seed)).slice(0, Number(values.sample));
print(`${all.length} mutants, a sample of ${sample.length} with seed ${values.seed}`);

const waiting = [...sample];
const results: Result[] = [];
await Promise.all(Array.from({ length: Number(values.workers) }, work));
report(results);

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Takes mutants from the queue until it is empty, each in this worker's own copy of the repository. */
async function work(): Promise<void> {
  const copy = copyRepository();
  const limits = new Map<string, number>();
  for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
    const folder = folderOf(mutant.file);
    const limit = limits.get(folder) ?? (await measure(copy, folder));
    limits.set(folder, limit);
    const file = join(copy, mutant.file);
    const source = readFileSync(file, "utf8");
    writeFileSync(file, mutate(source, mutant));
    const killed = !(await passes(copy, folder, limit));
    writeFileSync(file, source);
    results.push({ mutant, killed });
    if (!killed) print(describe(mutant));
  }
  rmSync(copy, { recursive: true });
}

/** @returns how long a mutant's tests may take, in ms; the tests have to pass without a mutant */
async function measure(copy: string, folder: string): Promise<number> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const start = performance.now();
    if (await passes(copy, folder, 600_000)) return Math.ceil((performance.now() - start) * PATIENCE);
  }
  throw new Error(`The tests of ${folder} fail without a mutant`);
}

async function passes(copy: string, folder: string, limit: number): Promise<boolean> {
  const tests = (TESTS[folder] ?? []).filter((path) => exists(join(copy, path)));
  const { exited } = Bun.spawn([process.execPath, "test", "--bail", ...tests], {
    cwd: copy,
    timeout: limit,
    killSignal: "SIGKILL",
    stdio: ["ignore", "ignore", "ignore"],
  });
  return (await exited) === 0;
}

function copyRepository(): string {
  const copy = mkdtempSync(join(tmpdir(), "mutation-"));
  for (const name of readdirSync(ROOT)) {
    if (name === ".git" || name === "node_modules" || name === "dist") continue;
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  return copy;
}

function report(all: readonly Result[]): void {
  for (const folder of Object.keys(TESTS)) {
    const own = all.filter(({ mutant }) => folderOf(mutant.file) === folder);
    if (own.length > 0) print(`${folder}: ${toScore(own)}`);
  }
  print(`all: ${toScore(all)}`);
}

function toScore(results: readonly Result[]): string {
  const killed = results.filter((result) => result.killed).length;
  return `${killed} of ${results.length} killed, ${((100 * killed) / results.length).toFixed(1)} %`;
}

function describe({ file, line, original, replacement }: Mutant): string {
  const short = (text: string) =>
    (text.length > 80 ? `${text.slice(0, 77)}...` : text).replaceAll(/\s+/g, " ");
  return `survived: ${file}:${line}  ${short(original)}  →  ${short(replacement)}`;
}

function folderOf(file: string): string {
  return Object.keys(TESTS).find((folder) => file.startsWith(`${folder}/`)) ?? "";
}

function listSources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `${folder}/${file}`)
    .toSorted();
}

function exists(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Fisher-Yates with mulberry32, so that a seed always gives the same sample. */
function shuffle<T>(items: readonly T[], seed: number): T[] {
  const out = [...items];
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}
