/**
 * Every recorded answer of the real injector, beside what we say of the same pod: that it is refused, left alone, or that a
 * value is ignored. What differs is listed with its reason.
 */
import { describe, expect, test } from "bun:test";
import { readPod } from "../../src/core/admission/pod.ts";
import { readContext, reportInContext } from "../../src/core/check/context.ts";
import { checkFinished, compileRules } from "../../src/core/check/finished.ts";
import { Findings } from "../../src/core/issue/findings.ts";
import type { Issue } from "../../src/core/issue/issue.ts";
import { isObject } from "../../src/core/json.ts";
import { IndexedAnnotations } from "../../src/injector/indexed-annotations.ts";
import { inject } from "../../src/injector/inject.ts";
import { VAULT_DOMAIN } from "../../src/injector/vocabulary.ts";
import { type Vector, vectors } from "../fixtures/injector.ts";

/** Codes that say: the injector refuses the pod. */
const REFUSED: ReadonlySet<string> = new Set([
  ...[
    "annotation.value-injector",
    "pod.system-namespace",
    "pod.service-account-token-missing",
    "pod.json-patch",
  ],
  ...[
    "pod.token-volume-missing",
    "pod.token-volume-not-projected",
    "pod.same-user-unset",
    "pod.same-user-root",
  ],
  ...["pod.process-namespace", "pod.role-missing"],
]);
/** Codes that say: the injector does nothing. */
const LEFT_ALONE: ReadonlySet<string> = new Set(["pod.inject-off", "pod.status-injected", "pod.started"]);

/** Pods of the injector's that no API server sends, or that our pipeline refuses before any rule. */
const ODD: Readonly<Record<string, string>> = {
  "pod/pod null": "no object in the request",
  "pod/containers is an object": "no API server sends it",
  "pod/annotation is a number": "no API server sends it",
  "pod/bad resources": "no API server sends it",
  "pod/no spec": "our pipeline refuses it before",
  "pod/empty object": "no pod, so nothing is asked for",
};

/** Values that reach the agent, which ignores them. */
const IGNORED_BY_AGENT = ["go-max-procs", "template-lease-renewal-threshold"].map(
  (name) => VAULT_DOMAIN + name,
);

const plain = vectors.filter(({ flags, name }) => Object.keys(flags).length === 0 && !(name in ODD));

function check({ pod: object, namespace }: Vector): readonly Issue[] {
  const pod = readPod(object);
  if (pod instanceof Findings) return pod.list();
  const annotations = new IndexedAnnotations(
    Object.entries(pod.annotations).map(([key, value]) => [key, value ?? ""]),
  );
  const found = new Findings();
  const context = readContext(annotations);
  for (const annotation of annotations.all()) reportInContext(annotation, context, found);
  checkFinished(compileRules(annotations), { pod: pod.object, namespace, hasLabel: true }, found);
  return found.list();
}

const says = (issues: readonly Issue[], codes: ReadonlySet<string>) =>
  issues.some(({ code }) => codes.has(code));

describe("what we say of a pod agrees with what the injector did", () => {
  test("there are enough rows", () => expect(plain.length).toBeGreaterThan(1_000));

  test("refused: we say so", () => {
    const silent = plain.filter((row) => !row.allowed && !says(check(row), REFUSED));
    expect(silent.map(({ name, error }) => `${name}: ${error}`)).toEqual([]);
  });

  test("not refused: we do not say so", () => {
    const wrong = plain.filter((row) => row.allowed && says(check(row), REFUSED));
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  test("left alone: we say so, unless the pod was injected before", () => {
    const rows = plain.filter((row) => row.allowed && row.patch === null && !says(check(row), LEFT_ALONE));
    expect(rows.map(({ name }) => name).filter((name) => !name.startsWith("again/"))).toEqual([]);
  });

  test("injected: we do not say that it is left alone", () => {
    const wrong = plain.filter((row) => row.patch !== null && says(check(row), LEFT_ALONE));
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  test("a value that we call ignored, or an annotation without effect, changes nothing", () => {
    const told: ReadonlySet<string> = new Set(["annotation.value-ignored", "annotation.no-effect"]);
    const wrong = plain.flatMap((row) =>
      check(row)
        .filter(({ code }) => told.has(code))
        .filter(({ annotation = "" }) => !IGNORED_BY_AGENT.includes(annotation))
        .filter(({ annotation = "" }) => hasEffect(row, annotation))
        .map(({ code, annotation }) => `${row.name}: ${code} ${annotation}`),
    );
    expect(wrong).toEqual([]);
  });
});

const API_TOKEN = { name: "api", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" };
const AWS_TOKEN = { name: "aws", mountPath: "/var/run/secrets/eks.amazonaws.com/serviceaccount" };
const VOLUMES = [{ name: "api" }, { name: "aws" }, { name: "x" }];

interface Minimal {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly mounts?: readonly unknown[];
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** A pod that the API server takes, and refuses once it is injected. */
describe("the API server refuses what the injector made, and we say so", () => {
  test.each<[string, Minimal, string]>([
    [
      "AWS's token twice",
      {
        annotations: { "auth-type": "aws", "auth-path": "auth/aws", "auth-config-type": "iam" },
        mounts: [AWS_TOKEN, API_TOKEN],
      },
      "pod.injected-invalid",
    ],
    [
      "a folder of one id where the container mounts something",
      { annotations: { "secret-volume-path-db": "/x" }, mounts: [API_TOKEN, { name: "x", mountPath: "/x" }] },
      "pod.injected-invalid",
    ],
    [
      "copied mounts in the agent's home",
      {
        annotations: { "agent-copy-volume-mounts": "main" },
        mounts: [API_TOKEN, { name: "x", mountPath: "/home/vault" }],
      },
      "pod.injected-invalid",
    ],
    [
      "a volume of the name that a folder of one id gets",
      {
        annotations: { "secret-volume-path-db": "/x" },
        spec: { volumes: [...VOLUMES, { name: "vault-secrets-custom-0" }] },
      },
      "pod.injected-invalid",
    ],
    ["a negative user", { annotations: { "agent-run-as-user": "-1" } }, "annotation.value-api"],
    [
      "a group of more than 31 bits",
      { annotations: { "agent-run-as-group": "2147483648" } },
      "annotation.value-api",
    ],
    ["no folder", { annotations: { "secret-volume-path": "" } }, "annotation.value-api"],
    ["no folder of one id", { annotations: { "secret-volume-path-db": "" } }, "annotation.value-api"],
    ["a blank image", { annotations: { "agent-image": " " } }, "annotation.value-api"],
    ["a negative limit", { annotations: { "agent-limits-cpu": "-1" } }, "annotation.value-api"],
    [
      "a lifecycle of an init container",
      { annotations: { "agent-init-json-patch": '[{"op":"add","path":"/lifecycle","value":{}}]' } },
      "pod.injected-invalid",
    ],
    [
      "a mount of no volume",
      {
        annotations: {
          "agent-init-json-patch":
            '[{"op":"add","path":"/volumeMounts/-","value":{"name":"no","mountPath":"/no"}}]',
        },
      },
      "pod.injected-invalid",
    ],
    ["Windows", { spec: { os: { name: "windows" } } }, "pod.windows"],
  ])("%s", (_, { annotations = {}, mounts = [API_TOKEN], spec = {} }, code) => {
    const own = {
      "agent-inject": "true",
      role: "r",
      "agent-inject-secret-db": "secret/db",
      "agent-pre-populate-only": "true",
    };
    const all = Object.entries({ ...own, ...annotations }).map(([name, value]) => [
      VAULT_DOMAIN + name,
      value,
    ]);
    const pod = {
      ...{ apiVersion: "v1", kind: "Pod" },
      metadata: { annotations: Object.fromEntries(all) },
      spec: { containers: [{ name: "main", volumeMounts: mounts }], volumes: VOLUMES, ...spec },
    };
    const row = { ...EMPTY, pod };
    expect<string[]>(check(row).map((issue) => issue.code)).toContain(code);
  });
});

const EMPTY: Omit<Vector, "pod"> = {
  ...{ name: "", flags: {}, namespace: "team", allowed: true, error: null, patch: null },
};

/** Leaves an annotation out and asks the model, which the recorded answers hold to the injector. */
function hasEffect({ pod, namespace }: Vector, key: string): boolean {
  const without = structuredClone(pod);
  const annotations =
    isObject(without) && isObject(without.metadata) ? without.metadata.annotations : undefined;
  if (isObject(annotations)) Reflect.deleteProperty(annotations, key);
  return JSON.stringify(inject(without, namespace)) !== JSON.stringify(inject(pod, namespace));
}
