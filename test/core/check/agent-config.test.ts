/** How many secrets an agent can be started with: 128 KiB of one environment string. */
import { describe, expect, test } from "bun:test";
import { CONFIG_LIMIT } from "../../../src/core/check/agent-config.ts";
import { measureConfig } from "../../../src/injector/config-size.ts";
import { IndexedAnnotations } from "../../../src/injector/indexed-annotations.ts";
import {
  applyOutcome,
  createTestEngine,
  DEFAULT_SETTINGS,
  podWith,
  reviewPod,
  secret,
} from "../../fixtures/engine.ts";

type FileNames = "flyte" | "flytekit";

async function review(count: number, key: string, fileNames: FileNames) {
  const policy = { ...DEFAULT_SETTINGS.policy, fileNames };
  const engine = await createTestEngine({ ...DEFAULT_SETTINGS, policy });
  const group = (at: number) => `secret/data/Team-a/database-${at}`;
  const pod = podWith(
    Array.from({ length: count }, (_, at) => secret({ group: group(at), key, group_version: "kv2" })),
  );
  return { pod, outcome: await reviewPod(engine, pod) };
}

async function findMost(key: string, fileNames: FileNames): Promise<number> {
  let [low, high] = [1, 300];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((await review(middle, key, fileNames)).outcome.allowed) low = middle;
    else high = middle - 1;
  }
  return low;
}

describe("checkAgentConfig", () => {
  // The first guarded form allowed 130, and 64 with flytekit's names; operations.md has these numbers.
  test.each([
    ["api-key", "flyte", 200],
    ["api-key", "flytekit", 100],
  ] as const)("key %s, fileNames %s: at least %i requests are served", async (key, fileNames, least) => {
    const most = await findMost(key, fileNames);
    expect(most).toBeGreaterThanOrEqual(least);
    const { pod, outcome } = await review(most, key, fileNames);
    const annotations = applyOutcome(pod, outcome).metadata.annotations;
    const bytes = measureConfig(new IndexedAnnotations(Object.entries(annotations)));
    expect(bytes).toBeGreaterThan(CONFIG_LIMIT * 0.98);
    expect(bytes).toBeLessThanOrEqual(CONFIG_LIMIT);
  });

  test("110 variables are served", async () => {
    const envVars = { mode: "file-key-ref", nodes: "all-1.35-or-newer" } as const;
    const policy = { ...DEFAULT_SETTINGS.policy, envVars };
    const engine = await createTestEngine({ ...DEFAULT_SETTINGS, policy });
    const requests = (count: number) =>
      Array.from({ length: count }, (_, at) =>
        secret({ group: `secret/data/Team-a/database-${at}`, key: "api-key", mount_requirement: 1 }),
      );
    expect((await reviewPod(engine, podWith(requests(110)))).status).toBeUndefined();
    expect((await reviewPod(engine, podWith(requests(140)))).status?.code).toBe(413);
  });

  test("one more is refused, with the numbers", async () => {
    const most = await findMost("api-key", "flyte");
    const { outcome } = await review(most + 1, "api-key", "flyte");
    expect(outcome.status).toMatchObject({ code: 413, reason: "RequestEntityTooLarge" });
    expect(outcome.status?.message).toMatch(
      new RegExp(
        `\\(${most + 1} files\\) would need an environment variable of 13\\d{4} bytes, but Linux allows 131072`,
      ),
    );
  });

  test.each([
    [
      "the injector's flags",
      { injector: { version: "1.7.6", flags: { "vault-namespace": "<".repeat(20_000) } } },
    ],
    [
      "the configuration's annotations",
      {
        webhook: {
          vaultSecretManager: {
            ...DEFAULT_SETTINGS.webhook.vaultSecretManager,
            annotations: { "vault.hashicorp.com/namespace": "<".repeat(20_000) },
          },
        },
      },
    ],
  ])("long texts of %s count as well", async (_, settings) => {
    const engine = await createTestEngine({ ...DEFAULT_SETTINGS, ...settings });
    const pod = podWith([secret({ group: "secret/data/a", key: "k", group_version: "kv2" })]);
    const outcome = await reviewPod(engine, pod);
    expect(outcome.issues.map(({ code }) => code)).toContain("pod.agent-config-too-large");
  });

  test("long templates of the pod's own count as well", async () => {
    const pod = podWith([secret({ group: "secret/data/a", key: "k", group_version: "kv2" })], {
      "vault.hashicorp.com/agent-inject-template-x": "<".repeat(20_000),
    });
    const outcome = await reviewPod(await createTestEngine(), pod);
    expect(outcome.issues[0]?.code).toBe("pod.agent-config-too-large");
    expect(outcome.status?.message).toStartWith(
      "The agent's configuration (2 files) would need an environment variable of 1",
    );
  });

  test.each(["agent-json-patch", "agent-inject-containers", "agent-extra-secret", "of-nobody"])(
    "%s is not in the agent's configuration, however long",
    async (name) => {
      const pod = podWith([secret({ group: "secret/data/a", key: "k", group_version: "kv2" })], {
        [`vault.hashicorp.com/${name}`]: "x".repeat(200_000),
      });
      const outcome = await reviewPod(await createTestEngine(), pod);
      expect(outcome.issues.map(({ code }) => code)).not.toContain("pod.agent-config-too-large");
    },
  );
});
