/** Which threads are blocked: those that do not answer a ping within 100 ms. */
import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { Liveness } from "../../../src/host/plugin/liveness.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

function create() {
  const blocked: object[] = [];
  const liveness = new Liveness<{ readonly ping: () => void; pings: number }>((thread) => {
    blocked.push(thread);
  });
  const thread = { pings: 0, ping: () => void thread.pings++ };
  return { liveness, blocked, thread };
}

describe("Liveness", () => {
  test("a thread that answers in time is not blocked, and can be suspected again", () => {
    const { liveness, blocked, thread } = create();
    expect(liveness.isSuspect(thread)).toBe(false);
    liveness.suspect(thread);
    expect(liveness.isSuspect(thread)).toBe(true);
    jest.advanceTimersByTime(99);
    liveness.clear(thread);
    expect(liveness.isSuspect(thread)).toBe(false);
    jest.advanceTimersByTime(1_000);
    expect(blocked).toEqual([]);
    liveness.suspect(thread);
    expect(thread.pings).toBe(2);
  });

  test("a thread that does not answer is blocked, once", () => {
    const { liveness, blocked, thread } = create();
    liveness.suspect(thread);
    jest.advanceTimersByTime(99);
    expect(blocked).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(blocked).toEqual([thread]);
    jest.advanceTimersByTime(1_000);
    expect(blocked).toEqual([thread]);
  });

  test("a second suspicion neither pings again nor gives the thread more time", () => {
    const { liveness, blocked, thread } = create();
    liveness.suspect(thread);
    jest.advanceTimersByTime(60);
    liveness.suspect(thread);
    expect(thread.pings).toBe(1);
    jest.advanceTimersByTime(40);
    expect(blocked).toEqual([thread]);
  });

  test("threads are told apart", () => {
    const { liveness, blocked, thread } = create();
    const other = { ...thread };
    liveness.suspect(thread);
    liveness.suspect(other);
    liveness.clear(thread);
    jest.advanceTimersByTime(100);
    expect(blocked).toHaveLength(1);
    expect(blocked[0]).toBe(other);
  });

  test("nothing is reported after the end", () => {
    const { liveness, blocked, thread } = create();
    liveness.suspect(thread);
    liveness.close();
    jest.advanceTimersByTime(1_000);
    expect(blocked).toEqual([]);
  });
});
