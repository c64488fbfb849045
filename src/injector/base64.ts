/** Base64 of UTF-8 text, as in Go's encoding/base64 (RFC 4648, section 4). */
import { encodeUtf8 } from "./go-error.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES: ReadonlyMap<string, number> = new Map([...ALPHABET].map((char, value) => [char, value]));

/** The two characters for each 12 bits, so that encoding three bytes takes two look-ups; made by the first text. */
let pairs: readonly string[] = [];

function toPairs(): readonly string[] {
  return [...ALPHABET].flatMap((first) => [...ALPHABET].map((second) => first + second));
}

/** @returns the text's UTF-8 in base64, with padding */
export function encodeBase64(text: string): string {
  if (pairs.length === 0) pairs = toPairs();
  const bytes = encodeUtf8(text);
  const whole = bytes.length - (bytes.length % 3);
  let encoded = "";
  for (let i = 0; i < whole; i += 3) encoded += encodeGroup(bytes, i);
  if (whole === bytes.length) return encoded;
  const isPair = bytes.length - whole === 2;
  return encoded + encodeGroup(bytes, whole).slice(0, isPair ? 3 : 2) + (isPair ? "=" : "==");
}

function encodeGroup(bytes: readonly number[], at: number): string {
  const bits = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
  return (pairs[bits >> 12] ?? "") + (pairs[bits & 4095] ?? "");
}

/**
 * Decodes base64 (base64.StdEncoding.DecodeString: padding is required, line breaks are skipped).
 *
 * @returns the text as Go's JSON encoder writes it, with U+FFFD for each invalid byte; `undefined` if the input is not base64
 */
export function decodeBase64(text: string): string | undefined {
  const chars = text.replace(/[\r\n]/g, "");
  if (chars.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(chars)) return undefined;
  const bytes: number[] = [];
  for (let i = 0; i < chars.length; i += 4) {
    const group = chars.slice(i, i + 4);
    const bits = [...group].reduce((sum, char) => (sum << 6) | (VALUES.get(char) ?? 0), 0);
    const padding = group.length - group.replace(/=+$/, "").length;
    for (let shift = 16; shift >= padding * 8; shift -= 8) bytes.push((bits >> shift) & 255);
  }
  return decodeUtf8(bytes);
}

/** Decodes UTF-8 as Go does: each byte outside a valid sequence becomes one replacement character. */
function decodeUtf8(bytes: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; ) {
    const { point, size } = readRune(bytes, i);
    parts.push(String.fromCodePoint(point));
    i += size;
  }
  return parts.join("");
}

const INVALID = { point: 0xfffd, size: 1 };

function readRune(bytes: readonly number[], at: number): { point: number; size: number } {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return { point: first, size: 1 };
  const size =
    first >= 0xf0 && first < 0xf5
      ? 4
      : first >= 0xe0 && first < 0xf0
        ? 3
        : first >= 0xc2 && first < 0xe0
          ? 2
          : 0;
  if (size === 0) return INVALID;
  let point = first & (0xff >> (size + 1));
  for (let i = 1; i < size; i++) {
    const next = bytes[at + i] ?? 0;
    if (next >> 6 !== 2) return INVALID;
    point = (point << 6) | (next & 63);
  }
  const tooShort = (size === 3 && point < 0x800) || (size === 4 && (point < 0x10000 || point > 0x10ffff));
  if (tooShort || (point >= 0xd800 && point < 0xe000)) return INVALID;
  return { point, size };
}
