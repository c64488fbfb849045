/** What plans share, and where a pod's or a plugin's own lines end the sharing. */
import { describe, expect, test } from "bun:test";
import type { PluginInstance } from "../../../src/core/plugin/instance.ts";
import { success } from "../../../src/core/result.ts";
import { createEngine } from "../../../src/host/engine.ts";
import {
  applyOutcome,
  createTestEngine,
  DEFAULT_SETTINGS,
  podWith,
  reviewPod,
  secret,
} from "../../fixtures/engine.ts";

const VAULT = "vault.hashicorp.com/";
const REQUEST = secret({ group: "team", key: "token", group_version: "kv1" });

/** @returns an engine whose only plugin sets annotations by the pod's label `team` */
async function createWithPlugin(answers: Readonly<Record<string, Readonly<Record<string, string | null>>>>) {
  const entry = { with: {}, when: {}, allow: ["*"], onError: "deny", timeout: 1_000 } as const;
  const instance: PluginInstance = {
    name: "by-team",
    writes: ["*"],
    annotations: ({ labels }) => answers[labels.team ?? ""],
  };
  const settings = { ...DEFAULT_SETTINGS, plugins: [{ ...entry, use: "by-team" }] };
  const built = await createEngine(settings, { resolvePlugin: async () => success(instance) });
  if (!built.ok) throw new Error(built.issues[0].message);
  return built.value;
}

/** A pod of a team that asks for one secret. */
function podOf(team: string, annotations: Record<string, string> = {}) {
  const pod = podWith([REQUEST], annotations);
  return { ...pod, metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, team } } };
}

describe("Planner.planOver", () => {
  test("keeps what a pod says itself, after others shared what the plugin sets", async () => {
    const engine = await createWithPlugin({ a: { "acme.io/cost": "plugin's" } });
    for (let i = 0; i < 4; i++) await reviewPod(engine, podOf("a"));
    const pod = podOf("a", { "acme.io/cost": "pod's" });
    const outcome = await reviewPod(engine, pod);
    expect(applyOutcome(pod, outcome).metadata.annotations).toMatchObject({ "acme.io/cost": "pod's" });
  });

  test.each([
    ["removed", null, ""],
    ["set to an empty text", "", null],
  ])("an annotation that is %s for one pod is not so for the next", async (_, first, second) => {
    const key = `${VAULT}role`;
    const engine = await createWithPlugin({ a: { [key]: first }, b: { [key]: second } });
    const read = async (team: string) =>
      (await reviewPod(engine, podOf(team))).explain().annotations.find((each) => each.key === key)?.value ??
      null;
    for (let i = 0; i < 4; i++) expect(await read("a")).toBe(first);
    expect(await read("b")).toBe(second);
  });
});

describe("a configuration that declares a file", () => {
  test.each([
    [
      "agent-inject-secret-x beside agent-inject-file-x",
      { "agent-inject-secret-x": "kv/other", "agent-inject-file-x": "team/token" },
    ],
    [
      "agent-inject-template-x beside agent-inject-file-x",
      { "agent-inject-template-x": "{{ 1 }}", "agent-inject-file-x": "team/token" },
    ],
    [
      "agent-inject-template-team, whose file is a folder of the request's",
      { "agent-inject-template-team": "{{ 1 }}" },
    ],
    [
      "agent-inject-secret-team, whose file is a folder of the request's",
      { "agent-inject-secret-team": "kv/other" },
    ],
  ])("%s: the request that writes there is told", async (_, lines) => {
    const annotations = Object.fromEntries(
      Object.entries(lines).map(([name, value]) => [VAULT + name, value]),
    );
    const vaultSecretManager = { ...DEFAULT_SETTINGS.webhook.vaultSecretManager, annotations };
    const engine = await createTestEngine({ ...DEFAULT_SETTINGS, webhook: { vaultSecretManager } });
    const { allowed, issues } = await reviewPod(engine, podWith([REQUEST]));
    expect(allowed).toBe(false);
    expect(issues[0]?.code).toMatch(/^secret\.file-(twice|in-file)$/);
  });
});

test.each(["stable", "random"] as const)(
  "a pod keeps its own value of what the platform sets (%s ids)",
  async (ids) => {
    const { webhook, policy, ...rest } = DEFAULT_SETTINGS;
    const annotations = { "acme.io/cost": "platform's" };
    const engine = await createTestEngine({
      ...rest,
      policy: { ...policy, ids },
      webhook: { vaultSecretManager: { ...webhook.vaultSecretManager, annotations } },
    });
    const pod = podWith([REQUEST], { "acme.io/cost": "pod's" });
    for (let i = 0; i < 3; i++) {
      const outcome = await reviewPod(engine, pod);
      expect(applyOutcome(pod, outcome).metadata.annotations).toMatchObject({ "acme.io/cost": "pod's" });
      const other = podWith([REQUEST]);
      const shared = applyOutcome(other, await reviewPod(engine, other));
      expect(shared.metadata.annotations).toMatchObject({ "acme.io/cost": "platform's" });
    }
  },
);
