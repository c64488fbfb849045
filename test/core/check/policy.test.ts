/** What pods and plugins may set. */
import { expect, test } from "bun:test";
import { createGuard } from "../../../src/core/check/policy.ts";
import { Findings } from "../../../src/core/issue/findings.ts";
import { toLine } from "../../../src/core/layer.ts";
import type { PolicySettings } from "../../../src/core/settings.ts";
import { DEFAULT_SETTINGS } from "../../fixtures/engine.ts";

const KEY = "vault.hashicorp.com/role";

function judge(policy: Partial<PolicySettings>, value: string | null, platform?: string): string[] {
  const folded = new Map(platform === undefined ? [] : [[KEY, toLine({ kind: "webhook" }, KEY, platform)]]);
  const found = new Findings();
  const guard = createGuard({ ...DEFAULT_SETTINGS.policy, profile: "flyte", ...policy });
  guard.checkPod({ "a.io/other": "x", [KEY]: value }, { folded }, found);
  return found.list().map(({ code, annotation }) => `${code} ${annotation?.split("/")[1]}`);
}

const [LOCKED, DENIED] = ["policy.locked role", "policy.denied role"];
test.each<[Partial<PolicySettings>, string | null, string | undefined, readonly string[]]>([
  [{}, "own", "flyte", []],
  [{ locked: ["*/role"] }, "own", "flyte", [LOCKED]],
  [{ locked: ["*/role"] }, "flyte", "flyte", []],
  [{ locked: ["*/role"] }, "own", undefined, [LOCKED]],
  [{ locked: ["*/role"] }, null, undefined, [LOCKED]],
  [{ locked: ["*/role"] }, null, "", []],
  [{ locked: ["*/service"] }, "own", "flyte", []],
  [{ denied: ["*/role"] }, "own", "flyte", [DENIED]],
  [{ denied: ["*/role"] }, "flyte", "flyte", [DENIED]],
  [{ denied: ["*/service", "*/role"] }, "own", undefined, [DENIED]],
  [{ denied: ["*/service"] }, "own", undefined, []],
  [{ locked: ["*/role"], denied: ["*/role"] }, "own", "flyte", [DENIED, LOCKED]],
  [{ profile: "hardened" }, "own", "flyte", ["policy.profile role"]],
  [{ profile: "hardened" }, "flyte", "flyte", []],
])("%j, %j over %j: %j", (policy, value, platform, codes) => {
  expect(judge(policy, value, platform)).toEqual([...codes]);
});

test("checkKey names who sets a denied key, and the pattern; locked keys are the pods' matter", () => {
  const guard = createGuard({ ...DEFAULT_SETTINGS.policy, denied: ["x", "*/role"], locked: ["*"] });
  expect(guard.checkKey(KEY, "plugin p")?.message).toBe(
    `The annotation ${KEY}, set by plugin p, is not allowed (policy.denied: "*/role")`,
  );
  expect(guard.checkKey("vault.hashicorp.com/service", "plugin p")).toBeUndefined();
});
