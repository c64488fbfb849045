/** Parses and rewrites Kubernetes quantities (apimachinery `pkg/api/resource`). */

const FORMAT_ERROR =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const SUFFIX_ERROR = "unable to parse quantity's suffix";
const NUMERIC_ERROR = "unable to parse numeric part of quantity";

/** A quantity as it will be stored, or Kubernetes' error message. */
export type Quantity =
  | { readonly text: string; readonly error?: undefined }
  | { readonly error: string; readonly text?: undefined };

const DECIMAL_SUFFIXES: ReadonlyMap<string, number> = new Map([
  ...([
    ["n", -9],
    ["u", -6],
    ["m", -3],
    ["", 0],
    ["k", 3],
    ["M", 6],
    ["G", 9],
  ] as const),
  ...([
    ["T", 12],
    ["P", 15],
    ["E", 18],
  ] as const),
]);
const DECIMAL_BY_EXPONENT = new Map([...DECIMAL_SUFFIXES].map(([suffix, exponent]) => [exponent, suffix]));
const BINARY_SUFFIXES = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

const PARTS = /^([+-]?)(\d*)(?:(\.)(\d*))?((?:[eEinumkKMGTP]+[-+]?|[-+])\d*)?$/;

/** The parts of a number. */
interface Parts {
  readonly text: string;
  readonly negative: boolean;
  /** Digits before the point, without leading zeros. */
  readonly whole: string;
  /** Digits after the point. */
  readonly fraction: string;
  readonly hasDigits: boolean;
}

/**
 * Parses a quantity (ParseQuantity) and renders it (MarshalJSON): a short one in canonical form keeps its spelling, any other
 * is rewritten.
 */
export function readQuantity(text: string): Quantity {
  const [, sign = "", digits = "", , fraction = "", suffix = ""] = PARTS.exec(text) ?? [];
  if (text === "" || !PARTS.test(text)) return { error: FORMAT_ERROR };
  const whole = digits.replace(/^0+/, "");
  const parts = {
    text,
    negative: sign === "-",
    whole: whole || "0",
    fraction,
    hasDigits: digits + fraction !== "",
  };
  const binary = BINARY_SUFFIXES.indexOf(suffix);
  if (binary > 0) return readBinary(parts, binary);
  const exponent = DECIMAL_SUFFIXES.get(suffix);
  if (exponent !== undefined) return readDecimal(parts, exponent, "si");
  if (!/^[eE][-+]?\d+$/.test(suffix)) return { error: SUFFIX_ERROR };
  const written = Number(suffix.slice(1));
  return Math.abs(written) >= 2 ** 31 ? { error: SUFFIX_ERROR } : readDecimal(parts, written, "exponent");
}

/** Most digits for Kubernetes' fast path, which may keep the spelling. */
const FAST_DIGITS = 18;
const NANO = -9;

function readDecimal(parts: Parts, exponent: number, format: "si" | "exponent"): Quantity {
  const { text, negative, whole, fraction } = parts;
  const shifted = whole + fraction;
  const scale = exponent - fraction.length;
  if (shifted.length <= FAST_DIGITS && scale >= NANO) {
    const keeps = scale % 3 === 0 && !shifted.endsWith("000") && !shifted.startsWith("0");
    if (keeps || text === "0") return { text };
    return { text: renderDecimal(shifted, scale, negative, format) };
  }
  if (!parts.hasDigits) return { error: NUMERIC_ERROR };
  const { digits, exponent: at } = roundUp(shifted, scale);
  return { text: renderDecimal(digits, at, negative, format) };
}

/** Rounds away from zero to whole billionths. */
function roundUp(shifted: string, scale: number): { digits: string; exponent: number } {
  if (scale >= NANO) return { digits: shifted, exponent: scale };
  const drop = NANO - scale;
  const kept = drop >= shifted.length ? "" : shifted.slice(0, shifted.length - drop);
  const isExact = /^0*$/.test(shifted.slice(kept.length));
  return { digits: isExact ? kept || "0" : increment(kept), exponent: NANO };
}

function increment(digits: string): string {
  const [, head = "", nines = ""] = /^(.*?)(9*)$/.exec(digits) ?? [];
  const last = head === "" ? "1" : head.slice(0, -1) + String(Number(head.slice(-1)) + 1);
  return last + "0".repeat(nines.length);
}

function renderDecimal(
  digits: string,
  exponent: number,
  negative: boolean,
  format: "si" | "exponent",
): string {
  const significant = digits.replace(/^0+/, "");
  if (significant === "") return "0";
  const trimmed = significant.replace(/0+$/, "");
  let power = exponent + significant.length - trimmed.length;
  let zeros = 0;
  for (; power % 3 !== 0; power--) zeros++;
  const number = (negative ? "-" : "") + trimmed + "0".repeat(zeros);
  if (format === "si") return number + (DECIMAL_BY_EXPONENT.get(power) ?? "");
  return power === 0 ? number : `${number}e${power}`;
}

const LARGEST = 2n ** 63n - 1n;
/** Above the number of digits of the largest quantity. */
const MOST_DIGITS = 20;
/** Digits after the point that matter when the value is multiplied by at most 2^60 and rounded to billionths. */
const FRACTION_DIGITS = 40;

function readBinary(parts: Parts, power: number): Quantity {
  const { text, negative, whole, fraction } = parts;
  const exponent = power * 10;
  const isFast = fraction === "" && 15 - whole.length - Math.trunc((exponent * 3) / 10) - 1 >= 0;
  if (isFast && (BigInt(whole) & 7n) !== 0n) return { text };
  if (!parts.hasDigits && !isFast) return { error: NUMERIC_ERROR };
  if (whole.length > MOST_DIGITS) return { text: renderBinary(LARGEST, negative) };
  // Of the digits beyond, only whether any is not zero affects rounding up.
  const kept =
    fraction.slice(0, FRACTION_DIGITS) + (/[1-9]/.test(fraction.slice(FRACTION_DIGITS)) ? "1" : "");
  const unscaled = BigInt(whole + kept) << BigInt(exponent);
  const { digits, exponent: scale } = roundUp(String(unscaled), -kept.length);
  const denominator = 10n ** BigInt(-scale);
  const value = BigInt(digits);
  if (value > LARGEST * denominator) return { text: renderBinary(LARGEST, negative) };
  const isSmall = value < 1024n * denominator;
  if (isSmall || value % denominator !== 0n) return { text: renderDecimal(digits, scale, negative, "si") };
  return { text: renderBinary(value / denominator, negative) };
}

function renderBinary(value: bigint, negative: boolean): string {
  let rest = value;
  let power = 0;
  for (; rest >= 1024n && rest % 1024n === 0n; power++) rest /= 1024n;
  return `${negative ? "-" : ""}${rest}${BINARY_SUFFIXES[power] ?? ""}`;
}
