/** From a module to hooks: what is checked, and in which words a plugin is refused. */
import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import { describeError, readDefinition, setUpPlugin } from "../../../src/host/plugin/setup.ts";

const good = { name: "a-plugin", description: "Does a thing", writes: ["acme.io/*"], setup: () => ({}) };
const moduleOf = (changes: object) => ({ default: { ...good, ...changes } });

describe("readDefinition", () => {
  test.each([
    ["a", {}],
    ["a1-b2", { name: "a1-b2" }],
    ["63 letters", { name: "a".repeat(63) }],
    ["no annotation", { writes: [] }],
    ["a schema that is a function", { options: Object.assign(() => {}, v.object({})) }],
  ])("takes a good one: %s", (_, changes) => {
    const read = readDefinition(moduleOf(changes));
    expect(read).toMatchObject({ ...good, ...changes, setup: expect.any(Function) });
  });

  test.each([
    [undefined, "its module has no default export that is a definition"],
    ["text", "its module has no default export that is a definition"],
    [{ default: () => {} }, "its module has no default export that is a definition"],
    [moduleOf({ name: 1 }), "its `name` is not lower-case words with dashes"],
    [moduleOf({ name: "A" }), "its `name` is not lower-case words with dashes"],
    [moduleOf({ name: "-a" }), "its `name` is not lower-case words with dashes"],
    [moduleOf({ name: "a-" }), "its `name` is not lower-case words with dashes"],
    [moduleOf({ name: "a".repeat(64) }), "its `name` is not lower-case words with dashes"],
    [moduleOf({ description: 1 }), "it has no `description`"],
    [moduleOf({ description: "" }), "it has no `description`"],
    [moduleOf({ writes: "acme.io/*" }), "its `writes` is not a list of keys"],
    [moduleOf({ writes: ["acme.io/*", ""] }), "its `writes` is not a list of keys"],
    [moduleOf({ writes: [1] }), "its `writes` is not a list of keys"],
    [moduleOf({ options: {} }), "its `options` is not a Standard Schema"],
    [moduleOf({ options: null }), "its `options` is not a Standard Schema"],
    [moduleOf({ options: "text" }), "its `options` is not a Standard Schema"],
    [moduleOf({ options: { "~standard": {} } }), "its `options` is not a Standard Schema"],
    [moduleOf({ options: { "~standard": null } }), "its `options` is not a Standard Schema"],
    [moduleOf({ setup: {} }), "it has no function `setup`"],
  ])("refuses %j: %s", (module, reason) => {
    expect(readDefinition(module)).toBe(reason);
  });
});

describe("setUpPlugin", () => {
  const options = v.strictObject({ team: v.string(), size: v.optional(v.object({ cpu: v.number() })) });

  test("gives the hooks, for which setup got the validated options", async () => {
    const seen: unknown[] = [];
    const hooks = { review: () => [] };
    const setup = (given: unknown) => {
      seen.push(given);
      return hooks;
    };
    const defaulted = v.object({ team: v.optional(v.string(), "none") });
    const set = await setUpPlugin(moduleOf({ options: defaulted, setup }), {});
    expect(set).toMatchObject({ definition: { name: "a-plugin" }, hooks });
    await setUpPlugin(moduleOf({ setup }), undefined);
    expect(seen).toEqual([{ team: "none" }, {}]);
  });

  test("keeps the definition's own `this` in setup", async () => {
    class Definition {
      readonly name = "a";
      readonly description = "b";
      readonly writes = [];
      readonly #hooks = { requests: () => ({}) };
      setup() {
        return this.#hooks;
      }
    }
    const { name, description, writes } = new Definition();
    const own = new Definition();
    const setup = () => own.setup();
    expect(await setUpPlugin({ default: { name, description, writes, setup } }, {})).toHaveProperty("hooks");
  });

  test.each([
    [
      "an option of a plugin without options",
      {},
      { team: "a" },
      "plugin.options",
      "it takes no options",
      "with.team",
    ],
    [
      "an unknown option",
      { options },
      { taem: "a", team: "b" },
      "plugin.options",
      "unknown option",
      "with.taem",
    ],
    [
      "a wrong type below",
      { options },
      { team: "a", size: { cpu: "1" } },
      "plugin.options",
      /number/,
      "with.size.cpu",
    ],
    [
      "a setup that throws",
      {
        setup: (): never => {
          throw new Error("no licence\nmore");
        },
      },
      {},
      "plugin.setup",
      "Error: no licence",
      undefined,
    ],
    ["a setup that rejects", { setup: () => Promise.reject("why") }, {}, "plugin.setup", "why", undefined],
    [
      "no hooks",
      { setup: (): undefined => undefined },
      {},
      "plugin.setup",
      "its `setup` does not return an object of hooks",
      undefined,
    ],
    [
      "a foreign hook",
      { setup: () => ({ nothing: () => {} }) },
      {},
      "plugin.setup",
      'unknown hook "nothing"',
      undefined,
    ],
    [
      "a mistyped hook",
      { setup: () => ({ reveiw: () => {} }) },
      {},
      "plugin.setup",
      'unknown hook "reveiw"; did it mean review?',
      undefined,
    ],
    [
      "a hook that is a value",
      { setup: () => ({ review: [] }) },
      {},
      "plugin.setup",
      "its hook review is not a function",
      undefined,
    ],
  ] as const)("refuses %s", async (_, changes, given, code, reason, path) => {
    const { refusals = [] } = await setUpPlugin(moduleOf(changes), given);
    expect(refusals).toHaveLength(1);
    const [first] = refusals;
    expect(first).toMatchObject({ code, ...(path !== undefined && { path }) });
    if (typeof reason === "string") expect(first?.reason).toBe(reason);
    else expect(first?.reason).toMatch(reason);
  });

  test("an absent hook may be undefined", async () => {
    const set = await setUpPlugin(
      moduleOf({ setup: () => ({ review: undefined, requests: () => ({}) }) }),
      {},
    );
    expect(set.refusals).toBeUndefined();
  });

  test("a misspelled option comes before the one that is therefore missing, and names it", async () => {
    const { refusals = [] } = await setUpPlugin(moduleOf({ options }), { tema: "a" });
    expect(refusals.map(({ path, nearest }) => [path, nearest])).toEqual([
      ["with.tema", "team"],
      ["with.team", undefined],
    ]);
  });

  test.each([
    ["says nothing", () => ({ issues: [] }), "its schema does not say why"],
    [
      "throws",
      () => {
        throw new TypeError("broken");
      },
      "TypeError: broken",
    ],
  ])("a schema that %s is refused", async (_, validate, reason) => {
    const schema = { "~standard": { version: 1, vendor: "x", validate } };
    expect(await setUpPlugin(moduleOf({ options: schema }), {})).toEqual({
      refusals: [expect.objectContaining({ code: "plugin.options", reason })],
    });
  });

  test("paths of schemas may have keys or objects with keys", async () => {
    const validate = () => ({ issues: [{ message: "bad", path: ["a", { key: 0 }, { key: "b" }] }] });
    const schema = { "~standard": { version: 1, vendor: "x", validate } };
    const { refusals = [] } = await setUpPlugin(moduleOf({ options: schema }), {});
    expect(refusals[0]).toMatchObject({ path: "with.a.0.b", reason: "bad" });
  });
});

test("describeError gives one line of at most 500 characters, whatever was thrown", () => {
  expect(describeError(new Error(`${"x".repeat(600)}\nmore`))).toHaveLength(500);
  expect(describeError("text\nmore")).toBe("text");
  expect(describeError(undefined)).toBe("undefined");
});
