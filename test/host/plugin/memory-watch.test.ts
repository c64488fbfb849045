/** Who is blamed shortly before the process runs out of memory. */
import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { createMemoryWatch } from "../../../src/host/plugin/memory-watch.ts";

const MIB = 1024 * 1024;
const CHECK_MS = 20;

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** A watch of a process that has used up its memory, unless a limit says otherwise. */
function create(limit = 1) {
  const reports: string[] = [];
  const details: string[] = [];
  const watch = createMemoryWatch({
    limit,
    report: (plugins, detail) => {
      reports.push(plugins);
      details.push(detail);
    },
  });
  const ended: number[] = [];
  const running = { ids: [] as number[] };
  const isolated = (plugin: string) =>
    watch.add({ plugin, running: () => running.ids, end: (id) => void ended.push(id) });
  return { watch, reports, details, ended, running, isolated };
}

describe("createMemoryWatch", () => {
  test("a call that runs at two checks in a row is ended; another one is not", () => {
    const { ended, running, isolated, reports } = create();
    isolated("a");
    running.ids = [1];
    jest.advanceTimersByTime(CHECK_MS);
    expect(ended).toEqual([]);
    running.ids = [2, 3];
    jest.advanceTimersByTime(CHECK_MS);
    expect(ended).toEqual([]);
    running.ids = [3, 4];
    jest.advanceTimersByTime(CHECK_MS);
    expect(ended).toEqual([3]);
    expect(reports).toEqual([]);
  });

  test("without a running call, all plugins are named, each once, and once a minute", () => {
    const { watch, isolated, reports, details } = create(3 * MIB);
    isolated("a");
    isolated("b");
    watch.add({ plugin: "b" });
    jest.advanceTimersByTime(CHECK_MS);
    expect(reports).toEqual(["a, b"]);
    expect(details[0]).toMatch(/^the process has \d{2,} of 3 MiB$/);
    jest.advanceTimersByTime(60_000 - 2 * CHECK_MS);
    expect(reports).toHaveLength(1);
    jest.advanceTimersByTime(2 * CHECK_MS);
    expect(reports).toHaveLength(2);
  });

  test("a process with memory to spare is left alone", () => {
    const { isolated, reports, ended, running } = create(Number.MAX_SAFE_INTEGER);
    isolated("a");
    running.ids = [1];
    jest.advanceTimersByTime(1_000);
    expect([reports, ended]).toEqual([[], []]);
  });

  test.each([
    ["just below four fifths of the limit", 0.79, 0],
    ["just above", 0.81, 1],
  ])("a process %s", (_, share, count) => {
    const used = 1_000 * MIB;
    const real = process.memoryUsage.rss;
    process.memoryUsage.rss = () => used;
    try {
      const { isolated, reports } = create(used / share);
      isolated("a");
      jest.advanceTimersByTime(CHECK_MS);
      expect(reports).toHaveLength(count);
    } finally {
      process.memoryUsage.rss = real;
    }
  });

  test("a call is blamed only if the memory was short at both checks", () => {
    const real = process.memoryUsage.rss;
    let used = 100;
    process.memoryUsage.rss = () => used;
    try {
      const { isolated, running, ended } = create(100);
      isolated("a");
      running.ids = [1];
      jest.advanceTimersByTime(CHECK_MS);
      used = 0;
      jest.advanceTimersByTime(CHECK_MS);
      used = 100;
      jest.advanceTimersByTime(CHECK_MS);
      expect(ended).toEqual([]);
      jest.advanceTimersByTime(CHECK_MS);
      expect(ended).toEqual([1]);
    } finally {
      process.memoryUsage.rss = real;
    }
  });

  test("a plugin that was removed is not named, and without plugins nothing is checked", () => {
    const { isolated, reports } = create();
    const removeA = isolated("a");
    const removeB = isolated("b");
    removeA();
    jest.advanceTimersByTime(CHECK_MS);
    expect(reports).toEqual(["b"]);
    removeB();
    jest.advanceTimersByTime(120_000);
    expect(reports).toHaveLength(1);
    isolated("c");
    jest.advanceTimersByTime(CHECK_MS);
    expect(reports).toEqual(["b", "c"]);
  });

  test("nothing is reported after the end", () => {
    const { watch, isolated, reports } = create();
    isolated("a");
    watch.close();
    jest.advanceTimersByTime(1_000);
    expect(reports).toEqual([]);
  });

  test.each([
    [400 * MIB, 100 * MIB],
    [4_000 * MIB, 256 * MIB],
  ])("of %i bytes, a thread may have %i as heap", (limit, heap) => {
    expect(create(limit).watch.heapLimit).toBe(heap);
  });

  test("the machine's memory is the limit by default", () => {
    const { heapLimit } = createMemoryWatch({ report: () => {} });
    expect(heapLimit).toBeGreaterThan(16 * MIB);
    expect(heapLimit).toBeLessThanOrEqual(256 * MIB);
  });
});
