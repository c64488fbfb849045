import { describe, expect, test } from "bun:test";
import { createTestEngine, podWith, reviewPod, secret } from "../../fixtures/engine.ts";

const REQUEST = secret({ group: "secret/data/team", key: "token" });
const STAYS = { restartPolicy: "Always" };

async function review(spec: object, metadata: Record<string, string> = {}) {
  const pod = podWith([REQUEST], metadata);
  const { issues } = await reviewPod(await createTestEngine(), { ...pod, spec: { ...pod.spec, ...spec } });
  return issues.map(({ code }): string => code);
}

describe("checkMesh: istio-init runs before the agent", () => {
  test.each([
    ["and nothing else", [], true],
    ["and the proxy starts with it and stays", [{ name: "istio-proxy", ...STAYS }], false],
    ["and the proxy does not stay", [{ name: "istio-proxy" }], true],
    ["and another container stays", [{ name: "logs", ...STAYS }], true],
    ["and the proxy of another mesh stays", [{ name: "linkerd-proxy", ...STAYS }], true],
  ])("%s", async (_, others, expected) => {
    const codes = await review({ initContainers: [{ name: "istio-init" }, ...others] });
    expect(codes.includes("pod.mesh-init")).toBe(expected);
  });
});
