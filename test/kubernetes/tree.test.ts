import { describe, expect, test } from "bun:test";
import { changeAt, type Json, mergeOver, valueAt } from "../../src/kubernetes/tree.ts";

const tree: Json = { a: { list: [{ n: 1 }, { n: 2 }] }, text: "t" };
const ten = (value: Json | undefined) => (typeof value === "number" ? value * 10 : value);

describe("changeAt", () => {
  test.each<[string, Json]>([
    ["a.list.0.n", { a: { list: [{ n: 10 }, { n: 2 }] }, text: "t" }],
    ["a.list.*.n", { a: { list: [{ n: 10 }, { n: 20 }] }, text: "t" }],
    ["a.none.n", tree],
    ["text.n", tree],
    ["a.list.7.n", tree],
  ])("at %s", (path, expected) => {
    expect(changeAt(tree, path.split("."), ten)).toEqual(expected);
  });

  test("adds a last name that is new, and an item behind a list", () => {
    expect(changeAt({ a: {} }, ["a", "b"], () => 1)).toEqual({ a: { b: 1 } });
    expect(changeAt({ a: [1] }, ["a", "-"], () => 2)).toEqual({ a: [1, 2] });
  });

  test("leaves what it was given as it was", () => {
    const before = JSON.stringify(tree);
    changeAt(tree, ["a", "list", "*", "n"], ten);
    expect(JSON.stringify(tree)).toBe(before);
  });
});

test("mergeOver merges maps; everything else is replaced", () => {
  expect(mergeOver({ a: { b: 1, c: [1] } }, { a: { c: [2], d: 3 } })).toEqual({ a: { b: 1, c: [2], d: 3 } });
  expect(mergeOver(undefined, { a: 1 })).toEqual({ a: 1 });
});

test("valueAt follows names and indices", () => {
  expect(valueAt(tree, ["a", "list", "1", "n"])).toBe(2);
  expect(valueAt(tree, ["a", "none", "n"])).toBeUndefined();
});
