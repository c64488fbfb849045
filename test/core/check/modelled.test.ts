/** What only the pod after injection shows. */
import { describe, expect, test } from "bun:test";
import { checkModelled } from "../../../src/core/check/modelled.ts";
import { VAULT_DOMAIN } from "../../../src/injector/vocabulary.ts";
import { runRule, type Short } from "./rule.ts";

const TOKEN = { name: "token", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" };
const container = (changes: object = {}) => ({
  name: "main",
  image: "task",
  volumeMounts: [TOKEN],
  ...changes,
});
const SPEC = { containers: [container()], volumes: [{ name: "token" }] };

/** What the webhook writes, with files of two ids. */
const WRITTEN: Short = {
  ...{ "agent-inject": "true", "agent-pre-populate-only": "true", role: "r" },
  ...{ "agent-inject-secret-x": "secret/data/x", "agent-inject-secret-y": "secret/data/y" },
};

/** @returns code and message of what is found */
function judge(annotations: Short, spec: object = {}, namespace = "team"): string[] {
  const pod = { metadata: { name: "p" }, spec: { ...SPEC, ...spec } };
  return runRule(checkModelled, { ...WRITTEN, ...annotations }, { pod, namespace }).map(
    ({ code, message }) => `${code}: ${message}`,
  );
}

const INVALID = "pod.injected-invalid: The API server refuses the pod after injection: ";
const patch = (...operations: object[]) => JSON.stringify(operations);

describe("checkModelled", () => {
  test.each<[string, Short, object]>([
    ["nothing that needs the model", {}, {}],
    ["folders of single ids", { "secret-volume-path-x": "/own" }, {}],
    ["copied mounts", { "agent-copy-volume-mounts": "main" }, {}],
    [
      "a patch that fits",
      { "agent-init-json-patch": patch({ op: "replace", path: "/image", value: "i" }) },
      {},
    ],
    [
      "a patch for a sidecar that is not there",
      { "agent-json-patch": patch({ op: "remove", path: "/none" }) },
      {},
    ],
    ["a pod that is left alone", { "agent-inject": "false", "secret-volume-path-x": TOKEN.mountPath }, {}],
    ["a pod that is refused for other reasons", { role: "", "secret-volume-path-x": "/own" }, {}],
  ])("%s: fine", (_, annotations, spec) => {
    expect(judge(annotations, spec)).toEqual([]);
  });

  test("a patch that does not apply is named, with the library's reason", () => {
    const key = "agent-init-json-patch";
    const [issue] = judge({ [key]: patch({ op: "remove", path: "/none" }) });
    expect(issue).toBe(
      `pod.json-patch: The patch ${VAULT_DOMAIN}${key} cannot be applied to the agent's container (error in remove for path: '/none': Unable to remove nonexistent key: none: missing value): the injector refuses the pod`,
    );
    const both = {
      "agent-pre-populate-only": "false",
      "agent-json-patch": patch({ op: "remove", path: "/none" }),
    };
    expect(judge(both)[0]).toStartWith(`pod.json-patch: The patch ${VAULT_DOMAIN}agent-json-patch `);
  });

  test("a patch that is longer than any value is not tried", () => {
    const long = patch({ op: "remove", path: `/${"n".repeat(70_000)}` });
    expect(judge({ "agent-init-json-patch": long, "secret-volume-path-x": TOKEN.mountPath })).toEqual([]);
  });

  test("an init container may not have probes or hooks, unless it stays", () => {
    for (const name of ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"]) {
      const adds = { op: "add", path: `/${name}`, value: {} };
      expect(judge({ "agent-init-json-patch": patch(adds) })).toEqual([
        `${INVALID}vault-agent-init: an init container may not have ${name}`,
      ]);
      const stays = { op: "add", path: "/restartPolicy", value: "Always" };
      expect(judge({ "agent-init-json-patch": patch(adds, stays) })).toEqual([]);
      expect(judge({ "agent-pre-populate-only": "false", "agent-json-patch": patch(adds) })).toEqual([]);
    }
  });

  test("a mount needs a volume, and a path of its own", () => {
    const mount = (name: string, mountPath: string) =>
      patch({ op: "add", path: "/volumeMounts/-", value: { name, mountPath } });
    expect(judge({ "agent-init-json-patch": mount("none", "/data") })).toEqual([
      `${INVALID}vault-agent-init: no volume has the name none of a mount`,
    ]);
    expect(judge({ "agent-init-json-patch": mount("token", "/home/vault") })).toEqual([
      `${INVALID}vault-agent-init: mount path /home/vault must be unique`,
    ]);
    expect(judge({ "agent-init-json-patch": mount("token", "/data") })).toEqual([]);
  });

  test("a folder of an id at a path where the task mounts something already", () => {
    const spec = { containers: [container({ volumeMounts: [TOKEN, { name: "token", mountPath: "/own" }] })] };
    expect(judge({ "secret-volume-path-x": "/own" }, spec)).toEqual([
      `${INVALID}main: mount path /own must be unique`,
    ]);
    expect(judge({ "secret-volume-path-x": "/other" }, spec)).toEqual([]);
    const init = {
      initContainers: [container({ name: "own", volumeMounts: [{ name: "token", mountPath: "/own" }] })],
    };
    for (const first of ["false", "true"]) {
      expect(judge({ "secret-volume-path-x": "/own", "agent-init-first": first }, init)).toEqual([
        `${INVALID}own: mount path /own must be unique`,
      ]);
    }
  });

  test("a volume of the pod with the name of an id's", () => {
    const spec = { volumes: [{ name: "token" }, { name: "vault-secrets-custom-0" }] };
    expect(judge({ "secret-volume-path-x": "/own" }, spec)).toEqual([
      `${INVALID}the volume name vault-secrets-custom-0 exists twice`,
    ]);
  });

  test("25,000 mounts are tried, and more are refused at once", () => {
    const folders = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`secret-volume-path-${i}`, `/f${i}`]));
    const many = (count: number) => Array.from({ length: count }, (_, i) => container({ name: `c${i}` }));
    const spec = { containers: many(200), initContainers: many(51) };
    expect(judge(folders(100), spec)[0]).toBe(`${INVALID}the containers would get 25100 mounts`);
    expect(judge(folders(100), { ...spec, initContainers: many(50) }).join()).not.toContain("would get");
  });

  test("a preview without a namespace is of the default one, and the pod's own annotations do not count twice", () => {
    expect(judge({ "secret-volume-path-x": "/own" }, {}, "")).toEqual([]);
    expect(judge({ "agent-init-json-patch": patch({ op: "remove", path: "/none" }) }, {}, "")).toHaveLength(
      1,
    );
  });
});
