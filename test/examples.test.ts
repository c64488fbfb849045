/** Runs the `@example` of every docstring, and demands one of every value that the public API exports. */
import { describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

const ROOT = join(import.meta.dir, "..");
const SRC = join(ROOT, "src");
const PUBLIC = ["index.ts", "plugin.ts", "testing.ts"];
/** Text of a file that `plugins new` writes, not a docstring. */
const TEMPLATES = "cli/template/plugin.ts";

interface Example {
  /** File and line. */
  readonly name: string;
  readonly file: string;
  readonly code: string;
}

const sources = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && file !== TEMPLATES)
  .toSorted();
const examples = sources.flatMap(findExamples);

describe("the example runs:", () => {
  test.each(examples.map((example) => [example.name, example] as const))("%s", async (_, example) => {
    const module = join(mkdtempSync(join(tmpdir(), "example-")), "example.ts");
    writeFileSync(module, await renderModule(example));
    await import(module);
  });
});

test("every value of the public API has an example", async () => {
  const missing: string[] = [];
  for (const entry of PUBLIC) {
    for (const name of Object.keys(await import(join(SRC, entry)))) {
      if (!examples.some(({ code }) => new RegExp(`\\b${name}\\b`).test(code)))
        missing.push(`${entry} ${name}`);
    }
  }
  expect(missing).toEqual([]);
});

function findExamples(file: string): Example[] {
  const text = readFileSync(join(SRC, file), "utf8");
  return [...text.matchAll(/\/\*\*(?:(?!\*\/)[\s\S])*?@example\b((?:(?!\*\/)[\s\S])*)\*\//g)].map((found) => {
    const [comment, body = ""] = found;
    const before = found.index + comment.indexOf("@example");
    const line = text.slice(0, before).split("\n").length;
    return { name: `${file}:${line}`, file, code: uncomment(body) };
  });
}

/** The code between the stars of a docstring; a fence around it is left out. */
function uncomment(body: string): string {
  const lines = body.split("\n").map((line) => line.replace(/^\s*\*? ?/, ""));
  return lines.filter((line) => !line.startsWith("```")).join("\n");
}

/** `expression; // value` becomes an expectation; what the example does not import itself is there. */
async function renderModule({ file, code }: Example): Promise<string> {
  const checked = code.replaceAll(
    /^(?!(?:const|let|import|export)\b)(.+); \/\/ (["'[{\d-].*|true|false|undefined|null)$/gm,
    "expect($1).toEqual($2);",
  );
  const own = dirname(join(SRC, file));
  const resolved = checked.replaceAll(
    / from "(\.[^"]+|flyte-vault-webhook[^"]*|valibot)"/g,
    (_, specifier) => {
      return ` from ${JSON.stringify(resolveExample(specifier, own))}`;
    },
  );
  const prelude = new Map([["expect", "bun:test"]]);
  for (const module of [file, ...PUBLIC]) {
    for (const name of Object.keys(await import(join(SRC, module)))) {
      if (!prelude.has(name) && name !== "default") prelude.set(name, join(SRC, module));
    }
  }
  const imported = new Set(
    [...resolved.matchAll(/import (?:type )?\{([^}]*)\}/g)].flatMap(
      ([, names]) => names?.split(/[\s,]+/) ?? [],
    ),
  );
  const lines = [...prelude]
    .filter(([name]) => !imported.has(name) && new RegExp(`\\b${name}\\b`).test(resolved))
    .map(([name, from]) => `import { ${name} } from ${JSON.stringify(from)};`);
  return [...lines, resolved].join("\n");
}

function resolveExample(specifier: string, folder: string): string {
  if (specifier.startsWith(".")) return join(folder, specifier);
  if (specifier === "valibot") return Bun.resolveSync("valibot", ROOT);
  const entry = relative("flyte-vault-webhook", specifier) || "index";
  return join(SRC, `${entry}.ts`);
}
