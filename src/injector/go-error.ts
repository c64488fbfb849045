/** Error messages of Go's standard library, which the injector passes on to users. */

const NAMED_ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\x07", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
  ["\\", "\\\\"],
  ['"', '\\"'],
]);

/** Characters to escape: quotes, backslashes and everything that strconv.IsPrint refuses. */
const ESCAPED = /["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** @returns a Go interpreted string literal (strconv.Quote) */
export function quoteGo(text: string): string {
  return `"${text.replace(ESCAPED, (char) => NAMED_ESCAPES.get(char) ?? escapeRune(char))}"`;
}

function escapeRune(char: string): string {
  const point = char.codePointAt(0) ?? 0;
  const hex = point.toString(16);
  if (point < 0x80) return `\\x${hex.padStart(2, "0")}`;
  return point < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

/** @returns Go's message for an invalid boolean (parseutil.ParseBool, which uses mapstructure) */
export function refuseBool(text: string): string {
  return `cannot parse '' as bool: strconv.ParseBool: parsing ${quoteGo(text)}: invalid syntax`;
}

/** @returns Go's message for an invalid integer, or one that does not fit 64 bits (strconv.ParseInt, ParseUint) */
export function refuseInteger(parser: "ParseInt" | "ParseUint" | "Atoi", text: string): string {
  const isNumber = parser === "ParseUint" ? /^\d+$/.test(text) : /^[+-]?\d+$/.test(text);
  return `strconv.${parser}: parsing ${quoteGo(text)}: ${isNumber ? "value out of range" : "invalid syntax"}`;
}

/** @returns Go's message for an invalid floating-point number (strconv.ParseFloat) */
export function refuseFloat(text: string, outOfRange: boolean): string {
  return `strconv.ParseFloat: parsing ${quoteGo(text)}: ${outOfRange ? "value out of range" : "invalid syntax"}`;
}

const UNITS: ReadonlySet<string> = new Set(["ns", "us", "\u00b5s", "\u03bcs", "ms", "s", "m", "h"]);

/** @returns Go's message for a duration that `parseGoDuration` refuses (time.ParseDuration) */
export function refuseDuration(text: string): string {
  const whole = quoteDuration(text);
  let rest = text.replace(/^[+-]/, "");
  while (rest !== "") {
    const [number = "", digits = ""] = /^(\d*(?:\.\d*)?)/.exec(rest) ?? [];
    if (!/\d/.test(digits) || isTooLong(digits)) break;
    rest = rest.slice(number.length);
    const [unit = ""] = /^[^.\d]*/.exec(rest) ?? [];
    if (unit === "") return `time: missing unit in duration ${whole}`;
    if (!UNITS.has(unit)) return `time: unknown unit ${quoteDuration(unit)} in duration ${whole}`;
    rest = rest.slice(unit.length);
  }
  return `time: invalid duration ${whole}`;
}

/** Whether a number's whole part does not fit 64 bits. */
function isTooLong(digits: string): boolean {
  const [whole = ""] = digits.replace(/^0+/, "").split(".");
  return whole.length > 19 || BigInt(whole || "0") > 1n << 63n;
}

/** Quotes as Go's package time does: characters outside ASCII as their bytes. */
function quoteDuration(text: string): string {
  let quoted = "";
  for (const char of text) {
    const point = char.codePointAt(0) ?? 0;
    if (point >= 0x80 || point < 0x20) quoted += encodeUtf8(char).map(toHexEscape).join("");
    else quoted += char === '"' || char === "\\" ? `\\${char}` : char;
  }
  return `"${quoted}"`;
}

function toHexEscape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}

/** @returns the bytes of a text in UTF-8; a lone surrogate becomes U+FFFD, as when Go reads it from JSON */
export function encodeUtf8(text: string): number[] {
  const bytes: number[] = [];
  for (const char of text.toWellFormed()) pushRune(char.codePointAt(0) ?? 0, bytes);
  return bytes;
}

function pushRune(point: number, bytes: number[]): void {
  if (point < 0x80) bytes.push(point);
  else if (point < 0x800) bytes.push(0xc0 | (point >> 6), tail(point, 0));
  else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), tail(point, 6), tail(point, 0));
  else bytes.push(0xf0 | (point >> 18), tail(point, 12), tail(point, 6), tail(point, 0));
}

function tail(point: number, shift: number): number {
  return 0x80 | ((point >> shift) & 0x3f);
}
