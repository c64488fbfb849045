import { describe, expect, test } from "bun:test";
import { BoundedCache } from "../../src/core/cache.ts";

/** A cache of what was made, and how often something was. */
function counting(limits = { entries: 4, units: 1_000 }) {
  const made: string[] = [];
  const cache = new BoundedCache<string>(limits);
  const get = (key: string) =>
    cache.get([key], () => {
      made.push(key);
      return `value of ${key}`;
    });
  return { cache, get, made };
}

describe("BoundedCache", () => {
  test("keeps what is asked for twice, and nothing that is asked for once", () => {
    const { cache, get, made } = counting();
    expect([get("a"), cache.size]).toEqual(["value of a", 0]);
    expect([get("a"), cache.size]).toEqual(["value of a", 1]);
    expect(get("a")).toBe("value of a");
    expect(made).toEqual(["a", "a"]);
  });

  test("keeps at most two generations of entries", () => {
    const { cache, get } = counting({ entries: 4, units: 100_000 });
    for (let i = 0; i < 100; i++) for (let sight = 0; sight < 2; sight++) get(`key ${i}`);
    expect(cache.size).toBeLessThanOrEqual(8);
    expect(cache.size).toBeGreaterThanOrEqual(4);
  });

  test("keeps at most two generations of units", () => {
    const { cache, get } = counting({ entries: 1_000, units: 100 });
    for (let i = 0; i < 50; i++) for (let sight = 0; sight < 2; sight++) get(`${i}`.padEnd(30, "x"));
    expect(cache.size).toBeLessThanOrEqual(6);
  });

  test("tells lists of texts apart, wherever they differ", () => {
    const cache = new BoundedCache<number>({ entries: 100, units: 100_000 });
    const keys = [["ab", "c"], ["a", "bc"], ["abc"], ["abc", ""], ["", "abc"], ["a", "b", "c"], []];
    // One letter of many.
    for (let i = 0; i < 30; i++) keys.push([`${"x".repeat(i)}y${"x".repeat(29 - i)}`]);
    for (let sight = 0; sight < 3; sight++) {
      for (const [i, key] of keys.entries()) expect([key, cache.get([...key], () => i)]).toEqual([key, i]);
    }
    expect(cache.size).toBe(keys.length);
  });

  test("keeps nothing of a stream whose keys come again only after thousands of others", () => {
    const { cache, get } = counting({ entries: 1_000, units: 1_000_000 });
    for (let round = 0; round < 3; round++) for (let i = 0; i < 10_000; i++) get(`key ${i}`);
    expect(cache.size).toBeLessThan(100);
  });

  test("keeps nearly all keys that come in turn, although many have the same slots", () => {
    const { cache, get } = counting({ entries: 1_000, units: 1_000_000 });
    for (let round = 0; round < 3; round++) for (let i = 0; i < 200; i++) get(`key ${i}`);
    expect(cache.size).toBeGreaterThan(180);
  });

  test("what is used outlives a generation", () => {
    const { get, made } = counting();
    for (let i = 0; i < 40; i++) {
      get("used");
      for (let sight = 0; sight < 2; sight++) get(`other ${i}`);
    }
    expect(made.filter((key) => key === "used")).toHaveLength(2);
  });
});
