import { describe, expect, test } from "bun:test";
import { isGoIdentifier } from "../../src/injector/identifier.ts";

describe("isGoIdentifier", () => {
  test.each(["a", "_", "api_key", "K9", "été", "密钥", "x٣", "𐐀", "ℵ", "\u{2CEB0}", "\u{1E4D0}"])(
    "takes %j",
    (text) => {
      expect(isGoIdentifier(text)).toBe(true);
    },
  );

  test.each([
    "",
    "9lives",
    "٣x",
    "api-key",
    "tls.crt",
    "a b",
    "e\u0301",
    "😀",
    "a\u200c",
    "²",
    "ⅷ",
    "\u{10FFFF}",
  ])("refuses %j", (text) => expect(isGoIdentifier(text)).toBe(false));

  // CJK extension I of Unicode 15.1; Todhri, Garay and Gurung Khema of 16.0; extension J of 17.0.
  test.each(["\u{2EBF0}", "\u{105C0}", "\u{10D4A}", "\u{16100}", "\u{323B0}", "x\u{10D40}"])(
    "refuses %j, which came after Unicode 15.0",
    (text) => expect(isGoIdentifier(text)).toBe(false),
  );

  test("agrees with the runtime about every code point that Unicode 15.0 has", () => {
    const known = /^[\p{L}_]$/u;
    const differ: string[] = [];
    for (let code = 0; code <= 0x10ffff; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const text = String.fromCodePoint(code);
      if (isGoIdentifier(text) !== known.test(text)) differ.push(text);
    }
    // What a newer Unicode has made a letter: never the other way round.
    expect(differ.filter((text) => !known.test(text))).toEqual([]);
  });
});
