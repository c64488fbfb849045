/**
 * How Go programs read numbers, booleans, durations and quantities from text: each function answers `undefined`
 * exactly where Go answers an error.
 */

const TRUE: ReadonlySet<string> = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE: ReadonlySet<string> = new Set(["", "0", "f", "F", "FALSE", "false", "False"]);

/** Boolean as the injector reads it (parseutil.ParseBool): Go's strconv.ParseBool, and empty is false. */
export function parseGoBool(text: string): boolean | undefined {
  if (TRUE.has(text)) return true;
  return FALSE.has(text) ? false : undefined;
}

const INT64 = 1n << 63n;

/** Integer of 64 bits (strconv.ParseInt, base 10). */
export function parseGoInt(text: string): bigint | undefined {
  if (!/^[+-]?\d{1,40}$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ""));
  return value >= -INT64 && value < INT64 ? value : undefined;
}

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Finite decimal number (strconv.ParseFloat without its hexadecimal form, NaN and infinities). */
export function parseGoFloat(text: string): number | undefined {
  const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
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

/** Nanoseconds of a duration (time.ParseDuration), within the 64 bits that Go has for them. */
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

/** Nanoseconds of a duration as Vault reads it (parseutil.ParseDurationSecond); empty is 0. */
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

/** Kubernetes quantity (k8s.io/apimachinery resource.ParseQuantity), as near as a float comes. */
export function parseQuantity(text: string): number | undefined {
  const [, digits, exponent = "", suffix = ""] = QUANTITY.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits + exponent) * (SUFFIXES.get(suffix) ?? 1);
}
