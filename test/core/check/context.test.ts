/** What an annotation comes to depends on the others: a value that nobody reads is not wrong. */
import { describe, expect, test } from "bun:test";
import { createTestEngine, podWith, reviewPod, secret } from "../../fixtures/engine.ts";

const VAULT = "vault.hashicorp.com/";

/** @returns code, severity and message of what is said of one annotation of a pod, beside others */
async function judge(name: string, value: string, others: Readonly<Record<string, string>>) {
  const entries = Object.entries({ ...others, [name]: value }).map(([key, text]) => [VAULT + key, text]);
  const pod = podWith([secret({ group: "secret/data/team", key: "token" })], Object.fromEntries(entries));
  const { issues } = await reviewPod(await createTestEngine(), pod);
  return issues
    .filter(({ annotation }) => annotation === VAULT + name)
    .map(({ code, severity, message }) => `${severity} ${code} ${message}`)
    .join("\n");
}

const SIDECAR = { "agent-pre-populate-only": "false" };

describe("reportInContext", () => {
  test("names what would declare the id of an annotation", async () => {
    expect(await judge("agent-inject-perms-x", "0400", {})).toContain(
      "no agent-inject-secret-x or agent-inject-template-x declares the id",
    );
    const declared = { "agent-inject-secret-x": "secret/data/x", "agent-inject-file-x": "x" };
    expect(await judge("agent-inject-perms-x", "0400", declared)).toBe("");
  });

  test.each([
    ["no agent listens", {}, false],
    ["an agent can be quit", { "agent-enable-quit": "true" }, true],
    ["the sidecar caches", { ...SIDECAR, "agent-cache-enable": "true" }, true],
    [
      "the sidecar does both",
      { ...SIDECAR, "agent-cache-enable": "true", "agent-enable-quit": "true" },
      true,
    ],
  ])("a port that is none, where %s", async (_, others, isError) => {
    const told = await judge("agent-cache-listener-port", "http", others);
    expect(told.startsWith("error")).toBe(isError);
  });

  test.each(["service", "auth-type", "auth-path"])(
    "%s is the ConfigMap's where there is one",
    async (name) => {
      expect(await judge(name, "no such thing", { "agent-configmap": "agent" })).toBe("");
    },
  );

  test("service is judged where there is no ConfigMap", async () => {
    expect(await judge("service", "no such thing", {})).not.toBe("");
  });

  const ONLY_SIDECAR = "only the sidecar reads it, and agent-pre-populate-only is true";
  const ONLY_INIT = "only the init container has it, and agent-pre-populate is false";
  const NO_INIT = { ...SIDECAR, "agent-pre-populate": "false" };
  test.each<[string, string, Readonly<Record<string, string>>, string]>([
    ["agent-cache-enable", "true", {}, ONLY_SIDECAR],
    ["agent-cache-enable", "true", SIDECAR, ""],
    // An explicit false has no effect either, but it is surely intended.
    ["agent-cache-enable", "false", {}, ""],
    ["agent-revoke-on-shutdown", "true", {}, ONLY_SIDECAR],
    ["agent-init-first", "true", NO_INIT, ONLY_INIT],
    ["agent-init-first", "true", {}, ""],
    [
      "agent-run-as-user",
      "5",
      { "agent-set-security-context": "false" },
      "agent-set-security-context is false",
    ],
    ["agent-run-as-user", "5", {}, ""],
    ["auth-config-role", "r", { role: "r" }, "role comes first"],
    ["auth-config-token-path", "/t", { role: "r" }, ""],
    [
      "agent-inject-template-file-x",
      "/t",
      { "agent-inject-template-x": "{{ 1 }}", "agent-inject-file-x": "x" },
      "the id has the template agent-inject-template-x",
    ],
    [
      "preserve-secret-case-x",
      "true",
      { "agent-inject-secret-x": "secret/data/x", "agent-inject-file-x": "x" },
      "agent-inject-file-x names the file",
    ],
  ])("%s: %s beside %j has no effect because of: %j", async (name, value, others, because) => {
    const told = await judge(name, value, others);
    if (because === "") expect(told).not.toContain("has no effect");
    else expect(told).toEndWith(`has no effect: ${because}`);
  });

  test("a blank template of a declared id gives a blank file; an empty one is none", async () => {
    const declared = { "agent-inject-secret-x": "secret/data/x", "agent-inject-file-x": "x" };
    expect(await judge("agent-inject-template-x", " \n", declared)).toStartWith(
      "error annotation.template-blank ",
    );
    expect(await judge("agent-inject-template-x", "", declared)).not.toContain("template-blank");
    expect(await judge("agent-inject-template-x", "{{ 1 }}", declared)).not.toContain("template-blank");
  });
});
