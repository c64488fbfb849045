/** Completion and hover: where the cursor stands, and what can be written there. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { VAULT_ANNOTATIONS } from "../../src/injector/vocabulary.ts";
import { findCursorContext } from "../../src/page/complete/context.ts";
import { describe as describeName, offer } from "../../src/page/complete/offer.ts";
import type { EditorTab } from "../../src/page/input/inputs.ts";

/** The text before `|`, and what is offered there. */
function offerAt(tab: EditorTab, text: string) {
  const offset = text.indexOf("|");
  return offer(tab, findCursorContext(text.replace("|", ""), offset)).map(({ label }) => label);
}

describe("findCursorContext", () => {
  test.each([
    ["ki|", { path: [], part: "key", typed: "ki" }],
    ["metadata:\n  annotations:\n    va|", { path: ["metadata", "annotations"], part: "key", typed: "va" }],
    [
      "metadata:\n  annotations:\n    a: 1\n    b: tr|",
      { path: ["metadata", "annotations"], part: "value", key: "b", typed: "tr" },
    ],
    ["a:\n  b: 1\nc:\n  |", { path: ["c"], part: "key", typed: "" }],
    ["secrets:\n  - gr|", { path: ["secrets", "[]"], part: "key", typed: "gr" }],
    ["secrets:\n- group: a\n  ke|", { path: ["secrets", "[]"], part: "key", typed: "ke" }],
    [
      "plugins:\n  - use: a\n    with:\n      na|",
      { path: ["plugins", "[]", "with"], part: "key", typed: "na" },
    ],
    [
      'x:\n  "vault.hashicorp.com/agent-inject": |',
      { path: ["x"], part: "value", key: "vault.hashicorp.com/agent-inject" },
    ],
  ])("%j", (text, place) => {
    expect(findCursorContext(text.replace("|", ""), text.indexOf("|"))).toMatchObject(place);
  });

  test("of any text and offset there is a place, soon", () => {
    const line = fc.stringMatching(/^ {0,6}(- )?[a-c"']{0,3}:? ?[a-c"']{0,3}$/);
    fc.assert(
      fc.property(fc.array(line), fc.nat(), (lines, at) => {
        const text = lines.join("\n");
        findCursorContext(text, at % (text.length + 1));
      }),
    );
    const long = `${"a: b\n".repeat(50_000)}  c`;
    const start = performance.now();
    findCursorContext(long, long.length);
    findCursorContext(`${"a:".repeat(20_000)}`, 40_000);
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});

describe("what is offered", () => {
  test("every annotation of the vocabulary, in a pod and in a configuration", () => {
    const places: [EditorTab, string][] = [
      ["pod", "kind: Pod\nmetadata:\n  annotations:\n    |"],
      ["config", "webhook:\n  vaultSecretManager:\n    annotations:\n      |"],
    ];
    for (const [tab, text] of places) {
      const labels = offerAt(tab, text).join("\n");
      for (const { name } of VAULT_ANNOTATIONS) expect(labels).toContain(`/${name}`);
    }
  });

  test("values that exist, and booleans as text", () => {
    const inAnnotations = (line: string) => `metadata:\n  annotations:\n    ${line}`;
    expect(offerAt("pod", inAnnotations("vault.hashicorp.com/agent-inject: |"))).toEqual(["true", "false"]);
    expect(offerAt("pod", inAnnotations("vault.hashicorp.com/log-level: |"))).toContain("debug");
    const text = inAnnotations("vault.hashicorp.com/agent-inject: ");
    const place = findCursorContext(text, text.length);
    expect(offer("pod", place)[0]?.insert).toBe('"true"');
  });

  test.each<[EditorTab, string, string[]]>([
    ["secrets", "|", ["secrets", "namespace", "project", "serviceAccount"]],
    [
      "secrets",
      "secrets:\n  - |",
      ["group", "key", "group_version", "mount_requirement", "env_var", "as_env_var", "mount"],
    ],
    ["secrets", "secrets:\n  - group_version: |", ["kv1", "kv2", "db"]],
    ["config", "|", ["webhook", "plugins", "policy", "server", "audit"]],
    ["config", "policy:\n  |", ["profile", "ids", "fileNames", "locked", "denied", "strict"]],
    ["config", "policy:\n  ids: |", ["stable", "random"]],
    ["config", "policy:\n  strict: |", ["true", "false"]],
    ["config", "plugins:\n  - |", ["use", "with", "when", "onError"]],
    ["config", "webhook:\n  vaultSecretManager:\n    kvVersion: |", ["1", "2"]],
    ["pod", "metadata:\n  labels:\n    |", ["inject-flyte-secrets"]],
  ])("in %s at %j", (tab, text, labels) => {
    expect(offerAt(tab, text)).toEqual(expect.arrayContaining(labels));
  });

  test("nothing where nothing is known", () => {
    expect(offerAt("pod", "spec:\n  |")).toEqual([]);
    expect(offerAt("config", "nothing:\n  here:\n    |")).toEqual([]);
  });
});

describe("what a name means", () => {
  const top = { path: [], part: "key", key: "", typed: "", from: 0 } as const;

  test("is told of annotations, the plain form and the configuration", () => {
    expect(describeName("pod", top, "vault.hashicorp.com/agent-inject-secret-x")).toContain("Vault path");
    expect(describeName("secrets", { ...top, path: ["secrets", "[]"] }, "group")).toContain("Vault");
    expect(describeName("config", { ...top, path: ["policy"] }, "ids")).toBeTruthy();
    expect(describeName("pod", top, "flyte.secrets/s0")).toBeTruthy();
  });

  test("is not made up for others", () => {
    expect(describeName("pod", top, "spec")).toBeUndefined();
    expect(describeName("config", top, "nothing")).toBeUndefined();
  });
});
