import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { renderYaml } from "../../../src/core/yaml.ts";
import { createItemReader } from "../../../src/preview/input/items.ts";

/** Reads a text in pieces of one length. */
function readAll(text: string, length: number): readonly unknown[] | string {
  const reader = createItemReader();
  const found: unknown[] = [];
  for (let at = 0; at < text.length; at += length) {
    const items = reader.push(text.slice(at, at + length));
    if (!items.ok) return items.issues[0].message;
    found.push(...items.value);
  }
  const rest = reader.end();
  return rest.ok ? [...found, ...rest.value] : rest.issues[0].message;
}

const pod = (name: string, extra: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  ...extra,
});
const TRICKY = pod('a "b" \\ }],[{ - x: y', {
  items: [{ items: [1] }],
  text: "items:\n- a\n---\nkind: List\n# no comment\n\n  - b",
});

describe("createItemReader", () => {
  const lists = [
    ["kubectl's order", { apiVersion: "v1", items: [pod("a"), TRICKY, pod("c")], kind: "List" }],
    ["kind first", { kind: "List", apiVersion: "v1", metadata: {}, items: [TRICKY, pod("b")] }],
    ["one item", { apiVersion: "v1", items: [TRICKY], kind: "List", metadata: { resourceVersion: "" } }],
    ["no item", { apiVersion: "v1", items: [], kind: "List" }],
  ] as const;
  const forms = [
    ["JSON", (value: unknown) => JSON.stringify(value)],
    ["indented JSON", (value: unknown) => JSON.stringify(value, null, 4)],
    ["YAML", (value: unknown) => renderYaml([value])],
  ] as const;
  test.each(
    lists.flatMap(([name, list]) => forms.map(([form, render]) => [name, form, list, render] as const)),
  )("%s as %s: the items, whatever the pieces are", (_name, _form, list, render) => {
    const text = render(list);
    for (const length of [1, 2, 7, 64, text.length]) expect(readAll(text, length)).toEqual([...list.items]);
  });

  test("kubectl writes YAML items at the column of their key: so do these", () => {
    const text =
      "apiVersion: v1\nitems:\n- kind: Pod\n  metadata:\n    name: a\n- kind: Pod\n  args:\n  - x\nkind: List\n";
    expect(readAll(text, 5)).toEqual([
      { kind: "Pod", metadata: { name: "a" } },
      { kind: "Pod", args: ["x"] },
    ]);
  });

  test("items of a typed list get the kind that the list has", () => {
    const list = { kind: "PodList", apiVersion: "v1", items: [{ metadata: { name: "a" } }] };
    for (const [, render] of forms) {
      expect(readAll(render(list), 9)).toEqual([{ apiVersion: "v1", kind: "Pod", metadata: { name: "a" } }]);
    }
  });

  test.each([
    ["JSON documents", `${JSON.stringify(pod("a"))}\n${JSON.stringify({ kind: "List", items: [pod("b")] })}`],
    ["YAML documents", renderYaml([pod("a"), { kind: "List", items: [pod("b")] }])],
    ["a JSON array", JSON.stringify([pod("a"), pod("b")])],
  ])("%s: each document, and the items of Lists among them", (_, text) => {
    for (const length of [1, 10, text.length]) expect(readAll(text, length)).toEqual([pod("a"), pod("b")]);
  });

  test.each([
    ["cut off in an item", '{"items":[{"a":1},{"b":', /item 2 .*ends inside/],
    ["cut off after an item", '{"items":[{"a":1}', /ends inside/],
    ["a broken item", '{"items":[{"a":1},{"b" 1}]}', /item 2 /],
    ["a broken YAML item", "items:\n- a: 1\n- b: [\n- c: 1\n", /item 2 /],
    ["nothing", " \n", /empty/],
    ["two commas", '{"items":[{"a":1},,{"b":1}],"x":,}', /item 3 /],
  ])("%s: says where", (_, text, message) => {
    for (const length of [1, 6, text.length]) expect(readAll(text, length)).toMatch(message);
  });

  test("any list in any pieces: what JSON.parse gives", () => {
    const list = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 6 });
    fc.assert(
      fc.property(list, fc.integer({ min: 1, max: 40 }), (items, length) => {
        const text = JSON.stringify({ kind: "List", items });
        expect(readAll(text, length)).toEqual(JSON.parse(text).items);
      }),
    );
  });

  test("strings of quotes and backslashes, in any pieces", () => {
    const tricky = fc.string({ unit: fc.constantFrom('"', "\\", "}", "]", "a"), maxLength: 12 });
    const item = fc.record({
      kind: fc.constant("Pod"),
      a: tricky,
      b: fc.array(tricky, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 4 }), fc.integer({ min: 1, max: 9 }), (items, length) => {
        expect(readAll(JSON.stringify({ kind: "List", items }), length)).toEqual(items);
      }),
    );
  });

  test("what is no object is handed on, for whoever reads the items to refuse", () => {
    expect(readAll('{"items":[1,"x"]}', 3)).toEqual([1, "x"]);
  });
});
