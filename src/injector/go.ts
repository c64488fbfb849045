/**
 * Parses numbers, booleans, durations and quantities as Go programs do: each function returns `undefined` if and only if
 * Go returns an error.
 */

const TRUE: ReadonlySet<string> = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE: ReadonlySet<string> = new Set(["", "0", "f", "F", "FALSE", "false", "False"]);

/** Parses a boolean as the injector does (parseutil.ParseBool): as strconv.ParseBool, but an empty text is false. */
export function parseGoBool(text: string): boolean | undefined {
  if (TRUE.has(text)) return true;
  return FALSE.has(text) ? false : undefined;
}

const INT64 = 1n << 63n;

/** Parses an integer of 64 bits (strconv.ParseInt, base 10). */
export function parseGoInt(text: string): bigint | undefined {
  if (!/^[+-]?\d{1,40}$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ""));
  return value >= -INT64 && value < INT64 ? value : undefined;
}

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const HEXADECIMAL = /^[+-]?0[xX]([\da-fA-F]*)(?:\.([\da-fA-F]*))?[pP]([+-]?\d+)$/;
/** Underscores are allowed between digits only; the prefix of a hexadecimal number counts as a digit. */
const STRAY_IN_DECIMAL = /(?<!\d)_|_(?!\d)/;
const STRAY_IN_HEXADECIMAL = /(?<![\da-fA-FxX])_|_(?![\da-fA-F])/;
const SPECIAL = /^(?:[+-]?inf(?:inity)?|nan)$/i;

/**
 * Parses a number as strconv.ParseFloat does: decimal or hexadecimal with an exponent, underscores between digits, infinities
 * and NaN.
 */
export function parseFloatGo(text: string): number | undefined {
  if (SPECIAL.test(text)) return readSpecial(text);
  const value = readFinite(text);
  return value === undefined || Number.isFinite(value) ? value : undefined;
}

/** @returns whether a text is a number that is too large */
export function isFloatOutOfRange(text: string): boolean {
  const value = readFinite(text);
  return value !== undefined && !Number.isFinite(value);
}

function readSpecial(text: string): number {
  if (/nan/i.test(text)) return Number.NaN;
  return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function readFinite(text: string): number | undefined {
  const stray = /^[+-]?0[xX]/.test(text) ? STRAY_IN_HEXADECIMAL : STRAY_IN_DECIMAL;
  if (stray.test(text)) return undefined;
  const plain = text.replaceAll("_", "");
  if (DECIMAL.test(plain)) return Number(plain);
  const [, whole = "", fraction = "", exponent = ""] = HEXADECIMAL.exec(plain) ?? [];
  if (whole + fraction === "") return undefined;
  // Sixteen hexadecimal digits are more precise than a double, so further digits do not matter.
  const digits = (whole + fraction).replace(/^0+(?=.)/, "");
  const kept = digits.slice(0, 16);
  const power = Number(exponent) - fraction.length * 4 + (digits.length - kept.length) * 4;
  const value = Number(`0x${kept}`) * 2 ** Math.max(-1100, Math.min(1100, power));
  return text.startsWith("-") ? -value : value;
}

/** Parses a finite number as strconv.ParseFloat does. */
export function parseGoFloat(text: string): number | undefined {
  const value = parseFloatGo(text);
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

const NANOSECONDS: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1_000n],
  ["\u00b5s", 1_000n], // micro sign
  ["\u03bcs", 1_000n], // Greek letter mu
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
]);

const DURATION = /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+)$/;
const DURATION_PART = /(\d*)\.?(\d*)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/g;
const LONGEST_DURATION = 200;

/** @returns the nanoseconds of a duration (time.ParseDuration), which must fit 64 bits as in Go */
export function parseGoDuration(text: string): bigint | undefined {
  if (text.length > LONGEST_DURATION || !DURATION.test(text)) return undefined;
  let sum = 0n;
  for (const [, whole = "", rest = "", unit = ""] of text.matchAll(DURATION_PART)) {
    const size = NANOSECONDS.get(unit) ?? 0n;
    sum += BigInt(whole) * size + (BigInt(rest) * size) / 10n ** BigInt(rest.length);
  }
  if (text.startsWith("-")) return sum <= INT64 ? -sum : undefined;
  return sum < INT64 ? sum : undefined;
}

const SECOND = 1_000_000_000n;

/** @returns the nanoseconds of a duration as Vault reads it (parseutil.ParseDurationSecond); 0 for an empty text */
export function parseAgentDuration(text: string): bigint | undefined {
  if (text === "") return 0n;
  const seconds = parseGoInt(text);
  if (seconds !== undefined) return seconds * SECOND;
  if (!text.endsWith("d")) return parseGoDuration(text);
  const days = parseGoInt(text.slice(0, -1));
  return days === undefined ? undefined : days * 24n * 3600n * SECOND;
}

const QUANTITY = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:([eE][+-]?\d+)|(n|u|m|k|[MGTPE]|[KMGTPE]i))?$/;

const SUFFIXES: ReadonlyMap<string, number> = new Map([
  ["n", 1e-9],
  ["u", 1e-6],
  ["m", 1e-3],
  ["k", 1e3],
  ["M", 1e6],
  ["G", 1e9],
  ["T", 1e12],
  ["P", 1e15],
  ["E", 1e18],
  ["Ki", 2 ** 10],
  ["Mi", 2 ** 20],
  ["Gi", 2 ** 30],
  ["Ti", 2 ** 40],
  ["Pi", 2 ** 50],
  ["Ei", 2 ** 60],
]);

/** @returns the value of a Kubernetes quantity (k8s.io/apimachinery resource.ParseQuantity), with the precision of a float */
export function parseQuantity(text: string): number | undefined {
  const [, digits, exponent = "", suffix = ""] = QUANTITY.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits + exponent) * (SUFFIXES.get(suffix) ?? 1);
}
