import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { compileGlobs } from "../../../src/core/glob.ts";
import { compileWhen, type WhenFacts } from "../../../src/core/plugin/when.ts";
import { listReadings } from "../../../src/core/vault/readings.ts";
import { secret } from "../../fixtures/engine.ts";

describe("listReadings", () => {
  test.each([
    ["secret/prod/db", ["secret/prod/db", "secret/data/prod/db", "secret/prod/data/db"]],
    [
      "secret/data/prod/db?version=2",
      ["secret/data/prod/db?version=2", "secret/data/prod/db", "secret/prod/db"],
    ],
    ["org/secret/data/a", ["org/secret/a", "org/secret/data/a", "org/data/secret/data/a"]],
    ["secret", ["secret"]],
    ["", [""]],
  ])("of %s", (group, some) => {
    expect(listReadings(group)).toEqual(expect.arrayContaining(some));
  });

  const anyPath = fc
    .array(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 2, maxLength: 6 })
    .map((parts) => parts.join("/"));

  test("a pattern with or without data matches a group with or without it", () => {
    fc.assert(
      fc.property(anyPath, fc.constantFrom("", "?version=3"), (path, version) => {
        const [mount, ...rest] = path.split("/");
        const withData = [mount, "data", ...rest].join("/");
        for (const pattern of [path, withData]) {
          for (const group of [path, withData]) {
            expect(listReadings(group + version).some(compileGlobs([pattern]))).toBe(true);
          }
        }
      }),
    );
  });

  test("is bounded, however long a group is", () => {
    const readings = listReadings("a/".repeat(100_000));
    expect(readings.length).toBeLessThan(40);
  });
});

test("plugins[].when.groups cannot be avoided by leaving out data", () => {
  const facts = (group: string): WhenFacts => ({
    ...{ namespace: "n", project: undefined, domain: undefined, serviceAccount: "default", labels: {} },
    requests: { "flyte.secrets/s0": secret({ group, key: "k" }) },
  });
  for (const pattern of ["secret/data/prod/*", "secret/prod/*"]) {
    const isFor = compileWhen({ groups: [pattern] });
    expect(isFor(facts("secret/prod/db"))).toBe(true);
    expect(isFor(facts("secret/data/prod/db?version=1"))).toBe(true);
    expect(isFor(facts("secret/data/dev/db"))).toBe(false);
  }
});
