/** What is read without the YAML library, beside what the library reads. */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { readPlain } from "../../src/config/plain.ts";
import { readSource } from "../../src/config/read.ts";

const ROOT = join(import.meta.dir, "../..");
const isPlain = (text: string) =>
  readPlain(text, (line, column) => ({ file: undefined, line, column })) !== undefined;

/** The mark for the end of a document changes nothing, and only the library reads it. */
function expectSame(text: string): void {
  const own = readSource({ content: text, file: "f" });
  const library = readSource({ content: `${text}\n...\n`, file: "f" });
  expect([text, own]).toEqual([text, library]);
}

const EXAMPLE = readFileSync(join(ROOT, "config/webhook.yaml"), "utf8");

describe("readPlain", () => {
  test("reads the example, and the example with everything that its comments show", () => {
    expect(isPlain(EXAMPLE)).toBe(true);
    expectSame(EXAMPLE);
    const shown = EXAMPLE.replaceAll(/^( *)# (?=\w+: |plugins:$|injector:$| +[-\w])/gm, "$1");
    expectSame(shown);
  });

  test("reads every YAML file of the repository as the library does", () => {
    const folders = ["config", "test/fixtures"];
    const files = folders.flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
        .filter((name) => /\.ya?ml$/.test(name))
        .map((name) => join(ROOT, folder, name)),
    );
    const texts = files.map((file) => readFileSync(file, "utf8"));
    expect(texts.filter(isPlain).length).toBeGreaterThan(5);
    for (const text of texts.filter(isPlain)) expectSame(text);
  });

  test.each([
    "a: b",
    "a:\n- b\n- c: d\n  e: f\n-   - g\n    - h\ni: 1\n",
    "a:\n    - b: c\n      d:\n        - e\n  # comment\n    - f # comment\nj: []\nk: {}\n",
    'a: "b: #c" # d\ne: \'f "g"\'\nh: i j:k l # m\n',
    "a: { b: [c, 1, true], d: {}, e: 10.0.0.1 }\nf: [ { g: h }, [] ]\n",
    "a: 127.0.0.1\nb: 500ms\nc: 0\nd: 15s\ne: yes\nf: /etc/x\ng: vault.hashicorp.com/auth-*\n",
    "  a: b\n  c: d\n",
    "a/b.c-d_e: f\n__proto__: g\nconstructor: { toString: h }\n",
    "# only\n\n\na:   b  \n\n# end",
  ])("reads %j as the library does", (text) => {
    expect(isPlain(text)).toBe(true);
    expectSame(text);
  });

  test.each([
    ...[
      "",
      "# a",
      "a:",
      "a: b\n  c",
      "a: ~",
      "a: null",
      "a: True",
      "a: 1.5",
      "a: 0x1",
      "a: 0644",
      "a: -1",
      "a: .5",
    ],
    ...[
      "a: &b c",
      "a: *b",
      "a: |\n  b",
      "a: !x b",
      "<<: a",
      "? a",
      "a: b\na: c",
      "a: [b,]",
      "a: [b",
      "a: {b}",
    ],
    ...[
      "a:\tb",
      "a: b\r\nc: d",
      "---\na: b",
      "a: b\n---\nc: d",
      "a: 'it''s'",
      'a: "\\n"',
      "a: b: c",
      "a: b:",
    ],
    ...[
      "- a",
      "a",
      "a:\n  b: c\n d: e",
      "a:\n  - b\n c: d",
      "a: ü",
      "a: 1_000",
      "a: 2026-11-26",
      "a: [b\n  ]",
    ],
    ...["a: b #c\n  d: e", "a: 'b\n  c'", "a: {b: c, b: d}", "a:b", "a: [b: c]", "- a: b", "a: @b", "a: %b"],
  ])("leaves %j to the library", (text) => {
    expect(isPlain(text)).toBe(false);
  });

  test("reads any text as the library does, or leaves it to the library", () => {
    const key = fc.constantFrom("a", "b", "c/d", "e-f", "g.h", "true", "null");
    const scalar = fc.constantFrom(
      ...[
        "x",
        "x y",
        "1",
        "0",
        "01",
        "1.5",
        "true",
        "False",
        "null",
        "~",
        "1.2.3",
        "10s",
        "2ms",
        "1e3",
        "x:y",
      ],
      ...[
        '"x"',
        "'x'",
        '"x # y"',
        "x # y",
        "x #",
        "#x",
        "x:",
        "x: y",
        "-",
        "- x",
        "*x",
        "/x",
        "x,y",
        "x]",
        "[",
        "{",
      ],
      ...[
        "1.2.3.4.5",
        "0x1",
        "1:30",
        "yes",
        "x'y",
        'x"y',
        "x*",
        "=",
        "x - y",
        "x -",
        "x  y",
        "1 2",
        "1 #x",
        ".",
      ],
    );
    const { value } = fc.letrec<{ value: string }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        scalar,
        fc.array(tie("value"), { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
        fc.array(fc.tuple(key, tie("value")), { maxLength: 3 }).map((entries) => {
          return `{ ${entries.map(([name, of]) => `${name}: ${of}`).join(", ")} }`;
        }),
      ),
    }));
    const line = fc
      .tuple(fc.nat(4), fc.constantFrom("", "- ", "-  ", "- - "), fc.option(key), fc.option(value))
      .map(([indent, dash, name, of]) => {
        return `${" ".repeat(indent)}${dash}${name === null ? "" : `${name}:`}${of === null ? "" : ` ${of}`}`;
      });
    let plain = 0;
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
        const text = lines.join("\n");
        if (!isPlain(text)) return;
        plain++;
        expectSame(text);
      }),
      { numRuns: 20_000 },
    );
    expect(plain).toBeGreaterThan(100);
  });
});
