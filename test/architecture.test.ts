/** The rules that ARCHITECTURE.md states, kept: directions, no cycles, a pure core, one home for each kind of word. */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { type Declaration, parseSync } from "oxc-parser";

const SRC = join(import.meta.dir, "../src");
const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file));
const textOf = (file: string) => readFileSync(join(SRC, file), "utf8");
const IMPORT = /\bfrom "([^"]+)"|\bimport\("([^"]+)"\)/g;

/** Imported modules; our own as paths relative to src. */
function importsOf(file: string): string[] {
  return [...textOf(file).matchAll(IMPORT)]
    .map(([, from, dynamic]) => from ?? dynamic ?? "")
    .map((specifier) => resolveImport(file, specifier));
}

function resolveImport(file: string, specifier: string): string {
  return specifier.startsWith(".") ? normalize(join(dirname(file), specifier)) : specifier;
}

/** The code without comments and strings, roughly enough to look for names. */
const codeOf = (file: string) =>
  textOf(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g, "");

const layerOf = (file: string) => file.split("/")[0] ?? "";
const pure = files.filter((file) =>
  ["core", "injector", "preview", "migrate", "diagnose"].includes(layerOf(file)),
);
const adapters = ["cluster", "config", "host", "http", "listen", "tls", "kubernetes", "telemetry", "cli"];
/** Which folders the code of a pure folder may import. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  injector: ["injector"],
  core: ["core", "injector"],
  preview: ["preview", "core", "injector"],
  migrate: ["migrate", "preview", "core", "injector"],
  diagnose: ["diagnose", "preview", "core", "injector"],
};
/** What the page may import besides its own files. */
const PAGE_IMPORTS =
  /^(core|injector|preview)\/|^(preact|valibot|yaml)(\/|$)|^@(codemirror|lezer)\/|^\.\.\/config\/webhook\.schema\.json$/;

describe("architecture", () => {
  test("a pure folder imports only what lies below it, and pure packages", () => {
    const foreign = pure.flatMap((file) =>
      importsOf(file)
        .filter((name) => !BELOW[layerOf(file)]?.includes(layerOf(name)))
        .filter((name) => !["yaml", "valibot"].includes(name))
        .map((name) => `${file} → ${name}`),
    );
    expect(foreign).toEqual([]);
  });

  test("the page imports what is pure, its own files and its packages, and nothing imports the page", () => {
    const foreign = files.flatMap((file) =>
      importsOf(file)
        .filter((name) => (layerOf(name) === "page") !== (layerOf(file) === "page"))
        .filter((name) => layerOf(file) !== "page" || !PAGE_IMPORTS.test(name))
        .map((name) => `${file} → ${name}`),
    );
    expect(foreign).toEqual([]);
  });

  test("the pure folders have no clock, randomness or runtime name", () => {
    const banned = /\b(Date|performance|Math\.random|crypto|process|Bun|Deno|fetch|setTimeout|console)\b/;
    expect(pure.filter((file) => banned.test(codeOf(file)))).toEqual([]);
  });

  test("adapters do not import each other, but for types", () => {
    const crossing = adapters.flatMap((adapter) =>
      files
        .filter((file) => layerOf(file) === adapter)
        .flatMap((file) => runtimeImportsOf(file).map((name) => [file, name] as const))
        .filter(([, name]) => adapters.includes(layerOf(name)) && layerOf(name) !== adapter),
    );
    expect(crossing).toEqual([]);
  });

  test("only entries import entries, and only entries import the server", () => {
    const crossing = files.flatMap((file) =>
      importsOf(file)
        .filter((name) => ["entry", "server"].includes(layerOf(name)))
        .filter((name) => layerOf(name) !== layerOf(file) && layerOf(file) !== "entry")
        .map((name) => `${file} → ${name}`),
    );
    expect(crossing).toEqual([]);
  });

  test("entries are wiring: at most 30 lines of code each", () => {
    const long = files.filter((file) => layerOf(file) === "entry" && codeLinesOf(file) > 30);
    expect(long).toEqual([]);
  });

  test("there are no import cycles, type imports included", () => {
    const state = new Map<string, "open" | "done">();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]) => {
      if (state.get(file) === "open") cycles.push([...path, file].join(" → "));
      if (state.has(file)) return;
      state.set(file, "open");
      for (const name of staticImportsOf(file)) if (files.includes(name)) visit(name, [...path, file]);
      state.set(file, "done");
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
  });

  test("what a server starts with loads no module that takes long, unless it is needed at once", () => {
    const reached = new Set<string>();
    const visit = (name: string) => {
      if (reached.has(name)) return;
      reached.add(name);
      if (files.includes(name)) for (const next of runtimeImportsOf(name)) visit(next);
    };
    visit("entry/bun.ts");
    // Files, threads and Node's utilities take Bun 2 to 4 ms each, cryptography, streams and sockets 5 to 10.
    expect([...reached].filter((name) => !name.endsWith(".ts")).sort()).toEqual([
      ...["../package.json", "hono", "hono/utils/url", "node:path", "node:process", "valibot", "yaml"],
    ]);
  });

  test("a running server connects to nobody but the collector of its traces: not to Vault, not to the API server", () => {
    const outgoing =
      /(?<![.\w])fetch\(|"node:(?:net|http|https|http2|tls|dgram|dns|child_process)"|\b(?:WebSocket|EventSource)\b|\b(?:Bun|Deno)\.(?:connect|spawn|Command|sql|redis|s3)\b/;
    expect(files.filter((file) => outgoing.test(withoutComments(file))).toSorted()).toEqual([
      // The user's kubectl, and what `doctor` and `diagnose` ask; a server loads none of it.
      ...["cluster/kubectl.ts", "cluster/probe.ts", "cluster/replicas.ts"],
      // `plugins test`.
      "host/authoring/run-tests.ts",
      // Calls the app's handler of that name.
      ...["http/intake.ts", "listen/bun.ts"],
      // Listens.
      "listen/node.ts",
      // In the browser.
      "page/browser/client.ts",
      // The collector that OTEL_EXPORTER_OTLP_ENDPOINT names.
      "telemetry/trace.ts",
      // Only isIP.
      ...["tls/create.ts", "tls/x509.ts"],
    ]);
  });

  test("Vault's annotations have one home", () => {
    const elsewhere = files.filter((file) => !/^(core\/vault|injector)\//.test(file));
    const uses = elsewhere.filter((file) => withoutComments(file).includes("vault.hashicorp.com"));
    expect(uses).toEqual([]);
  });

  test("every export has a docstring", () => {
    const bare = files.flatMap((file) => listBareExports(file).map((name) => `${file}: ${name}`));
    expect(bare).toEqual([]);
  });

  test("base32 has one home", () => {
    const uses = files.filter((file) => importsOf(file).some((name) => name.endsWith("/base32.ts")));
    expect(uses.map((file) => relative("core/secret", file))).toEqual(["codec.ts"]);
  });
});

/** @returns the names of exported declarations without a docstring; of overloads, only the first needs one */
function listBareExports(file: string): string[] {
  const source = textOf(file);
  const { program, comments } = parseSync(file, source);
  const docs = comments.filter(({ type, value }) => type === "Block" && value.startsWith("*"));
  const documented = new Set<string>();
  return program.body.flatMap((node) => {
    if (node.type !== "ExportNamedDeclaration" || !node.declaration) return [];
    const name = nameOf(node.declaration);
    const hasDoc = docs.some(({ end }) => end <= node.start && source.slice(end, node.start).trim() === "");
    if (hasDoc) documented.add(name);
    return documented.has(name) ? [] : [name];
  });
}

function nameOf(declaration: Declaration): string {
  const [first] = declaration.type === "VariableDeclaration" ? declaration.declarations : [declaration];
  const id = first && "id" in first ? first.id : undefined;
  return id && "name" in id ? id.name : "?";
}

/** Lines that are neither blank nor comments. */
function codeLinesOf(file: string): number {
  return withoutComments(file)
    .split("\n")
    .filter((line) => line.trim() !== "").length;
}

function withoutComments(file: string): string {
  return textOf(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
}

/** Imports that stand at the top of a file, those of types included. */
function staticImportsOf(file: string): string[] {
  return [...textOf(file).matchAll(IMPORT)].flatMap(([, from]) => (from ? [resolveImport(file, from)] : []));
}

/** Imports that exist when the code is loaded; types are gone by then. */
function runtimeImportsOf(file: string): string[] {
  const code = textOf(file).replace(
    /import type[\s\S]*?from\s*"[^"]+";|export type \{[\s\S]*?from\s*"[^"]+";/g,
    "",
  );
  return [...code.matchAll(IMPORT)].flatMap(([, from]) => (from ? [resolveImport(file, from)] : []));
}
