/** Requests that cannot be served, and requests that do not do what their author expects. */
import { describe, expect, test } from "bun:test";
import { adviseVariable, LONGEST_FILE, validateRequest } from "../../../src/core/check/request.ts";
import { Findings } from "../../../src/core/issue/findings.ts";
import type { SecretRequest } from "../../../src/core/secret/request.ts";
import type { PolicySettings } from "../../../src/core/settings.ts";

const good: SecretRequest = { group: "g", group_version: "", key: "k", mount_requirement: 0, env_var: "" };
const [ANY, ENV_VAR, FILE] = [0, 1, 2];
type EnvVars = PolicySettings["envVars"];
const ALLOWED: EnvVars = { mode: "file-key-ref", nodes: "all-1.35-or-newer" };

function judge(
  changes: Partial<SecretRequest>,
  { names = {}, envVars = "refuse" as EnvVars, hasVersion = false } = {},
): string[] {
  const request = { ...good, ...changes };
  const found = new Findings();
  const naming = { request: { ...request, ...names }, envVars, hasVersion };
  validateRequest(request, naming, "flyte.secrets/s0", found);
  return found.list().map(({ code, annotation }) => {
    expect(annotation).toBe("flyte.secrets/s0");
    return code.replace(/^secret\./, "");
  });
}

describe("validateRequest", () => {
  test.each<[Partial<SecretRequest>, EnvVars, readonly string[]]>([
    [{}, "refuse", []],
    [{ mount_requirement: FILE }, "refuse", []],
    [{ mount_requirement: ENV_VAR }, "refuse", ["env-var"]],
    [{ mount_requirement: ENV_VAR }, ALLOWED, []],
    [{ mount_requirement: 3 }, ALLOWED, ["mount-unknown"]],
    [{ mount_requirement: -1 }, "refuse", ["mount-unknown"]],
    [{ group: "" }, "refuse", ["group-missing"]],
    [{ key: "" }, "refuse", ["key-missing"]],
    [{ group: "", key: "" }, "refuse", ["group-missing", "key-missing"]],
    [{ env_var: "GOOD_1" }, "refuse", []],
    [{ env_var: "_" }, "refuse", []],
    [{ env_var: "1BAD" }, "refuse", ["variable-name"]],
    [{ env_var: "A-B" }, "refuse", ["variable-name"]],
    [{ env_var: "FLYTE_SECRETS_DEFAULT_DIR" }, "refuse", ["variable-name"]],
    [{ env_var: "FLYTE_SECRET" }, "refuse", []],
    [{ mount_requirement: ENV_VAR, key: "a.b" }, "refuse", ["env-var"]],
  ])("%j (envVars: %j): %j", (changes, envVars, codes) => {
    expect(judge(changes, { envVars })).toEqual([...codes]);
  });

  const NAMES: readonly [value: string, ...codes: string[]][] = [
    ["a/b.c"],
    ["...", ...[]],
    ["a/...b"],
    ["a\u0000b", "control-character"],
    ["a\nb", "control-character"],
    ["a\u007f", "control-character"],
    ["a\u0085", "control-character"],
    ["a{b}"],
    ["a{{b", "template-delimiter"],
    ["a}}b", "template-delimiter"],
    ["/a", "path-segment"],
    ["a/", "path-segment"],
    ["a//b", "path-segment"],
    ["a/./b", "path-segment"],
    ["..", "path-segment"],
    ["a/../b", "path-segment"],
    ["/\n{{", "control-character", "template-delimiter", "path-segment"],
  ];
  test.each(NAMES)("%j as group, key or the name of a file", (value, ...codes) => {
    expect(judge({ group: value })).toEqual(codes);
    expect(judge({ key: value })).toEqual(codes);
    expect(judge({}, { names: { group: value } })).toEqual(codes);
    expect(judge({}, { names: { key: value } })).toEqual(codes);
    expect(judge({ group: value }, { names: { group: value } })).toEqual(codes);
    expect(judge({}, { names: { group_version: value }, hasVersion: true })).toEqual(codes);
    expect(judge({}, { names: { group_version: value }, hasVersion: false })).toEqual([]);
  });

  test("the fields of a file's path have 4,000 bytes at most, and longer ones are not searched", () => {
    const rest = LONGEST_FILE - 1 - "v".length;
    const longest = { group: "g".repeat(rest), group_version: "v" };
    expect(judge(longest)).toEqual([]);
    expect(judge({ ...longest, key: "kk" })).toEqual(["too-long"]);
    expect(judge({ group: "{{".repeat(LONGEST_FILE) })).toEqual(["too-long"]);
    // Bytes count, not characters.
    expect(judge({ group: "é".repeat(LONGEST_FILE / 2) })).toEqual(["too-long"]);
    expect(judge({ group: "é".repeat(LONGEST_FILE / 2 - 1) })).toEqual([]);
    expect(judge({}, { names: { key: "k".repeat(LONGEST_FILE) } })).toEqual(["too-long"]);
  });

  test("an empty version names nothing", () => {
    expect(judge({}, { names: { group_version: "" }, hasVersion: true })).toEqual([]);
  });
});

test.each([
  [{ env_var: "V" }, "refuse", true],
  [{ env_var: "" }, "refuse", false],
  [{ env_var: "V", mount_requirement: FILE }, ALLOWED, true],
  [{ env_var: "V", mount_requirement: ENV_VAR }, ALLOWED, false],
  [{ env_var: "V", mount_requirement: ANY }, "refuse", true],
] as const)("adviseVariable: %j (envVars: %j) is advised: %p", (changes, envVars, isAdvised) => {
  const found = new Findings();
  adviseVariable({ ...good, ...changes }, envVars, "flyte.secrets/s0", found);
  expect(found.list().map(({ code }): string => code)).toEqual(isAdvised ? ["secret.variable-path"] : []);
});
