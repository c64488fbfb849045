/** What a pod already declares for its requests is used, the same whatever the order of its annotations. */
import { describe, expect, test } from "bun:test";
import { indexDeclaredFiles } from "../../../src/core/vault/reuse.ts";
import { createTestEngine, podWith, reviewPod, secret } from "../../fixtures/engine.ts";

const VAULT = "vault.hashicorp.com/agent-inject-";

/** @returns annotations that declare a file under each id */
function declare(ids: readonly string[], path = "kv/team", file = "team/token"): Record<string, string> {
  return Object.fromEntries(
    ids.flatMap((id) => [
      [`${VAULT}secret-${id}`, path],
      [`${VAULT}file-${id}`, file],
    ]),
  );
}

function indexOf(annotations: Readonly<Record<string, string>>) {
  return [...indexDeclaredFiles(annotations, Object.keys(annotations), new Set(Object.values(annotations)))];
}

describe("indexDeclaredFiles", () => {
  test.each([
    ["alone", ["a"], "a"],
    ["in order", ["a", "b", "c"], "a"],
    ["in reverse", ["c", "b", "a"], "a"],
    ["the first in the middle", ["b", "a", "c"], "a"],
    ["bytewise: capitals come first", ["a", "B"], "B"],
    ["bytewise: digits by their characters", ["9", "10"], "10"],
    ["a prefix of another", ["ab", "a"], "a"],
    ["without an id, as the injector allows", ["a", ""], ""],
  ])("takes the bytewise first of the ids that declare one file: %s", (_, ids, first) => {
    expect(indexOf(declare(ids))).toEqual([["kv/team\0team/token", first]]);
  });

  test.each([
    ["a secret without a file name", { [`${VAULT}secret-a`]: "kv/team" }],
    ["a file name without a secret", { [`${VAULT}file-a`]: "team/token" }],
    ["an id whose template the injector would read as a template file's path", declare(["file-a"])],
  ])("leaves out %s", (_, annotations) => {
    expect(indexOf(annotations)).toEqual([]);
  });

  test("keeps files apart that differ in path or name", () => {
    const annotations = {
      ...declare(["a"]),
      ...declare(["b"], "kv/other"),
      ...declare(["c"], "kv/team", "team/other"),
    };
    expect(indexOf(annotations).map(([, id]) => id)).toEqual(["a", "b", "c"]);
  });
});

describe("a pod that declares the file of its request twice", () => {
  const request = secret({ group: "kv/team", key: "token", group_version: "kv1" });

  test.each([
    ["with the same secret: the second is no collision", "kv/team", undefined],
    ["with another secret: it is", "kv/other", "secret.file-twice"],
  ])("%s", async (_, path, code) => {
    const annotations = {
      ...declare(["a"], "kv/team", "kv/team/token"),
      ...declare(["b"], path, "kv/team/token"),
    };
    const { allowed, issues, explain } = await reviewPod(
      await createTestEngine(),
      podWith([request], annotations),
    );
    expect(issues.filter(({ severity }) => severity === "deny").map((issue): string => issue.code)).toEqual(
      code ? [code] : [],
    );
    expect(allowed).toBe(code === undefined);
    if (allowed) expect(explain().requests[0]?.files.map(({ id }) => id)).toEqual(["a"]);
  });
});
