import { describe, expect, test } from "bun:test";
import { SUFFIXED_NAMES, WHOLE_NAMES } from "../../src/injector/vocabulary.ts";
import { issuesOf } from "./expect.ts";

const VAULT = "vault.hashicorp.com/";

/** Of each pattern, under both names, what the issue proposes: `true` without a proposal, `undefined` without an issue. */
function check(pattern: string): (string | true | undefined)[] {
  return ["locked", "denied"].map((name) => {
    const issues = issuesOf({ policy: { [name]: [pattern] } });
    const found = issues.find(({ code }) => code === "config.pattern-unmatched");
    if (found === undefined) return undefined;
    expect(found).toMatchObject({ severity: "warning", path: `policy.${name}[0]` });
    return found.help?.match(/^Did you mean (.*)\?$/)?.[1] ?? true;
  });
}

describe("a pattern that protects nothing is told", () => {
  test.each([
    [`${VAULT}agent-imge`, `${VAULT}agent-image`],
    [`${VAULT}tls-skip-verfiy`, `${VAULT}tls-skip-verify`],
    ["vault.hashicorp.co/agent-image", `${VAULT}agent-image`],
    ["Vault.Hashicorp.com/agent-image", `${VAULT}agent-image`],
    ["agent-image", `${VAULT}agent-image`],
    ["auth-*", `${VAULT}auth-*`],
    [`${VAULT}agent-inject-secret`, `${VAULT}agent-inject-secret-*`],
    [`${VAULT}template_*`, true],
    [`${VAULT}nothing-like-it`, true],
  ] as const)("%s", (pattern, proposed) => expect(check(pattern)).toEqual([proposed, proposed]));
});

describe("a pattern that may match is left alone", () => {
  const keys = [...WHOLE_NAMES, ...SUFFIXED_NAMES.map((name) => `${name}-x`)].filter(
    // The configuration sets it: denied is an error of its own.
    (name) => name !== "role",
  );
  test.each([
    ...keys.map((name) => VAULT + name),
    ...SUFFIXED_NAMES.flatMap((name) => [`${VAULT}${name}-*`, `${VAULT}${name}-some*`]),
    ...[`${VAULT}*template*`, "*/tls-skip-verify", "*", `${VAULT}agent-inject-secret-*`, `${VAULT}auth-*`],
    ...["acme.io/*", "acme.io/cost-center", "team", "primary_container_name", "flyte.secrets/s0"],
  ])("%s", (pattern) => expect(check(pattern)).toEqual([undefined, undefined]));
});
