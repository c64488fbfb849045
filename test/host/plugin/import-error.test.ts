/** What each runtime throws where a module cannot be imported, in one line with its place. */
import { expect, test } from "bun:test";
import { describeImportError } from "../../../src/host/plugin/import-error.ts";

const withStack = (error: Error, stack: string) => Object.assign(error, { stack });
const message = (text: string, line: number, column: number) =>
  Object.assign(new Error(text), { name: "BuildMessage", position: { file: "/a/p.ts", line, column } });

test.each([
  ["Bun, one error", message('Expected "}"', 5, 3), '/a/p.ts:5:3: Expected "}"'],
  [
    "Bun, several",
    new AggregateError(
      [1, 2, 3, 4, 5].map((line) => message("x", line, 1)),
      '5 errors building "/a/p.ts"',
    ),
    "/a/p.ts:1:1: x; /a/p.ts:2:1: x; /a/p.ts:3:1: x; and 2 more",
  ],
  [
    "Bun, as many as are shown",
    new AggregateError(
      [1, 2, 3].map((line) => message("x", line, 1)),
      "3 errors",
    ),
    "/a/p.ts:1:1: x; /a/p.ts:2:1: x; /a/p.ts:3:1: x",
  ],
  [
    "Bun, the same twice",
    new AggregateError([message("x", 1, 1), message("x", 1, 1)], "2"),
    "/a/p.ts:1:1: x",
  ],
  ["an AggregateError without errors", new AggregateError([], "none"), "AggregateError: none"],
  [
    "Bun, an import",
    Object.assign(new Error("Cannot find package 'x' imported from /a/p.ts"), { name: "ResolveMessage" }),
    "Cannot find package 'x' imported from /a/p.ts",
  ],
  [
    "Node",
    withStack(new SyntaxError("Expected ',', got ';'"), "file:///a/p.ts:5\n});\n  ^\nSyntaxError: Expected"),
    "/a/p.ts:5: Expected ',', got ';'",
  ],
  [
    "Deno",
    new TypeError("SyntaxError: Expected ',', got ';'\n  |\n5 | });\n    at file:///a/p.ts:5:3"),
    "/a/p.ts:5:3: Expected ',', got ';'",
  ],
  [
    "Deno, an import, in colours",
    new TypeError(
      'Import "x" not a dependency\n    at \u001b[0m\u001b[36mfile:///a/p.ts\u001b[0m:\u001b[33m1\u001b[0m:\u001b[33m15\u001b[0m',
    ),
    '/a/p.ts:1:15: Import "x" not a dependency',
  ],
  ["what the module itself throws", new Error("no licence\nmore"), "no licence"],
  ["a text", "text", "text"],
  ["nothing", undefined, "undefined"],
])("%s", (_, error, expected) => {
  expect(describeImportError(error)).toBe(expected);
});
