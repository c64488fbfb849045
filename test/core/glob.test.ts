import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { compileGlobs } from "../../src/core/glob.ts";

describe("compileGlobs", () => {
  test.each([
    ["vault.hashicorp.com/role", "vault.hashicorp.com/role", true],
    ["vault.hashicorp.com/role", "vault.hashicorp.com/roles", false],
    ["vault.hashicorp.com/auth-*", "vault.hashicorp.com/auth-config-type", true],
    ["vault.hashicorp.com/auth-*", "vault.hashicorp.com/auth", false],
    ["vault*/role", "vault.hashicorp.com/deep/role", true],
    ["*", "", true],
    ["*", "any/thing\nat all", true],
    ["", "", true],
    ["", "a", false],
    ["**", "a", true],
    ["a*a", "a", false],
    ["a*a", "aa", true],
    ["*-json-*", "vault.hashicorp.com/agent-json-patch", true],
    ["a*b*c", "a-c-b-c", true],
    ["a*b*c", "a-c-b", false],
    ["a*bc*c", "abc", false],
    ["a.c", "abc", false],
    ["a?[b]", "a?[b]", true],
    ["ÄÖ*", "ÄÖÜ", true],
  ] as const)("%p on %p gives %p", (pattern, text, expected) => {
    expect(compileGlobs([pattern])(text)).toBe(expected);
  });

  test("matches when any pattern does, and never without patterns", () => {
    expect(compileGlobs(["a", "b*"])("bc")).toBe(true);
    expect(compileGlobs([])("")).toBe(false);
  });

  test("agrees with a regular expression", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 8 });
    fc.assert(
      fc.property(letters, fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 10 }), (pattern, text) => {
        const expression = new RegExp(`^${pattern.replaceAll("*", ".*")}$`, "s");
        expect(compileGlobs([pattern])(text)).toBe(expression.test(text));
      }),
    );
  });

  test("a hostile pattern on a long text takes no time that matters", () => {
    const hostile = compileGlobs([`${"a*".repeat(2_000)}b`]);
    const started = performance.now();
    expect(hostile(`${"a".repeat(200_000)}c`)).toBe(false);
    expect(hostile(`${"a".repeat(200_000)}cb`)).toBe(true);
    expect(performance.now() - started).toBeLessThan(500);
  });
});
