/**
 * String literals of the protobuf text format, as golang/protobuf's `unquoteC` reads them
 * (golang/protobuf v1.5.4 `proto/text_decode.go`). Text is a binary string: one character per byte.
 */

/** The bytes of a literal, or why it is not one. */
export type Unquoted = { readonly bytes: string } | { readonly reason: string };

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "?": "?",
  "'": "'",
  '"': '"',
  "\\": "\\",
};

const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, X: 2, u: 4, U: 8 };

const LAST_CODE_POINT = 0x10ffff;

/**
 * Resolves the escapes of a literal.
 *
 * @param literal the text between the quotes
 * @param isUtf8 whether a binary string is valid UTF-8; like Go, called only if there is something to unescape
 */
export function unquote(literal: string, isUtf8: (bytes: string) => boolean): Unquoted {
  if (!literal.includes("\\")) return { bytes: literal };
  if (!isUtf8(literal)) return { reason: "it is not valid UTF-8" };
  let bytes = "";
  let at = 0;
  while (at < literal.length) {
    const backslash = literal.indexOf("\\", at);
    if (backslash < 0) return { bytes: bytes + literal.slice(at) };
    const found = readEscape(literal, backslash + 1);
    if ("reason" in found) return found;
    bytes += literal.slice(at, backslash) + found.bytes;
    at = found.end;
  }
  return { bytes };
}

type Escape = { readonly bytes: string; readonly end: number } | { readonly reason: string };

function readEscape(literal: string, at: number): Escape {
  const letter = literal.charAt(at);
  const simple = Object.hasOwn(SIMPLE_ESCAPES, letter) ? SIMPLE_ESCAPES[letter] : undefined;
  if (simple !== undefined) return { bytes: simple, end: at + 1 };
  if (letter >= "0" && letter <= "7") return readOctal(literal, at);
  const digits = Object.hasOwn(HEX_DIGITS, letter) ? HEX_DIGITS[letter] : undefined;
  return digits === undefined
    ? { reason: `unknown escape \\${letter}` }
    : readHexadecimal(literal, at, letter, digits);
}

function readOctal(literal: string, at: number): Escape {
  const digits = literal.slice(at, at + 3);
  if (!/^[0-3][0-7]{2}$/.test(digits)) return { reason: `\\${digits} is not an octal byte of three digits` };
  return { bytes: String.fromCharCode(Number.parseInt(digits, 8)), end: at + 3 };
}

function readHexadecimal(literal: string, at: number, letter: string, count: number): Escape {
  const digits = literal.slice(at + 1, at + 1 + count);
  if (digits.length < count || !/^[0-9a-fA-F]+$/.test(digits)) {
    return { reason: `\\${letter} needs ${count} hexadecimal digits` };
  }
  const value = Number.parseInt(digits, 16);
  const end = at + 1 + count;
  if (count === 2) return { bytes: String.fromCharCode(value), end };
  if (value > LAST_CODE_POINT) return { reason: `\\${letter}${digits} is not a Unicode code point` };
  return { bytes: toUtf8Bytes(value), end };
}

/** Encodes a code point; a surrogate becomes U+FFFD, as in Go. */
function toUtf8Bytes(codePoint: number): string {
  const code = codePoint >= 0xd800 && codePoint <= 0xdfff ? 0xfffd : codePoint;
  if (code < 0x80) return String.fromCharCode(code);
  const tail = (shift: number) => 0x80 | ((code >> shift) & 0x3f);
  if (code < 0x800) return String.fromCharCode(0xc0 | (code >> 6), tail(0));
  if (code < 0x10000) return String.fromCharCode(0xe0 | (code >> 12), tail(6), tail(0));
  return String.fromCharCode(0xf0 | (code >> 18), tail(12), tail(6), tail(0));
}
