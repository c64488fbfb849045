/** The section `injector`: which Vault Agent Injector follows this webhook. */
import { expect, test } from "bun:test";
import { parseConfig } from "../../src/config/parse.ts";

const parse = (injector: unknown) => {
  const parsed = parseConfig({ webhook: {}, injector });
  return {
    value: parsed.ok ? parsed.value.injector : undefined,
    codes: parsed.issues.map(({ code }): string => code),
  };
};

test("is the shipped injector where nothing is said", () => {
  expect(parse(undefined)).toEqual({ value: { version: "1.7.6", flags: {} }, codes: [] });
});

test("takes options and variables as a Deployment has them, as texts, numbers or booleans", () => {
  const flags = {
    "vault-address": "https://v:8200",
    "run-as-user": 500,
    AGENT_INJECT_SET_SECURITY_CONTEXT: false,
  };
  expect(parse({ flags })).toEqual({
    value: {
      version: "1.7.6",
      flags: {
        "vault-address": "https://v:8200",
        "run-as-user": "500",
        AGENT_INJECT_SET_SECURITY_CONTEXT: "false",
      },
    },
    codes: [],
  });
});

test.each([
  [{ version: "1.6.0" }, ["config.injector-version"]],
  [{ flags: { "vault-adress": "https://v" } }, ["config.injector-flag"]],
  [{ flags: { "default-template": "yaml" } }, ["config.injector-value"]],
  [{ flags: { "log-level": "debug" } }, []],
])("%j: %j", (injector, codes) => expect(parse(injector).codes).toEqual(codes));

test("another name is an error", () => {
  expect(parse({ flag: {} }).value).toBeUndefined();
});
