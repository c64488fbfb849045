/** An entry of the configuration: which keys its plugin may set, and for which pods it runs. */
import { describe, expect, test } from "bun:test";
import { configurePlugin } from "../../../src/core/plugin/configured.ts";
import { compileWhen } from "../../../src/core/plugin/when.ts";
import type { PluginEntrySettings, PluginWhen } from "../../../src/core/settings.ts";

const entry: PluginEntrySettings = {
  ...{ use: "./p.ts", with: {}, when: {}, allow: ["acme.io/*"], onError: "skip", timeout: 50 },
};
const VAULT = "vault.hashicorp.com/";

describe("configurePlugin", () => {
  const writes = [`${VAULT}agent-*`, "acme.io/*", "other.io/*", "flyte.secrets/*"];
  const configured = configurePlugin({ name: "p", writes }, entry, 3);

  test("carries the entry's settings", () => {
    expect(configured).toMatchObject({ name: "p", entry: 3, onError: "skip", timeout: 50 });
  });

  const FLYTE = "which no plugin may set";
  const WRITES = "which its `writes` does not name";
  const ALLOW = "which its entry's `allow` does not name";
  test.each([
    [`${VAULT}agent-inject-status`, FLYTE],
    ["flyte.secrets/s0", FLYTE],
    ["flyte.secrets/", FLYTE],
    [`${VAULT}agent-limits-cpu`, undefined],
    [`${VAULT}role`, WRITES],
    ["acme.io/team", undefined],
    ["other.io/team", ALLOW],
    ["third.io/team", WRITES],
  ])("%s: %p", (key, reason) => {
    expect(configured.whyNot(key)).toBe(reason);
    // The second answer is remembered.
    expect(configured.whyNot(key)).toBe(reason);
  });

  test("more keys than are remembered are judged all the same", () => {
    const own = configurePlugin({ name: "p", writes: ["a.io/*"] }, { ...entry, allow: ["a.io/k1*"] }, 0);
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 2_100; i++) {
        expect(own.whyNot(`a.io/k${i}`)).toBe(String(i).startsWith("1") ? undefined : ALLOW);
      }
    }
  });

  test("a line names its source; one without a value removes, and is not one with an empty value", () => {
    for (const value of ["v", "", null, "v", null, ""]) {
      const line = configured.toLine("acme.io/team", value);
      expect(line).toMatchObject({ value, source: { kind: "plugin", name: "p", entry: 3 } });
      expect(line.operation === "").toBe(value === null);
    }
  });

  test("the same line is made once it has been asked for twice", () => {
    const lines = Array.from({ length: 4 }, () => configured.toLine("acme.io/same", "v"));
    expect(lines[3]).toBe(lines[2] as (typeof lines)[number]);
  });
});

describe("compileWhen", () => {
  const group = (name: string) => ({
    group: name,
    group_version: "",
    key: "k",
    mount_requirement: 0,
    env_var: "",
  });
  const facts = {
    ...{ namespace: "ns-a", project: "p", domain: undefined, serviceAccount: "default" },
    labels: { team: "ml" },
    requests: { "flyte.secrets/s0": group("secret/data/a"), "flyte.secrets/s1": group("b?version=2") },
  };

  test.each<[PluginWhen, boolean]>([
    [{}, true],
    [{ namespaces: ["ns-*"] }, true],
    [{ namespaces: ["x", "ns-a"] }, true],
    [{ namespaces: ["ns"] }, false],
    [{ namespaces: [] }, false],
    [{ projects: ["p"] }, true],
    [{ projects: ["q"] }, false],
    [{ domains: ["*"] }, false],
    [{ serviceAccounts: ["def*"] }, true],
    [{ serviceAccounts: ["other"] }, false],
    [{ labels: { team: ["m*"] } }, true],
    [{ labels: { team: ["x"] } }, false],
    [{ labels: { team: ["ml"], other: ["*"] } }, false],
    [{ labels: { toString: ["*"] } }, false],
    [{ labels: {} }, true],
    [{ groups: ["secret/data/*"] }, true],
    [{ groups: ["secret/a"] }, true],
    [{ groups: ["b"] }, true],
    [{ groups: ["c"] }, false],
    [{ namespaces: ["ns-a"], projects: ["p"] }, true],
    [{ namespaces: ["ns-a"], projects: ["q"] }, false],
  ])("%j: %p", (when, applies) => {
    expect(compileWhen(when)(facts)).toBe(applies);
  });
});
