/**
 * Makes the program that the image runs: what `serve` loads at its start, as one file with its bytecode beside it, so that
 * the server is ready in less than half the time. What is loaded later stays the source, which has to lie where it is.
 *
 * `bun config/image/bundle.ts` writes `dist/flyte-vault-webhook.js`.
 */
import { dirname, join, relative, sep } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const ENTRY = join(ROOT, "src/entry/bun.ts");
/** These have a build without Node's modules, whose loading takes longer than theirs. */
const WITHOUT_NODE: ReadonlyMap<string, string> = new Map([["yaml", "browser/index.js"]]);
/** Parts of a server that is running, loaded when first needed. */
const SERVER = /\/src\/(?:host|core)\/|\/src\/tls\/inspect\.ts$/;

/**
 * Writes the program and its bytecode, which only the version of Bun that wrote it takes; any other reads the text.
 *
 * @param folder where to; from there the source is found by its relative path
 * @returns the path of the program
 * @throws an AggregateError that says what cannot be bundled
 */
export async function bundle(folder: string): Promise<string> {
  return (await build(folder)).program;
}

/** @returns the program's path, and every file that it was made of, relative to the repository */
export async function build(
  folder: string,
): Promise<{ readonly program: string; readonly inputs: readonly string[] }> {
  const { outputs, metafile } = await Bun.build({
    entrypoints: [ENTRY],
    outdir: folder,
    naming: "flyte-vault-webhook.[ext]",
    target: "bun",
    format: "cjs",
    bytecode: true,
    metafile: true,
    // With one, the first error of the start, such as that of a file that need not exist, would wait for it to be read.
    sourcemap: "none",
    minify: { whitespace: true, syntax: true, identifiers: false },
    plugins: [{ name: "start", setup: (build) => addRules(build, folder) }],
  });
  const program = outputs.find(({ kind }) => kind === "entry-point");
  if (!program) throw new Error("nothing was written");
  return { program: program.path, inputs: Object.keys(metafile?.inputs ?? {}) };
}

function addRules(build: Bun.PluginBuilder, folder: string): void {
  build.onResolve({ filter: /./ }, ({ path, importer, kind }) => {
    const withoutNode = WITHOUT_NODE.get(path);
    if (withoutNode !== undefined) return { path: join(ROOT, "node_modules", path, withoutNode) };
    if (kind !== "dynamic-import") return undefined;
    const found = Bun.resolveSync(path, dirname(importer));
    // Of the server's own parts there is one instance, or an error of one would be unknown to the other.
    return SERVER.test(found) ? { path: found } : { path: toSource(folder, found), external: true };
  });
  // Modules still find files beside themselves, wherever the folder is moved.
  build.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
    const text = await Bun.file(path).text();
    const own = `new URL(${JSON.stringify(toSource(folder, path))}, Bun.pathToFileURL(Bun.main)).href`;
    return { contents: text.replaceAll("import.meta.url", own), loader: "ts" };
  });
}

/** @returns the path of a source file as a module in the folder imports it. */
function toSource(folder: string, path: string): string {
  const found = relative(folder, path).split(sep).join("/");
  return found.startsWith(".") ? found : `./${found}`;
}

if (import.meta.main) await bundle(join(ROOT, "dist"));
