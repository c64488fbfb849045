import { describe, expect, test } from "bun:test";
import { checkContainerNames } from "../../../src/core/check/name-collision.ts";
import { createTestEngine, podWith, reviewPod, secret } from "../../fixtures/engine.ts";
import { codesOf } from "./rule.ts";

const KEY = "vault.hashicorp.com/agent-inject-containers";

/** @returns what is said of a name that no container has */
async function messageFor(names: readonly string[]): Promise<string> {
  const pod = podWith([secret({ group: "secret/data/team", key: "token" })], { [KEY]: "missing" });
  const spec = { containers: names.map((name) => ({ name })) };
  const { issues } = await reviewPod(await createTestEngine(), { ...pod, spec });
  return issues.find(({ code }) => code === "pod.inject-containers-unknown")?.message ?? "";
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `c${i}`);

describe("checkContainerNames lists the containers that there are", () => {
  test.each([
    ["one", ["main"], "main"],
    ["two", ["main", "side"], "main, side"],
    ["ten", numbered(10), numbered(10).join(", ")],
    ["more than ten: the rest is counted", numbered(12), `${numbered(10).join(", ")} and 2 more`],
    ["a name longer than Kubernetes takes: its beginning", ["n".repeat(80)], "n".repeat(63)],
  ])("%s", async (_, names, listed) => {
    const message = await messageFor(names);
    expect(message).toContain(listed);
    expect(message).not.toContain(`${listed}n`);
  });
});

test("names of containers are looked up, up to the limit", () => {
  const named = (count: number) =>
    codesOf(checkContainerNames, { "agent-inject-containers": Array(count).fill("main").join(",") }, POD);
  expect(named(1)).toEqual([]);
  expect(named(100_000)).toEqual(["pod.inject-containers-too-many"]);
});

const POD = { pod: { spec: { containers: [{ name: "main" }] } } };
