import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import fastJsonPatch from "fast-json-patch";
import { applyPatch, type Operation } from "../../../src/core/patch/apply.ts";
import { appendPointer, escapePointer, getByPointer, parsePointer } from "../../../src/core/patch/pointer.ts";

describe("pointers", () => {
  test("escape and unescape any segment", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (segments) => {
        expect(parsePointer(appendPointer("", ...segments))).toEqual(segments);
      }),
    );
  });

  // RFC 6901, section 5.
  test.each<[string, unknown]>([
    ["/foo/0", "bar"],
    ["/", 0],
    ["/a~1b", 1],
    ["/m~0n", 8],
    ["/~01", 9],
    ["/foo/00", undefined],
    ["/foo/length", undefined],
    ["/toString", undefined],
    ["/foo/0/x", undefined],
  ])("get %s", (pointer, wanted) => {
    expect(getByPointer({ foo: ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8, "~1": 9 }, pointer)).toEqual(
      wanted,
    );
  });

  test("escape in the order that RFC 6901 wants", () => expect(escapePointer("~/")).toBe("~0~1"));
});

describe("applyPatch", () => {
  const DOCUMENT = { a: { b: [1, { c: 2 }], "x/y": null }, d: "e" };

  test.each<[string, Operation[]]>([
    ["add a member", [{ op: "add", path: "/a/n", value: [1] }]],
    ["add over a member", [{ op: "add", path: "/d", value: 1 }]],
    ["insert", [{ op: "add", path: "/a/b/0", value: 0 }]],
    [
      "append",
      [
        { op: "add", path: "/a/b/-", value: 0 },
        { op: "add", path: "/a/b/3", value: 0 },
      ],
    ],
    [
      "replace",
      [
        { op: "replace", path: "/a/x~1y", value: {} },
        { op: "replace", path: "/a/b/1/c", value: 3 },
      ],
    ],
    [
      "remove",
      [
        { op: "remove", path: "/a/b/0" },
        { op: "remove", path: "/a/b/0/c" },
        { op: "remove", path: "/d" },
      ],
    ],
    [
      "change what was added",
      [
        { op: "add", path: "/n", value: { m: [] } },
        { op: "add", path: "/n/m/-", value: 1 },
      ],
    ],
    ["replace the whole", [{ op: "replace", path: "", value: { z: 1 } }]],
  ])("can %s as an independent library does", (_, operations) => {
    const before = structuredClone({ DOCUMENT, operations });
    const wanted: unknown = fastJsonPatch.applyPatch(
      structuredClone(DOCUMENT),
      structuredClone(operations),
    ).newDocument;
    expect(applyPatch(DOCUMENT, operations)).toEqual(wanted);
    expect({ DOCUMENT, operations }).toEqual(before);
  });

  test.each<[string, Operation]>([
    ["a missing parent", { op: "add", path: "/x/y", value: 1 }],
    ["a missing member", { op: "replace", path: "/x", value: 1 }],
    ["removing what is missing", { op: "remove", path: "/a/x" }],
    ["an index beyond the end", { op: "add", path: "/a/b/3", value: 1 }],
    ["replacing at the end", { op: "replace", path: "/a/b/2", value: 1 }],
    ["an index with a leading zero", { op: "add", path: "/a/b/01", value: 1 }],
    ["a text as parent", { op: "add", path: "/d/x", value: 1 }],
    ["an inherited member", { op: "add", path: "/constructor/x", value: 1 }],
  ])("throws for %s", (_, operation) => {
    expect(() => applyPatch(DOCUMENT, [operation])).toThrow(operation.path);
  });

  test("takes __proto__ for a plain member", () => {
    const patched = applyPatch({}, [
      { op: "add", path: "/__proto__", value: {} },
      { op: "add", path: "/__proto__/evil", value: 1 },
    ]);
    expect(JSON.stringify(patched)).toBe('{"__proto__":{"evil":1}}');
    expect(Object.getPrototypeOf(patched)).toBe(Object.prototype);
    expect(Reflect.get({}, "evil")).toBeUndefined();
  });

  test("changes one of two places that share a value", () => {
    const shared = { x: 1 };
    const patched = applyPatch({ a: shared, b: shared }, [{ op: "replace", path: "/a/x", value: 2 }]);
    expect(patched).toEqual({ a: { x: 2 }, b: { x: 1 } });
  });
});
