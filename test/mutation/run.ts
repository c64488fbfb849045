/**
 * Mutation testing: `npm run test:mutation [-- --sample 400 --seed 1 --workers 2 --only src/core/plan --quick]`.
 *
 * Applies one mutant at a time to a copy of the repository, runs the tests mapped to its folder, and reports the
 * mutants that no test noticed. It takes about half an hour for 400 mutants on two cores, so it is not part of CI.
 * With `--quick`, only the fastest tests of each folder run, so that the score is a lower bound.
 * With `--named`, the mutants of named.ts run instead, and one that survives fails the run.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { Copy } from "./copy.ts";
import { findMutants, type Mutant, mutate } from "./mutants.ts";
import { NAMED, type NamedMutant, replaceOnce } from "./named.ts";

const ROOT = join(import.meta.dir, "../..");

/** Tests that should notice a change in a folder: the fast ones first, since most mutants die there. */
interface Mapping {
  readonly first: readonly string[];
  readonly rest: readonly string[];
}

const FAST = ["check", "patch", "plan", "plugin", "vault", "admission"].map(
  (folder) => `test/core/${folder}`,
);
const CORE = ["golden", "pipeline", "shared-plan", "field", "folder", "variable", "warnings"];
const CORE_FIRST = [...FAST, ...CORE.map((name) => `test/core/${name}.test.ts`)];

/** Folders under test. */
const TESTS: Readonly<Record<string, Mapping>> = {
  "src/core/plan": { first: CORE_FIRST, rest: ["test/core", "test/preview", "test/plugins"] },
  "src/core/check": {
    first: CORE_FIRST,
    rest: ["test/core", "test/preview", "test/plugins", "test/injector"],
  },
  "src/core/plugin": {
    first: [...CORE_FIRST, "test/host/plugin.test.ts"],
    rest: ["test/core", "test/plugins", "test/host"],
  },
  "src/core/vault": { first: CORE_FIRST, rest: ["test/core", "test/agent", "test/plugins"] },
  "src/host/plugin": {
    first: ["test/host/pool.test.ts", "test/host/plugin.test.ts", "test/host/plugin"],
    rest: ["test/host", "test/plugins"],
  },
};
/** A run that takes this many times the tests' own time has met an endless loop. */
const PATIENCE = 5;
const LONGEST_MS = 600_000;

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
    quick: { type: "boolean", default: false },
    named: { type: "boolean", default: false },
  },
});

await (values.named ? runNamed() : runSample());

async function runNamed(): Promise<void> {
  const chosen = NAMED.filter(({ file }) => file.startsWith(values.only));
  const failures: string[] = [];
  const copy = new Copy();
  for (const mutant of chosen) {
    const failure = await tryNamed(copy, mutant);
    if (failure) failures.push(failure);
    print(failure ?? `killed: ${mutant.name}`);
  }
  copy.remove();
  print(`${chosen.length - failures.length} of ${chosen.length} named mutants killed`);
  if (failures.length > 0) process.exitCode = 1;
}

/** @returns what is wrong; nothing where the tests pass without the mutant and fail with it */
async function tryNamed(
  copy: Copy,
  { name, file, text, replacement, tests }: NamedMutant,
): Promise<string | undefined> {
  if (replaceOnce(readFileSync(join(ROOT, file), "utf8"), text, replacement) === undefined)
    return `not found, or more than once: ${name}: ${file} has to contain ${JSON.stringify(text)} once`;
  if (!(await copy.passes(tests, LONGEST_MS)))
    return `fails without the mutant: ${name}: ${tests.join(", ")}`;
  const change = (source: string) => replaceOnce(source, text, replacement) ?? source;
  if (await copy.passesWith(file, change, tests, LONGEST_MS)) return `survived: ${name} (${file})`;
  return undefined;
}

async function runSample(): Promise<void> {
  const all = Object.keys(TESTS)
    .filter((folder) => folder.startsWith(values.only))
    .flatMap(listSources)
    .flatMap((file) => findMutants(file, readFileSync(join(ROOT, file), "utf8")));
  const waiting = shuffle(all, Number(values.seed)).slice(0, Number(values.sample));
  print(`${all.length} mutants, a sample of ${waiting.length} with seed ${values.seed}`);
  const results: Result[] = [];
  await Promise.all(Array.from({ length: Number(values.workers) }, () => work(waiting, results)));
  report(results);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Takes mutants from the queue until it is empty, each in this worker's own copy of the repository. */
async function work(waiting: Mutant[], results: Result[]): Promise<void> {
  const copy = new Copy();
  const limits = new Map<string, number>();
  for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
    const killed = await isKilled(copy, mutant, limits);
    results.push({ mutant, killed });
    if (!killed) print(describe(mutant));
  }
  copy.remove();
}

async function isKilled(copy: Copy, mutant: Mutant, limits: Map<string, number>): Promise<boolean> {
  const { first, rest } = TESTS[folderOf(mutant.file)] ?? { first: [], rest: [] };
  for (const tests of values.quick ? [first] : [first, rest]) {
    const key = tests.join(" ");
    const limit = limits.get(key) ?? (await measure(copy, tests));
    limits.set(key, limit);
    if (!(await copy.passesWith(mutant.file, (source) => mutate(source, mutant), tests, limit))) return true;
  }
  return false;
}

/** @returns how long a mutant's tests may take, in ms; the tests have to pass without a mutant */
async function measure(copy: Copy, tests: readonly string[]): Promise<number> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const start = performance.now();
    if (await copy.passes(tests, LONGEST_MS)) return Math.ceil((performance.now() - start) * PATIENCE);
  }
  throw new Error(`The tests ${tests.join(", ")} fail without a mutant`);
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
