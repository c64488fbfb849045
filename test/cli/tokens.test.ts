/** Splitting arguments, beside Node's parseArgs. */
import { describe, expect, test } from "bun:test";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { type OptionForms, tokenize } from "../../src/cli/tokens.ts";

const OPTIONS: OptionForms = {
  output: { takesValue: true, short: "o" },
  config: { takesValue: true },
  help: { takesValue: false, short: "h" },
  all: { takesValue: false, short: "a" },
};

function parseWithNode(args: readonly string[]) {
  const options = Object.entries(OPTIONS).map(([name, { takesValue, short }]) => [
    name,
    { type: takesValue ? ("string" as const) : ("boolean" as const), ...(short && { short }) },
  ]);
  const { tokens } = parseArgs({
    ...{ args: [...args], strict: false, tokens: true },
    options: Object.fromEntries(options),
  });
  return tokens
    .filter(({ kind }) => kind !== "option-terminator")
    .map(({ index: _, ...token }) => JSON.parse(JSON.stringify(token)));
}

describe("tokenize", () => {
  test.each([
    [["--output=a=b", "-o", "x", "-ox", "-aho", "y", "-", "word"]],
    [["--", "--output", "-h"]],
    [["--unknown", "x", "-u", "--output"]],
    [["--=x", "--output=", "-o", "--all", "-o=x"]],
    [["--__proto__", "x", "--constructor=y"]],
  ])("splits %j as parseArgs does", (args) => {
    expect(tokenize(args, OPTIONS) as unknown[]).toEqual(parseWithNode(args));
  });

  test("splits any arguments as parseArgs does", () => {
    const word = fc.constantFrom(
      ...["-", "--", "-o", "-h", "-a", "-ho", "-oh", "-ao-", "-x", "-xo", "--output", "--config", "--all"],
      ...["--output=1", "--all=1", "--=", "--=x", "---", "--no-all", "x", "", "a=b", "-o=1", "-ha1"],
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 6 }), (args) => {
        expect(tokenize(args, OPTIONS) as unknown[]).toEqual(parseWithNode(args));
      }),
      { numRuns: 2_000 },
    );
  });
});
