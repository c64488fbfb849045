import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseCanonical } from "../../../src/core/secret/canonical.ts";
import { parseText } from "../../../src/core/secret/text.ts";

const plain = fc.string({ maxLength: 20 }).map((text) => text.replaceAll(/["\\]/g, ""));
const line = (name: string, value: string) => (value === "" ? "" : `${name}: ${value}\n`);

const written = fc.record({
  group: plain,
  group_version: fc.constantFrom("", "kv1", "kv2"),
  key: plain,
  mount: fc.constantFrom("", "ENV_VAR", "FILE"),
  env_var: plain,
});

/** What the full parser makes of a text, in the form of a request. */
function parseFully(text: string) {
  const fields = parseText(text, () => true);
  if ("reason" in fields) return fields;
  return { group: "", group_version: "", key: "", env_var: "", mount_requirement: 0, ...fields };
}

describe("parseCanonical", () => {
  test("reads what Flyte writes as the full parser does", () => {
    fc.assert(
      fc.property(written, ({ mount, ...texts }) => {
        const quoted = (name: keyof typeof texts) => line(name, texts[name] && `"${texts[name]}"`);
        const text =
          quoted("group") +
          quoted("group_version") +
          quoted("key") +
          line("mount_requirement", mount) +
          quoted("env_var");
        expect(parseCanonical(text)).toEqual(parseFully(text) as ReturnType<typeof parseCanonical>);
      }),
    );
  });

  test("never reads a text otherwise than the full parser", () => {
    const pieces = fc.constantFrom(
      'group: "a"\n',
      'key: "b"\n',
      "mount_requirement: FILE\n",
      '"',
      "\\n",
      " ",
      "#",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 6 }), (parts) => {
        const request = parseCanonical(parts.join(""));
        if (request) expect(parseFully(parts.join(""))).toEqual(request);
      }),
    );
  });

  test.each([
    ["an escape", 'group: "a\\142"\n'],
    ["another order", 'key: "k"\ngroup: "g"\n'],
    ["one line", 'group: "g" key: "k"'],
    ["a number for the mount", "mount_requirement: 2\n"],
    ["text beyond ASCII", 'group: "ü"\n'],
    ["a field that is set twice", 'key: "a"\nkey: "b"\n'],
  ])("leaves %s to the full parser", (_, text) => expect(parseCanonical(text)).toBeUndefined());
});
