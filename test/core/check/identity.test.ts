/** Users and profiles of the agent and the task. */
import { expect, test } from "bun:test";
import { checkProcessNamespace, checkSameUser, checkSeccomp } from "../../../src/core/check/identity.ts";
import { codesOf, type Short } from "./rule.ts";

const userOf = (runAsUser: unknown) => ({ containers: [{ securityContext: { runAsUser } }] });

test.each<[Short, object, readonly string[]]>([
  [{}, {}, []],
  [{ "agent-run-as-same-user": "false" }, {}, []],
  [{ "agent-run-as-same-user": "true" }, userOf(1_000), []],
  [{ "agent-run-as-same-user": "true" }, userOf(1), []],
  [{ "agent-run-as-same-user": "true" }, userOf(0), ["pod.same-user-root"]],
  [{ "agent-run-as-same-user": "true" }, userOf("1000"), ["pod.same-user-unset"]],
  [{ "agent-run-as-same-user": "true" }, { securityContext: { runAsUser: 5 } }, ["pod.same-user-unset"]],
  [
    { "agent-run-as-same-user": "true" },
    { containers: [{}, ...userOf(1).containers] },
    ["pod.same-user-unset"],
  ],
])("checkSameUser: %j on %j: %j", (annotations, spec, codes) => {
  expect(codesOf(checkSameUser, annotations, { pod: { spec } })).toEqual([...codes]);
});

test.each<[Short, unknown, boolean]>([
  [{}, false, false],
  [{ "agent-share-process-namespace": "false" }, false, false],
  [{ "agent-share-process-namespace": "true" }, false, true],
  [{ "agent-share-process-namespace": "true" }, true, false],
  [{ "agent-share-process-namespace": "true" }, undefined, false],
])(
  "checkProcessNamespace: %j, shareProcessNamespace: %p: %p",
  (annotations, shareProcessNamespace, isRefused) => {
    const pod = { spec: { shareProcessNamespace } };
    expect(codesOf(checkProcessNamespace, annotations, { pod })).toEqual(
      isRefused ? ["pod.process-namespace"] : [],
    );
  },
);

const profile = { securityContext: { seccompProfile: { type: "RuntimeDefault" } } };
test.each<[string, object, Short, boolean]>([
  ["nothing", {}, {}, false],
  ["containers without one", { containers: [{}] }, {}, false],
  ["every container", { containers: [profile, profile] }, {}, true],
  ["some containers", { containers: [profile, {}] }, {}, false],
  ["init containers as well", { containers: [profile], initContainers: [profile] }, {}, true],
  ["no init container", { containers: [profile], initContainers: [{}] }, {}, false],
  ["the pod", { ...profile, containers: [profile] }, {}, false],
  [
    "every container, and the agent by a patch",
    { containers: [profile] },
    { "agent-json-patch": '"seccompProfile"' },
    false,
  ],
  [
    "every container, and the agent's start by a patch",
    { containers: [profile] },
    { "agent-init-json-patch": '"seccompProfile"' },
    false,
  ],
  ["every container, with another patch", { containers: [profile] }, { "agent-json-patch": "[]" }, true],
  ["a profile without a type", { containers: [{ securityContext: { seccompProfile: {} } }] }, {}, false],
])("checkSeccomp: a profile on %s", (_, spec, annotations, isReported) => {
  const codes = codesOf(checkSeccomp, annotations, { pod: { spec } });
  expect(codes).toEqual(isReported ? ["pod.seccomp-containers-only"] : []);
});
