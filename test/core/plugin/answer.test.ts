/** Answers of hooks: what is taken, and in which words anything else is refused. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readAnnotations, readIssues, readRequests } from "../../../src/core/plugin/answer.ts";
import { PluginError } from "../../../src/core/plugin/instance.ts";
import type { SecretRequest } from "../../../src/core/secret/request.ts";

const request: SecretRequest = {
  group: "team",
  group_version: "",
  key: "k",
  mount_requirement: 0,
  env_var: "",
};
const requests = { "flyte.secrets/s0": request };
const issue = { code: "no", severity: "deny", message: "No" };

/** @returns code and reason of what a function throws, which is a PluginError */
function refusalOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    return `${error.code}: ${error.message.replace(/^cannot use the answer of its hook `\w+`: /, "")}`;
  }
  return "taken";
}

describe("readRequests", () => {
  test.each([undefined, null, {}])("%j changes nothing", (answer) => {
    expect(readRequests(answer, requests)).toEqual(new Map());
  });

  test("changes the fields that are given, and drops a request for null", () => {
    const two = { ...requests, "flyte.secrets/s1": { ...request, key: "other" } };
    const answer = {
      "flyte.secrets/s0": { group: "a", group_version: "b", key: "c", mount_requirement: 2, env_var: "d" },
      "flyte.secrets/s1": null,
    };
    expect([...readRequests(answer, two)]).toEqual(Object.entries(answer));
    expect(readRequests({ "flyte.secrets/s0": { group: "a" } }, two)).toEqual(
      new Map([["flyte.secrets/s0", { ...request, group: "a" }]]),
    );
  });

  const of = (change: unknown) => ({ "flyte.secrets/s0": change });
  test.each([
    [5, "it is a number, expected an object"],
    ["text", "it is a string, expected an object"],
    [[], "it is a list, expected an object"],
    [{ "flyte.secrets/s9": {} }, 'it adds the request "flyte.secrets/s9"'],
    [{ toString: {} }, 'it adds the request "toString"'],
    [of(5), '"flyte.secrets/s0" is a number, expected an object or null'],
    [of([]), '"flyte.secrets/s0" is a list, expected an object or null'],
    [of(undefined), '"flyte.secrets/s0" is undefined, expected an object or null'],
    [of({ gruop: "a" }), 'a request has no field "gruop"; did you mean group?'],
    [of({ nothing: "a" }), 'a request has no field "nothing"'],
    [of({ toString: "a" }), 'a request has no field "toString"'],
    [of({ group: 1 }), "group is a number, expected a string"],
    [of({ group: null }), "group is null, expected a string"],
    [of({ key: {} }), "key is an object, expected a string"],
    [of({ mount_requirement: "2" }), "mount_requirement is a string, expected an integer"],
    [of({ mount_requirement: 0.5 }), "mount_requirement is a number, expected an integer"],
  ])("refuses %j", (answer, reason) => {
    expect(refusalOf(() => readRequests(answer, requests))).toBe(`plugin.answer: ${reason}`);
  });

  test("reads a field once, so that a getter cannot change a value that was checked", () => {
    let reads = 0;
    const change = {
      get group() {
        return reads++ === 0 ? "checked" : 5;
      },
    };
    expect(readRequests(of(change), requests).get("flyte.secrets/s0")?.group).toBe("checked");
  });
});

describe("readAnnotations", () => {
  const free = () => undefined;

  test("takes strings, and null for what is removed", () => {
    expect(readAnnotations({ a: "1", b: null, c: "" }, free)).toEqual({ a: "1", b: null, c: "" });
    expect(readAnnotations(undefined, free)).toEqual({});
    expect(readAnnotations(null, free)).toEqual({});
  });

  test.each([
    [[], "it is a list, expected an object"],
    [{ a: 5 }, '"a" is a number, expected a string or null'],
    [{ a: undefined }, '"a" is undefined, expected a string or null'],
    [{ a: ["1"] }, '"a" is a list, expected a string or null'],
  ])("refuses %j", (answer, reason) => {
    expect(refusalOf(() => readAnnotations(answer, free))).toBe(`plugin.answer: ${reason}`);
  });

  test("refuses a key that the plugin may not set, in the words that it is given", () => {
    const whyNot = (key: string) => (key === "b" ? "which is not yours" : undefined);
    expect(refusalOf(() => readAnnotations({ a: "1", b: "2" }, whyNot))).toBe(
      'plugin.writes: it sets "b", which is not yours',
    );
  });

  test("takes 1,000 annotations, and refuses more", () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, ""]));
    expect(Object.keys(readAnnotations(many(1_000), free))).toHaveLength(1_000);
    expect(refusalOf(() => readAnnotations(many(1_001), free))).toBe(
      "plugin.answer: it sets 1001 annotations, expected 1000 at most",
    );
  });
});

describe("readIssues", () => {
  test("takes issues, with the plugin's name before their codes", () => {
    const full = { ...issue, severity: "info", help: "Ask", annotation: "a.b/c" };
    expect(readIssues([issue, full], "p")).toEqual([
      {
        ...{ code: "plugin:p/no", severity: "deny", message: "No" },
        help: "Ask the platform team, which runs this plugin",
      },
      { ...full, severity: "info", code: "plugin:p/no" },
    ]);
    expect(readIssues(undefined, "p")).toEqual([]);
    expect(readIssues(null, "p")).toEqual([]);
    expect(readIssues([{ ...issue, help: "", annotation: 5 }], "p")).toEqual(readIssues([issue], "p"));
  });

  test.each(["deny", "error", "warning", "info"])("takes the severity %s", (severity) => {
    expect(readIssues([{ ...issue, severity }], "p")[0]?.severity).toBe(severity as "deny");
  });

  test.each(["a", "0", "a.b-c", "a".repeat(63)])("takes the code %s", (code) => {
    expect(readIssues([{ ...issue, code }], "p")[0]?.code).toBe(`plugin:p/${code}`);
  });

  const CODE = "an issue's code is not lower-case letters, digits, dashes and dots";
  test.each([
    [{}, "it is an object, expected a list of issues"],
    ["no", "it is a string, expected a list of issues"],
    [[null], "an issue is null, expected an object"],
    [["no"], "an issue is a string, expected an object"],
    [[{ ...issue, code: 5 }], CODE],
    [[{ ...issue, code: "" }], CODE],
    [[{ ...issue, code: "No" }], CODE],
    [[{ ...issue, code: "-no" }], CODE],
    [[{ ...issue, code: "a".repeat(64) }], CODE],
    [[{ ...issue, severity: "fatal" }], "an issue's severity is not deny, error, warning or info"],
    [[{ ...issue, message: "" }], "an issue has no message"],
    [[{ ...issue, message: 5 }], "an issue has no message"],
  ])("refuses %j", (answer, reason) => {
    expect(refusalOf(() => readIssues(answer, "p"))).toBe(`plugin.answer: ${reason}`);
  });

  test("keeps 100 issues, and 1,000 characters of their texts", () => {
    const long = { ...issue, message: "m".repeat(1_001), help: "h".repeat(1_001) };
    const [first, ...rest] = readIssues(
      Array.from({ length: 101 }, () => long),
      "p",
    );
    expect(rest).toHaveLength(99);
    expect([first?.message.length, first?.help.length]).toEqual([1_000, 1_000]);
  });
});

test("whatever a plugin answers, it is taken or refused as the plugin's mistake", () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true, withMap: true, withDate: true }), (answer) => {
      refusalOf(() => readRequests(answer, requests));
      refusalOf(() => readAnnotations(answer, () => undefined));
      refusalOf(() => readIssues(answer, "p"));
    }),
  );
});

test("a long name is cut in the refusal", () => {
  const refusal = refusalOf(() => readRequests({ ["x".repeat(2_000)]: {} }, requests));
  expect(refusal.length).toBeLessThan(1_100);
});
