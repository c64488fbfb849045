/**
 * Mutation testing: `npm run test:mutation [-- --sample 400 --seed 1 --workers 2 --only src/core/plan --quick]`.
 *
 * Applies one mutant at a time to a copy of the repository, runs the tests mapped to its folder, and prints a line for each
 * mutant. The sample is drawn from all folders; `--only` runs those of its mutants that are in files whose path begins with
 * the given text, or with one of several, separated by commas. It takes about an hour for 400 mutants on one core, so it is not part of CI.
 * With `--quick`, only the fastest tests of each folder run, so that the score is a lower bound.
 * With `--again FILE`, where the file has the output of an earlier run, only the mutants that survived it run.
 * With `--named`, the mutants of named.ts run instead, and one that survives fails the run.
 *
 * A mutant counts as killed if a test fails that passes without it. A busy machine must not kill mutants, so a test that
 * depends on time is repeated without the mutant, and a run that takes too long is compared with one without the mutant.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
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
  /** Whether the tests depend on time, so that one may fail without a mutant. */
  readonly isTimed?: true;
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
    first: [...CORE_FIRST, "test/core/agreement.test.ts"],
    rest: ["test/core", "test/preview", "test/plugins", "test/injector"],
  },
  "src/core/plugin": {
    first: [...CORE_FIRST, "test/host/plugin.test.ts"],
    rest: ["test/core", "test/plugins", "test/host"],
  },
  "src/core/vault": { first: CORE_FIRST, rest: ["test/core", "test/agent", "test/plugins"] },
  "src/host/plugin": {
    first: ["test/host/pool.test.ts", "test/host/sent-again.test.ts", "test/host/plugin.test.ts"],
    rest: ["test/host", "test/plugins"],
    isTimed: true,
  },
};
/** A run that takes this many times the tests' own time has met an endless loop. */
const PATIENCE = 5;
const LONGEST_MS = 600_000;
/** Added to every limit: loading the tests of one small file takes longer than running them. */
const START_MS = 5_000;
/** How often a run is repeated whose tests fail without the mutant too. */
const ATTEMPTS = 5;

/** How a mutant ended: noticed by a test, by the time that the tests took, or not at all. */
type End = "killed" | "timeout" | "survived";

interface Result {
  readonly mutant: Mutant;
  readonly end: End;
}

const { values } = parseArgs({
  options: {
    sample: { type: "string", default: "400" },
    seed: { type: "string", default: "1" },
    workers: { type: "string", default: "2" },
    only: { type: "string", default: "" },
    again: { type: "string", default: "" },
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
  if ((await copy.run(tests, LONGEST_MS)).end !== "passed")
    return `fails without the mutant: ${name}: ${tests.join(", ")}`;
  const change = (source: string) => replaceOnce(source, text, replacement) ?? source;
  const { end } = await copy.runWith(file, change, tests, LONGEST_MS);
  return end === "passed" ? `survived: ${name} (${file})` : undefined;
}

async function runSample(): Promise<void> {
  const all = Object.keys(TESTS)
    .flatMap(listSources)
    .flatMap((file) => findMutants(file, readFileSync(join(ROOT, file), "utf8")));
  const sample =
    values.again === ""
      ? shuffle(all, Number(values.seed)).slice(0, Number(values.sample))
      : listSurvivors(all, readFileSync(values.again, "utf8"));
  const only = values.only.split(",");
  const waiting = sample.filter(({ file }) => only.some((start) => file.startsWith(start)));
  print(`${all.length} mutants, a sample of ${sample.length}, ${waiting.length} to run`);
  const results: Result[] = [];
  await Promise.all(Array.from({ length: Number(values.workers) }, () => work(waiting, results)));
  report(results);
}

/** @returns the mutants that survived an earlier run; its line numbers may have changed since */
function listSurvivors(all: readonly Mutant[], output: string): Mutant[] {
  const withoutLine = (text: string) => text.replace(/:\d+ {2}/, " ");
  const survived = new Set(
    [...output.matchAll(/^\d+\/\d+ survived \S+ s: (.*)$/gm)].map(([, text = ""]) => withoutLine(text)),
  );
  return all.filter((mutant) => survived.has(withoutLine(describe(mutant))));
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Takes mutants from the queue until it is empty, each in this worker's own copy of the repository. */
async function work(waiting: Mutant[], results: Result[]): Promise<void> {
  const trial = new Trial();
  try {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      const began = performance.now();
      const end = await trial.run(mutant);
      results.push({ mutant, end });
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      print(`${results.length}/${results.length + waiting.length} ${end} ${seconds} s: ${describe(mutant)}`);
    }
  } finally {
    trial.close();
  }
}

/** Tries mutants in a copy of the repository, each with more and more tests until one fails. */
class Trial {
  readonly #copy = new Copy();
  /** How long tests take without a mutant, milliseconds. */
  readonly #times = new Map<string, number>();

  async run(mutant: Mutant): Promise<End> {
    const { isTimed = false } = TESTS[folderOf(mutant.file)] ?? {};
    for (const tests of this.#stages(mutant)) {
      const end = await this.#try(mutant, tests, isTimed);
      if (end !== "survived") return end;
    }
    return "survived";
  }

  close(): void {
    this.#copy.remove();
  }

  /** Lists of tests: those of the mutant's own file, of its folder, the fast ones, all others; none of them twice. */
  #stages({ file }: Mutant): string[][] {
    const { first, rest } = TESTS[folderOf(file)] ?? { first: [], rest: [] };
    const own = file.replace(/^src\/(.*)\.ts$/, "test/$1.test.ts");
    const stages = [[own], [dirname(own)], first, ...(values.quick ? [] : [rest])];
    const seen = new Set<string>();
    return stages
      .map((paths) => this.#copy.list(paths).filter((test) => !seen.has(test) && seen.add(test)))
      .filter((tests) => tests.length > 0);
  }

  async #try(mutant: Mutant, tests: readonly string[], isTimed: boolean): Promise<End> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const limit = PATIENCE * (await this.#time(tests)) + START_MS;
      const { end, failed } = await this.#copy.runWith(
        mutant.file,
        (source) => mutate(source, mutant),
        tests,
        limit,
      );
      if (end === "passed") return "survived";
      if (end === "failed" && (!isTimed || (await this.#passes(failed ? [failed] : tests)))) return "killed";
      if (end === "late" && PATIENCE * (await this.#measure(tests)) + START_MS <= limit) return "timeout";
    }
    // Tests that fail with and without the mutant do not notice it.
    return "survived";
  }

  async #passes(tests: readonly string[]): Promise<boolean> {
    return (await this.#copy.run(tests, LONGEST_MS)).end === "passed";
  }

  async #time(tests: readonly string[]): Promise<number> {
    return this.#times.get(tests.join(" ")) ?? (await this.#measure(tests));
  }

  /** @returns how long the tests take now, in milliseconds; they have to pass without a mutant */
  async #measure(tests: readonly string[]): Promise<number> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { end, ms } = await this.#copy.run(tests, LONGEST_MS);
      if (end !== "passed") continue;
      this.#times.set(tests.join(" "), Math.ceil(ms));
      return Math.ceil(ms);
    }
    throw new Error(`The tests ${tests.join(", ")} fail without a mutant`);
  }
}

function report(all: readonly Result[]): void {
  for (const folder of Object.keys(TESTS)) {
    const own = all.filter(({ mutant }) => folderOf(mutant.file) === folder);
    if (own.length > 0) print(`${folder}: ${toScore(own)}`);
  }
  print(`all: ${toScore(all)}`);
}

function toScore(results: readonly Result[]): string {
  const count = (end: End) => results.filter((result) => result.end === end).length;
  const share = (100 * (1 - count("survived") / results.length)).toFixed(1);
  return `${count("killed")} killed and ${count("timeout")} by timeout of ${results.length}, ${share} %`;
}

function describe({ file, line, original, replacement }: Mutant): string {
  const short = (text: string) =>
    (text.length > 80 ? `${text.slice(0, 77)}...` : text).replaceAll(/\s+/g, " ");
  return `${file}:${line}  ${short(original)}  →  ${short(replacement)}`;
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
