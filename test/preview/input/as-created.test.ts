import { describe, expect, test } from "bun:test";
import { isInjectedPod, toCreated } from "../../../src/preview/input/as-created.ts";
import { toRunning } from "../../fixtures/cluster.ts";
import { podWith, secret } from "../../fixtures/engine.ts";

const POD = podWith([secret({ group: "g", key: "k" })]);
const RUNNING = toRunning(POD);

describe("toCreated", () => {
  test("gives a running pod back as it was created", () => {
    expect(toCreated(RUNNING)).toEqual(POD);
  });

  test.each([
    [
      "of a List",
      { apiVersion: "v1", kind: "List", items: [RUNNING] },
      { apiVersion: "v1", kind: "List", items: [POD] },
    ],
    ["of a PodList, whose items have no kind", podList(RUNNING), podList(POD)],
    ["of a JSON list", [RUNNING], [POD]],
  ])("does so with the items %s", (_, given, created) => {
    expect(toCreated(given)).toEqual(created);
  });

  test("takes only what is generated from a workload", () => {
    const template = { metadata: RUNNING.metadata, spec: RUNNING.spec };
    const job = {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "j", uid: "u" },
      spec: { template },
      status: {},
    };
    expect(toCreated(job)).toEqual({
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "j" },
      spec: { template },
    });
  });

  const review = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request: { object: RUNNING } };
  test.each([
    ["a pod that no cluster has seen", POD],
    ["an AdmissionReview", review],
    ["the plain form", { secrets: [], status: 1 }],
    [
      "a pod with malformed parts",
      { kind: "Pod", metadata: 1, spec: { containers: 7, volumes: "x", initContainers: [3] } },
    ],
    ["no object", "text"],
    // Without an agent nothing was injected: the names are the author's.
    [
      "volumes called as the injector's",
      {
        kind: "Pod",
        spec: {
          containers: [{ name: "a", volumeMounts: [{ name: "vault-secrets" }] }],
          volumes: [{ name: "vault-secrets" }],
        },
      },
    ],
    [
      "variables of another value",
      {
        kind: "Pod",
        spec: { containers: [{ env: [{ name: "FLYTE_SECRETS_DEFAULT_DIR", value: "/mine" }] }] },
      },
    ],
    ["empty lists", { kind: "Pod", spec: { containers: [{ env: [], volumeMounts: [] }], volumes: [] } }],
  ])("leaves %s as it is", (_, given) => {
    expect(toCreated(given)).toEqual(given);
  });

  test("does not change what it is given", () => {
    const before = structuredClone(RUNNING);
    toCreated(RUNNING);
    expect(RUNNING).toEqual(before);
  });

  test("takes the volumes of further mount paths, and the sidecar, wherever it is", () => {
    const spec = {
      containers: [
        { name: "main", volumeMounts: [{ name: "vault-secrets-custom-12" }, { name: "own" }] },
        { name: "vault-agent" },
      ],
      initContainers: [{ name: "setup" }, { name: "vault-agent" }],
      volumes: [{ name: "vault-secrets-custom-12" }, { name: "own" }],
    };
    expect(toCreated({ kind: "Pod", spec })).toEqual({
      kind: "Pod",
      spec: {
        containers: [{ name: "main", volumeMounts: [{ name: "own" }] }],
        initContainers: [{ name: "setup" }],
        volumes: [{ name: "own" }],
      },
    });
  });
});

test.each([
  ["a running pod", true, RUNNING],
  ["its mark alone", false, { ...RUNNING, spec: POD.spec }],
  ["its agent alone", false, { ...RUNNING, metadata: {} }],
  ["nothing of it", false, {}],
])("isInjectedPod of %s is %p", (_, expected, pod) => {
  expect(isInjectedPod(pod)).toBe(expected);
});

function podList(pod: Record<string, unknown>) {
  const { kind: _, apiVersion: __, ...item } = pod;
  return { apiVersion: "v1", kind: "PodList", items: [item] };
}
