import { describe, expect, test } from "bun:test";
import { toSafeText } from "../../src/core/admission/status.ts";
import { secretIssues } from "../../src/core/issue/secret.ts";
import { escapeControls } from "../../src/core/printable.ts";

/** Bidi controls, line and paragraph separators, zero-width and tag characters, C0, C1, a lone surrogate. */
const HOSTILE = [
  ..."\u061c\u200b\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029",
  ..."\ufeff\u{e0041}\u0000\u0007\u000a\u001b\u007f\u0085\u009b\ud800",
];

describe.each(HOSTILE.map((character) => [JSON.stringify(character), character] as const))(
  "%s",
  (_, character) => {
    test("does not get through escapeControls and toSafeText", () => {
      for (const escaped of [escapeControls, toSafeText]) {
        const text = escaped(`a${character}b`);
        expect(text).not.toContain(character);
        expect(text).toMatch(/^a\\[\w\\]+b$/);
      }
    });

    test("does not get into a message", () => {
      const facts = { annotation: "flyte.secrets/s0", path: `x${character}y` };
      expect(secretIssues["secret.kv2-data"](facts).message).not.toContain(character);
    });
  },
);

test("escapeControls leaves letters of every script alone", () => {
  const text = 'é密😀 "quoted" العربية';
  expect(escapeControls(text)).toBe(text);
});
