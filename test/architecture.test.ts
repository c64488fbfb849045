/** The rules that ARCHITECTURE.md states, kept: directions, no cycles, a pure core, one home for each kind of word. */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";

const SRC = join(import.meta.dir, "../src");
const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
const textOf = (file: string) => readFileSync(join(SRC, file), "utf8");
const IMPORT = /\bfrom "([^"]+)"|\bimport\("([^"]+)"\)/g;

/** Imported modules; our own as paths relative to src. */
function importsOf(file: string): string[] {
  return [...textOf(file).matchAll(IMPORT)]
    .map(([, from, dynamic]) => from ?? dynamic ?? "")
    .map((specifier) => (specifier.startsWith(".") ? normalize(join(dirname(file), specifier)) : specifier));
}

/** The code without comments and strings, roughly enough to look for names. */
const codeOf = (file: string) =>
  textOf(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g, "");

const layerOf = (file: string) => file.split("/")[0] ?? "";
const core = files.filter((file) => layerOf(file) === "core");
const adapters = ["config", "host", "http", "listen", "tls", "kubernetes", "telemetry", "cli"];

describe("architecture", () => {
  test("the core imports only itself and pure packages", () => {
    const foreign = core.flatMap((file) => importsOf(file).filter((name) => !name.startsWith("core/")));
    expect(foreign.filter((name) => !["uuid", "yaml", "valibot"].includes(name))).toEqual([]);
  });

  test("the core has no clock, randomness or runtime name", () => {
    const banned = /\b(Date|performance|Math\.random|crypto|process|Bun|Deno|fetch|setTimeout|console)\b/;
    expect(core.filter((file) => banned.test(codeOf(file)))).toEqual([]);
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

  test("only entries import entries", () => {
    const outside = files.filter((file) => layerOf(file) !== "entry");
    expect(outside.filter((file) => importsOf(file).some((name) => layerOf(name) === "entry"))).toEqual([]);
  });

  test("there are no import cycles", () => {
    const state = new Map<string, "open" | "done">();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]) => {
      if (state.get(file) === "open") cycles.push([...path, file].join(" → "));
      if (state.has(file)) return;
      state.set(file, "open");
      for (const name of runtimeImportsOf(file)) if (files.includes(name)) visit(name, [...path, file]);
      state.set(file, "done");
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
  });

  test("Vault's annotations have one home", () => {
    const elsewhere = files.filter((file) => !file.startsWith("core/vault/"));
    const uses = elsewhere.filter((file) => withoutComments(file).includes("vault.hashicorp.com"));
    expect(uses).toEqual([]);
  });

  test("base32 has one home", () => {
    const uses = files.filter((file) => importsOf(file).some((name) => name.endsWith("/base32.ts")));
    expect(uses.map((file) => relative("core/secret", file))).toEqual(["codec.ts"]);
  });
});

function withoutComments(file: string): string {
  return textOf(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
}

/** Imports that exist when the code runs; types may point anywhere. */
function runtimeImportsOf(file: string): string[] {
  const code = textOf(file).replace(
    /import type[\s\S]*?from\s*"[^"]+";|export type \{[\s\S]*?from\s*"[^"]+";/g,
    "",
  );
  return [...code.matchAll(IMPORT)].map(([, from]) => normalize(join(dirname(file), from ?? "")));
}
