import { test } from "bun:test";
import { testPlugin } from "flyte-vault-webhook/testing";
import agentSecurity from "../../plugins/agent-security.ts";

const AGENT = "vault.hashicorp.com/agent-";
const INIT = `${AGENT}init-json-patch`;
const SIDECAR = `${AGENT}json-patch`;
const seccomp = { op: "add", path: "/securityContext/seccompProfile", value: { type: "RuntimeDefault" } };
const other = { op: "add", path: "/imagePullPolicy", value: "IfNotPresent" };
const ours = JSON.stringify([seccomp]);
const restricted = { [`${AGENT}set-security-context`]: "true", [INIT]: ours, [SIDECAR]: ours };
const runningAs = (runAsUser: number) => ({
  containers: [{ name: "main", securityContext: { runAsUser } }],
});

test("agent-security", () =>
  testPlugin(agentSecurity, {
    valid: [
      { name: "by itself", expect: { annotations: restricted } },
      {
        name: "user and group",
        with: { runAsUser: 1000, runAsGroup: 2000 },
        expect: {
          annotations: { ...restricted, [`${AGENT}run-as-user`]: "1000", [`${AGENT}run-as-group`]: "2000" },
        },
      },
      {
        name: "the task's user",
        with: { sameUser: true, runAsUser: 1000, runAsGroup: 2000 },
        spec: runningAs(4242),
        expect: {
          annotations: {
            ...restricted,
            [`${AGENT}run-as-same-user`]: "true",
            [`${AGENT}run-as-group`]: "2000",
          },
        },
      },
      {
        name: "the task's user is root, which the injector would refuse",
        with: { sameUser: true, runAsUser: 1000 },
        spec: runningAs(0),
        expect: { annotations: { ...restricted, [`${AGENT}run-as-user`]: "1000" } },
      },
      {
        name: "the task's user is the pod's, which the injector does not look at",
        with: { sameUser: true },
        spec: { securityContext: { runAsUser: 4242 } },
        expect: { annotations: restricted },
      },
      {
        name: "one process namespace",
        with: { shareProcessNamespace: true },
        expect: { annotations: { ...restricted, [`${AGENT}share-process-namespace`]: "true" } },
      },
      {
        name: "one process namespace, where the pod says no",
        with: { shareProcessNamespace: true },
        spec: { shareProcessNamespace: false },
        expect: { annotations: restricted },
      },
      {
        name: "one process namespace, where the pod says yes",
        with: { shareProcessNamespace: false },
        spec: { shareProcessNamespace: true },
        expect: { annotations: restricted },
      },
      {
        name: "patches of the configuration are kept",
        config: { [INIT]: JSON.stringify([other]), [SIDECAR]: "" },
        expect: { annotations: { ...restricted, [INIT]: JSON.stringify([other, seccomp]) } },
      },
      {
        name: "a pod's patch does not become the platform's",
        config: { [INIT]: JSON.stringify([other]) },
        annotations: { [INIT]: "[]", [SIDECAR]: JSON.stringify([other]) },
        expect: { annotations: { ...restricted, [INIT]: JSON.stringify([other, seccomp]) } },
      },
      {
        name: "no seccomp",
        with: { seccomp: "none" },
        expect: { annotations: { [`${AGENT}set-security-context`]: "true" } },
      },
      {
        name: "no security context",
        with: { securityContext: false, seccomp: "none" },
        expect: { annotations: { [`${AGENT}set-security-context`]: "false" } },
      },
    ],
    invalid: [
      { name: "root", with: { runAsUser: 0 }, message: "0 is root" },
      { name: "root's group", with: { runAsGroup: 0 }, message: "0 is root" },
      { name: "a name", with: { runAsUser: "vault" }, message: "a numeric id" },
      { name: "half an id", with: { runAsUser: 1.5 }, message: "a whole number" },
      { name: "a large id", with: { runAsUser: 2 ** 31 }, message: "2147483647 or less" },
      { name: "another profile", with: { seccomp: "Unconfined" }, message: "RuntimeDefault or none" },
      { name: "seccomp of nothing", with: { securityContext: false }, message: "nothing to add it to" },
      {
        name: "a user of nothing",
        with: { securityContext: false, seccomp: "none", sameUser: true },
        message: "of no effect without securityContext",
      },
    ],
  }));
