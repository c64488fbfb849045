import { expect, test } from "bun:test";
import fc from "fast-check";
import { renderYaml } from "../../../src/core/yaml.ts";
import { parseYaml } from "../../../src/preview/input/yaml.ts";

test.each([
  ["a\u2028b", 'k: "a\\u2028b"\n'],
  ["a\u2028b\nc", 'k: "a\\u2028b\\nc"\n'],
  ["\ufeffa", 'k: "\\ufeffa"\n'],
  ["a\u0085\u009f", 'k: "a\\u0085\\u009f"\n'],
  ["é\t\u{1f600}", "k: é\t\u{1f600}\n"],
])("renderYaml writes %j so that Go reads it", (value, text) => {
  expect(renderYaml([{ k: value }])).toBe(text);
});

test("renderYaml escapes in names, too", () => {
  expect(renderYaml([{ "a\u2029": 1 }])).toBe('"a\\u2029": 1\n');
});

test("renderYaml repeats what is there twice", () => {
  const shared = { a: "b" };
  expect(renderYaml([{ one: shared, two: shared }])).toBe("one:\n  a: b\ntwo:\n  a: b\n");
});

test("parseYaml reads what renderYaml writes", () => {
  const text = fc.string({ unit: "binary" });
  const document = fc.dictionary(
    text.filter((key) => key !== "__proto__" && key !== "<<"),
    fc.oneof(text, fc.array(text), fc.integer(), fc.boolean()),
    { minKeys: 1 },
  );
  fc.assert(
    fc.property(document, (value) => {
      const rendered = renderYaml([value]);
      expect(rendered).not.toMatch(/[\u007f-\u009f\u2028\u2029\ufeff]/);
      expect(parseYaml(rendered)).toMatchObject({ ok: true, value: [{ ...value }] });
    }),
    { numRuns: 300 },
  );
});
