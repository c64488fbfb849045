/** The pauses before a thread is started again: 100 ms, doubled each time, at most 10 s. */
import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { createRestart } from "../../../src/host/plugin/restart.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** A restart that counts its starts. */
function create() {
  const counted = { starts: 0 };
  return { counted, restart: createRestart(() => counted.starts++) };
}

/** @returns how long a pause lasts, milliseconds */
function measure({ counted, restart }: ReturnType<typeof create>): number {
  const before = counted.starts;
  let ms = 0;
  restart.pause();
  while (restart.isPaused()) {
    expect(counted.starts).toBe(before);
    jest.advanceTimersByTime(50);
    ms += 50;
  }
  expect(counted.starts).toBe(before + 1);
  return ms;
}

describe("createRestart", () => {
  test("each pause is twice as long as the previous one, up to ten seconds", () => {
    const own = create();
    expect(own.restart.isPaused()).toBe(false);
    const pauses = Array.from({ length: 9 }, () => measure(own));
    expect(pauses).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
  });

  test("after a good start, pauses are short again", () => {
    const own = create();
    for (let i = 0; i < 4; i++) measure(own);
    own.restart.succeeded();
    expect(measure(own)).toBe(100);
    expect(measure(own)).toBe(200);
  });

  test("a pause that is running is not made longer, and does not count twice", () => {
    const own = create();
    own.restart.pause();
    jest.advanceTimersByTime(99);
    own.restart.pause();
    jest.advanceTimersByTime(1);
    expect(own.counted.starts).toBe(1);
    jest.advanceTimersByTime(60_000);
    expect(own.counted.starts).toBe(1);
    expect(measure(own)).toBe(200);
  });

  test("nothing starts after the end", () => {
    const { counted, restart } = create();
    restart.pause();
    restart.stop();
    jest.advanceTimersByTime(60_000);
    expect(counted.starts).toBe(0);
  });
});
