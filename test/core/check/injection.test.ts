/** Whether the injector works on a pod, and how long the agent's containers run. */
import { describe, expect, test } from "bun:test";
import {
  checkAgentContainers,
  checkConfigMap,
  checkNamespace,
  checkSwitch,
  findLastingOwner,
} from "../../../src/core/check/injection.ts";
import { codesOf, type Short } from "./rule.ts";

const AGENT = { spec: { initContainers: [{ name: "vault-agent-init" }] } };

test.each<[Short, object, readonly string[]]>([
  [{ "agent-inject": "true" }, {}, []],
  [{ "agent-inject": "1" }, {}, []],
  [{ "agent-inject": "false" }, {}, ["pod.inject-off"]],
  [{ "agent-inject": "f" }, {}, ["pod.inject-off"]],
  [{ "agent-inject": "yes" }, {}, []],
  [{ "agent-inject": "true", "agent-inject-status": "injected" }, {}, ["pod.status-injected"]],
  [{ "agent-inject": "true", "agent-inject-status": "injected" }, AGENT, []],
  [
    { "agent-inject": "true", "agent-inject-status": "injected" },
    { spec: { containers: [{ name: "vault-agent" }] } },
    [],
  ],
  [{ "agent-inject": "true", "agent-inject-status": "update" }, {}, []],
])("checkSwitch: %j on %j: %j", (annotations, pod, codes) => {
  expect(codesOf(checkSwitch, annotations, { pod })).toEqual([...codes]);
});

test.each([
  ["kube-system", true],
  ["kube-public", true],
  ["kube-node-lease", false],
  ["", false],
])("checkNamespace: %j is refused: %p", (namespace, isRefused) => {
  expect(codesOf(checkNamespace, {}, { namespace })).toEqual(isRefused ? ["pod.system-namespace"] : []);
});

test.each([
  [{}, []],
  [{ "agent-configmap": "" }, []],
  [{ "agent-configmap": "own" }, ["pod.configmap"]],
])("checkConfigMap: %j: %j", (annotations, codes) => {
  expect(codesOf(checkConfigMap, annotations)).toEqual(codes);
});

describe("checkAgentContainers", () => {
  const INIT = { "agent-pre-populate-only": "true" };
  const BOTH = { "agent-pre-populate-only": "false" };
  const LATE = { ...BOTH, "agent-pre-populate": "false" };
  const NONE = { ...INIT, "agent-pre-populate": "false" };
  test.each<[string, Short, string | undefined, readonly string[]]>([
    ["only at the start, for a task", INIT, "Never", []],
    ["beside a task", BOTH, "Never", ["pod.sidecar-stays"]],
    ["beside a task that is restarted", BOTH, "OnFailure", ["pod.sidecar-stays"]],
    ["beside a service", BOTH, "Always", []],
    ["beside a pod that says nothing", BOTH, undefined, []],
    ["by default", {}, "Never", ["pod.sidecar-stays"]],
    ["only beside a service", LATE, "Always", ["pod.secrets-late"]],
    ["only beside a task", LATE, "Never", ["pod.secrets-late", "pod.sidecar-stays"]],
    ["never", NONE, "Never", ["pod.no-agent"]],
    ["who knows when", { "agent-pre-populate-only": "maybe" }, "Never", []],
  ])("an agent %s", (_, annotations, restartPolicy, codes) => {
    const pod = { spec: { ...(restartPolicy !== undefined && { restartPolicy }) } };
    expect(codesOf(checkAgentContainers, annotations, { pod })).toEqual([...codes]);
  });

  test("a pod that lives long needs a sidecar", () => {
    const pod = { metadata: { ownerReferences: [{ kind: "RayService" }] } };
    expect(codesOf(checkAgentContainers, INIT, { pod })).toEqual(["pod.long-lived"]);
    expect(codesOf(checkAgentContainers, BOTH, { pod })).toEqual([]);
  });
});

describe("findLastingOwner", () => {
  const TASK = { "execution-id": "x" };
  const owners = (...kinds: string[]) => ({ ownerReferences: kinds.map((kind) => ({ kind })) });
  test.each<[object, string | undefined]>([
    [{}, undefined],
    [owners("Job"), undefined],
    [owners("RayCluster"), "a RayCluster"],
    [owners("Job", "RayJob"), "a RayJob"],
    [owners("RayService"), "a RayService"],
    [owners("Revision"), "a Knative Service"],
    [{ ...owners("RayCluster"), labels: TASK }, undefined],
    [{ ...owners("RayJob"), labels: TASK }, undefined],
    [{ ...owners("RayService"), labels: TASK }, "a RayService"],
    [{ labels: { "ray.io/cluster": "c" } }, "a RayCluster"],
    [{ labels: { ...TASK, "ray.io/cluster": "c" } }, undefined],
    [{ labels: { "serving.knative.dev/service": "s" } }, "a Knative Service"],
    [{ labels: { ...TASK, "serving.knative.dev/service": "s" } }, "a Knative Service"],
    [{ ownerReferences: "RayJob" }, undefined],
  ])("%j: %p", (metadata, owner) => {
    expect(findLastingOwner(metadata)).toBe(owner as string);
  });
});
