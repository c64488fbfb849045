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
});
