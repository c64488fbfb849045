import { afterAll, expect, test } from "bun:test";
import { ISSUE_CODES } from "../../src/core/issue/registry.ts";
import { createWorkplace } from "./harness.ts";

const place = createWorkplace();
afterAll(place.remove);

test("explain prints what a code means, facts as placeholders", async () => {
  const { code, stdout } = await place.run(["explain", "config.value", "policy.locked"]);
  expect([code, stdout]).toEqual([
    0,
    `config.value
  severity: error (the command, the request or the start fails)
  message:  <file>:<line>:<column>: <path> is <got>, expected <expected>
  help:     Set <path> to <expected>

policy.locked
  severity: deny (always refuses the pod)
  message:  The pod sets the annotation <key>, which the platform locks (policy.locked: "<pattern>")
  help:     Remove the annotation from the pod, or ask the platform team
`,
  ]);
});

test("explain without a code lists all of them", async () => {
  const { code, stdout } = await place.run(["explain"]);
  expect(code).toBe(0);
  expect(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split(" ")[0] ?? ""),
  ).toEqual([...ISSUE_CODES]);
});

test.each([
  [
    'The Pod "f1-n0-0" is invalid: spec.containers[0].env[3].valueFrom.fileKeyRef.volumeName: Not found: "vault-secrets"',
    "diagnose.variable-refused",
    "Vault Agent Injector",
  ],
  [
    'spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
    "diagnose.variable-dropped",
    "older than Kubernetes 1.35",
  ],
  ["Error: couldn't parse env file", "diagnose.variable-file", 'agent-init-first: "true"'],
  [
    'environment variable key "VALUE" not found in file "/var/lib/kubelet/pods/0d7e/volumes/kubernetes.io~empty-dir/vault-secrets/.env/X"',
    "diagnose.variable-empty",
    'the file ".env/X" has no value',
  ],
])("explain translates %s", async (message, issue, part) => {
  const { code, stdout } = await place.run(["explain", message]);
  expect(code).toBe(0);
  expect(stdout).toStartWith(`${issue}\n`);
  expect(stdout).toContain(part);
});

test("explain explains what it can", async () => {
  const { code, stdout, issues } = await place.run(["explain", "nope", "pod.mount-taken"]);
  expect([code, issues]).toEqual([2, ["cli.code-unknown"]]);
  expect(stdout).toStartWith("pod.mount-taken\n");
});
