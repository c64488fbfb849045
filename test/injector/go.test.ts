import { describe, expect, test } from "bun:test";
import {
  parseAgentDuration,
  parseGoBool,
  parseGoDuration,
  parseGoFloat,
  parseGoInt,
  parseQuantity,
} from "../../src/injector/go.ts";

describe("parseGoBool", () => {
  test.each(["1", "t", "T", "TRUE", "true", "True"])("%p is true", (text) =>
    expect(parseGoBool(text)).toBe(true),
  );
  test.each(["", "0", "f", "F", "FALSE", "false", "False"])("%p is false", (text) =>
    expect(parseGoBool(text)).toBe(false),
  );
  test.each(["yes", "no", "on", "off", " true", "tRUE", "2", "null"])("%p is refused", (text) =>
    expect(parseGoBool(text)).toBeUndefined(),
  );
});

// The table of Go's time_test.go (parseDurationTests, parseDurationErrorTests).
const S = 1_000_000_000n;
describe("parseGoDuration", () => {
  test.each([
    ["0", 0n],
    ["5s", 5n * S],
    ["30s", 30n * S],
    ["1478s", 1478n * S],
    ["-5s", -5n * S],
    ["+5s", 5n * S],
    ["-0", 0n],
    ["+0", 0n],
    ["5.0s", 5n * S],
    ["5.6s", (56n * S) / 10n],
    ["5.s", 5n * S],
    [".5s", S / 2n],
    ["1.0s", S],
    ["1.004s", (1004n * S) / 1000n],
    ["100.00100s", 100n * S + 1_000_000n],
    ["10ns", 10n],
    ["11us", 11_000n],
    ["12\u00b5s", 12_000n],
    ["12\u03bcs", 12_000n],
    ["13ms", 13_000_000n],
    ["14s", 14n * S],
    ["15m", 900n * S],
    ["16h", 57_600n * S],
    ["3h30m", 12_600n * S],
    ["10.5s4m", 250n * S + S / 2n],
    ["-2m3.4s", -(123n * S + (4n * S) / 10n)],
    ["1h2m3s4ms5us6ns", 3723n * S + 4_005_006n],
    ["39h9m14.425s", 140_954n * S + 425_000_000n],
    ["52763797000ns", 52_763_797_000n],
    ["0.3333333333333333333h", 1200n * S - 1n],
    ["9223372036854775807ns", 9223372036854775807n],
    ["-9223372036854775808ns", -9223372036854775808n],
    ["-2562047h47m16.854775808s", -9223372036854775808n],
  ])("%p", (text, wanted) => {
    const found = parseGoDuration(text) ?? -1n;
    // Go sums fractions as floats, so that the last nanosecond may differ.
    expect(found - wanted <= 1n && wanted - found <= 1n).toBe(true);
  });

  test.each(
    [
      "",
      "3",
      "-",
      "s",
      ".",
      "-.",
      ".s",
      "+.s",
      "1d",
      "x",
      " 5s",
      "5s ",
      "5 s",
      "5S",
      "1e3s",
      "--5s",
      "9223372036854775810ns",
      "9223372036854775808ns",
      "-9223372036854775809ns",
      "9223372036854776us",
      "3000000h",
      "2562047h47m16.854775808s",
    ].map((text) => [text]),
  )("%p is refused", (text) => expect(parseGoDuration(text)).toBeUndefined());
});

describe("parseAgentDuration", () => {
  test.each([
    ["", 0n],
    ["60", 60n * S],
    ["-60", -60n * S],
    ["60s", 60n * S],
    ["2d", 172_800n * S],
    ["1h30m", 5400n * S],
  ])("%p", (text, wanted) => expect(parseAgentDuration(text)).toBe(wanted));
  test.each(["1.5", "d", "1.5d", "soon", "5 m"])("%p is refused", (text) =>
    expect(parseAgentDuration(text)).toBeUndefined(),
  );
});

describe("parseGoInt", () => {
  test.each([
    ["0", 0n],
    ["+5", 5n],
    ["-5", -5n],
    ["007", 7n],
    ["9223372036854775807", 9223372036854775807n],
    ["-9223372036854775808", -9223372036854775808n],
  ])("%p", (text, wanted) => expect(parseGoInt(text)).toBe(wanted));
  test.each(["", "+", "1.0", "0x1", "1_000", " 1", "9223372036854775808", "1".repeat(100)])(
    "%p is refused",
    (text) => expect(parseGoInt(text)).toBeUndefined(),
  );
});

describe("parseGoFloat", () => {
  test.each([
    ["0.9", 0.9],
    [".5", 0.5],
    ["1.", 1],
    ["-1e3", -1000],
    ["+2E-1", 0.2],
  ])("%p", (text, wanted) => expect(parseGoFloat(text)).toBe(wanted));
  test.each(["", ".", "e1", "90%", "1,5", " 1", "NaN", "Inf", "1e999"])("%p is refused", (text) =>
    expect(parseGoFloat(text)).toBeUndefined(),
  );
});

// After apimachinery's quantity_test.go.
describe("parseQuantity", () => {
  test.each([
    ["0", 0],
    ["0n", 0],
    ["100m", 0.1],
    ["1", 1],
    ["1.5", 1.5],
    [".5", 0.5],
    ["5.", 5],
    ["1k", 1e3],
    ["1Ki", 1024],
    ["64Mi", 64 * 2 ** 20],
    ["1.5Gi", 1.5 * 2 ** 30],
    ["1M", 1e6],
    ["1E", 1e18],
    ["1Ei", 2 ** 60],
    ["12e6", 12e6],
    ["12E6", 12e6],
    ["1e-3", 1e-3],
    ["+1", 1],
    ["-1", -1],
  ])("%p", (text, wanted) => expect(parseQuantity(text)).toBeCloseTo(wanted, 9));
  test.each(
    [
      "",
      " ",
      "aoeu",
      "1.1.M",
      "1+1.0M",
      "0.1mi",
      "0.1am",
      ".5i",
      "1i",
      "-3.01i",
      "-3.01e-",
      "1K",
      "1ki",
      "1e",
      " 1",
      "1 ",
      "1 Mi",
      "1Zi",
      "1MiB",
      "--1",
      "1_000",
    ].map((text) => [text]),
  )("%p is refused", (text) => expect(parseQuantity(text)).toBeUndefined());
});
