import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { checkFinished, compileRules, type FinishedChange } from "../../../src/core/check/finished.ts";
import { Findings } from "../../../src/core/issue/findings.ts";
import { AGENT_CONTAINERS } from "../../../src/core/vault/key.ts";
import { IndexedAnnotations } from "../../../src/injector/indexed-annotations.ts";
import { VAULT_ANNOTATIONS, VAULT_DOMAIN, vaultKey } from "../../../src/injector/vocabulary.ts";

type Json = Readonly<Record<string, unknown>>;

interface Case {
  readonly spec?: Json;
  readonly metadata?: Json;
  readonly namespace?: string;
  readonly hasLabel?: boolean;
  /** Names without the domain; `null` removes what the webhook set. */
  readonly annotations?: Readonly<Record<string, string | null>>;
}

/** What the webhook itself writes for a good pod. */
const WRITTEN: Readonly<Record<string, string>> = {
  "agent-inject": "true",
  "agent-pre-populate-only": "true",
  "secret-volume-path": "/etc/flyte/secrets",
  role: "flyte",
  "agent-inject-secret-x": "secret/data/team",
  "agent-inject-file-x": "secret/data/team/api_key",
  "agent-inject-template-x": '{{- with secret "secret/data/team" -}}{{ .Data.data.api_key }}{{- end -}}',
};

const TOKEN_MOUNT = { name: "kube-api-access", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" };

/** The pod as the API server sends it. */
const SPEC: Json = {
  restartPolicy: "Never",
  containers: [{ name: "primary", volumeMounts: [TOKEN_MOUNT] }],
  volumes: [{ name: "kube-api-access" }],
};

function check({ spec = {}, metadata = {}, namespace = "team", hasLabel = true, annotations = {} }: Case) {
  const final = new Map<string, string>();
  for (const [name, value] of Object.entries({ ...WRITTEN, ...annotations })) {
    if (value !== null) final.set(VAULT_DOMAIN + name, value);
  }
  return checkAll(final, { pod: { metadata, spec: { ...SPEC, ...spec } }, namespace, hasLabel });
}

function checkAll(annotations: ReadonlyMap<string, string>, change: FinishedChange) {
  const found = new Findings();
  checkFinished(compileRules(new IndexedAnnotations(annotations)), change, found);
  return found.list();
}

/** Codes and severities, sorted. */
function judge(given: Case): string[] {
  return check(given)
    .map(({ code, severity }) => `${code} ${severity}`)
    .sort();
}

const container = (fields: Json) => ({ containers: [{ name: "primary", ...fields }] });
const seccomp = { securityContext: { seccompProfile: { type: "RuntimeDefault" } } };
const projected = { name: "token", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } };

test("checkFinished is silent on a good pod", () => {
  expect(check({})).toEqual([]);
});

test("checkFinished is silent on a preview of a pod that never passed the API server", () => {
  const annotations = new Map(Object.entries(WRITTEN).map(([name, value]) => [VAULT_DOMAIN + name, value]));
  for (const pod of [{}, { spec: null }, { spec: { containers: [{ name: "primary" }] } }]) {
    expect(checkAll(annotations, { pod, namespace: "team", hasLabel: true })).toEqual([]);
  }
});

describe("checkFinished finds", () => {
  const cases: readonly (readonly [string, Case])[] = [
    ["pod.inject-off error", { annotations: { "agent-inject": "false" } }],
    ["pod.inject-off error", { annotations: { "agent-inject": "" } }],
    ["pod.inject-off error", { annotations: { "agent-inject": null } }],
    ["pod.status-injected error", { annotations: { "agent-inject-status": "injected" } }],
    ["pod.label-missing warning", { hasLabel: false }],
    ["pod.system-namespace error", { namespace: "kube-system" }],
    ["pod.system-namespace error", { namespace: "kube-public" }],
    ["pod.configmap error", { annotations: { "agent-configmap": "mine" } }],
    ["pod.configmap error", { annotations: { "agent-configmap": "mine", role: null } }],
    ["pod.no-agent error", { annotations: { "agent-pre-populate": "false" } }],
    ["pod.no-agent error", { annotations: { "agent-pre-populate": "" } }],
    ["pod.sidecar-stays warning", { annotations: { "agent-pre-populate-only": "false" } }],
    ["pod.sidecar-stays warning", { annotations: { "agent-pre-populate-only": null } }],
    [
      "pod.sidecar-stays warning",
      { spec: { restartPolicy: "OnFailure" }, annotations: { "agent-pre-populate-only": "0" } },
    ],
    [
      "pod.secrets-late warning",
      {
        spec: { restartPolicy: "Always" },
        annotations: { "agent-pre-populate": "f", "agent-pre-populate-only": "f" },
      },
    ],
    ["pod.long-lived warning", { metadata: { ownerReferences: [{ kind: "RayCluster" }] } }],
    ["pod.long-lived warning", { metadata: { ownerReferences: [{ kind: "Other" }, { kind: "RayJob" }] } }],
    ["pod.long-lived warning", { metadata: { ownerReferences: [{ kind: "Revision" }] } }],
    ["pod.long-lived warning", { metadata: { labels: { "ray.io/cluster": "c" } } }],
    ["pod.long-lived warning", { metadata: { labels: { "serving.knative.dev/service": "s" } } }],
    [
      "pod.service-account-token-missing error",
      { spec: { automountServiceAccountToken: false, ...container({}) } },
    ],
    [
      "pod.token-volume-missing error",
      { annotations: { "agent-service-account-token-volume-name": "nope" } },
    ],
    [
      "pod.token-volume-not-projected error",
      { annotations: { "agent-service-account-token-volume-name": "kube-api-access" } },
    ],
    ["pod.mount-taken error", { spec: container({ volumeMounts: [{ mountPath: "/etc/flyte/secrets" }] }) }],
    [
      "pod.mount-taken error",
      {
        spec: { initContainers: [{ name: "own", volumeMounts: [{ mountPath: "/x" }] }] },
        annotations: { "secret-volume-path": "/x", "agent-init-first": "true" },
      },
    ],
    [
      "pod.mount-taken error",
      {
        spec: container({ volumeMounts: [{ mountPath: "/vault/secrets" }] }),
        annotations: { "secret-volume-path": null },
      },
    ],
    ["pod.volume-taken error", { spec: { volumes: [{ name: "vault-secrets" }] } }],
    ["pod.volume-taken error", { spec: { volumes: [{ name: "home-init" }] } }],
    [
      "pod.volume-taken error",
      { spec: { volumes: [{ name: "extra-secrets" }] }, annotations: { "agent-extra-secret": "s" } },
    ],
    [
      "pod.volume-taken error",
      { spec: { volumes: [{ name: "vault-tls-secrets" }] }, annotations: { "tls-secret": "s" } },
    ],
    [
      "pod.volume-taken error",
      {
        spec: { restartPolicy: "Always", volumes: [{ name: "home-sidecar" }] },
        annotations: { "agent-pre-populate-only": "false" },
      },
    ],
    [
      "pod.volume-taken error",
      {
        spec: { restartPolicy: "Always", volumes: [{ name: "vault-agent-cache" }] },
        annotations: { "agent-pre-populate-only": "false", "agent-cache-enable": "true" },
      },
    ],
    [
      "pod.container-taken error",
      {
        spec: { initContainers: [{ name: "vault-agent-init" }] },
        annotations: { "agent-init-first": "true" },
      },
    ],
    [
      "pod.container-taken error",
      {
        spec: { restartPolicy: "Always", containers: [{ name: "vault-agent" }] },
        annotations: { "agent-pre-populate-only": "false" },
      },
    ],
    ["pod.inject-containers-unknown error", { annotations: { "agent-inject-containers": "primry" } }],
    ["pod.inject-containers-unknown error", { annotations: { "agent-inject-containers": "" } }],
    [
      "pod.inject-containers-blank error",
      {
        spec: { containers: [{ name: "primary" }, { name: "other" }] },
        annotations: { "agent-inject-containers": "primary, other" },
      },
    ],
    ["pod.copy-mounts-unknown warning", { annotations: { "agent-copy-volume-mounts": "nope" } }],
    ["pod.init-containers-first info", { spec: { initContainers: [{ name: "own" }] } }],
    [
      "pod.template-file-id error",
      { annotations: { "agent-inject-secret-file-y": "secret/y", "agent-inject-template-file-y": "/path" } },
    ],
    [
      "pod.file-unreadable warning",
      {
        spec: container({ securityContext: { runAsUser: 1000 } }),
        annotations: { "agent-inject-perms-x": "0400" },
      },
    ],
    [
      "pod.file-unreadable warning",
      {
        spec: { securityContext: { runAsUser: 1000, runAsGroup: 2000 } },
        annotations: { "agent-inject-perms-x": "0440" },
      },
    ],
    [
      "pod.file-unreadable warning",
      {
        spec: { securityContext: { runAsUser: 100 } },
        annotations: { "agent-inject-perms-x": "400", "agent-run-as-user": "200" },
      },
    ],
    ["pod.seccomp-containers-only info", { spec: container(seccomp) }],
    ["pod.same-user-unset error", { annotations: { "agent-run-as-same-user": "true" } }],
    [
      "pod.same-user-unset error",
      { spec: { securityContext: { runAsUser: 1 } }, annotations: { "agent-run-as-same-user": "true" } },
    ],
    [
      "pod.same-user-root error",
      {
        spec: container({ securityContext: { runAsUser: 0 } }),
        annotations: { "agent-run-as-same-user": "true" },
      },
    ],
    [
      "pod.process-namespace error",
      { spec: { shareProcessNamespace: false }, annotations: { "agent-share-process-namespace": "true" } },
    ],
    ["pod.role-missing error", { annotations: { role: null } }],
    ["pod.role-missing error", { annotations: { role: "", "auth-type": "kubernetes" } }],
    ["pod.auth-path-missing error", { annotations: { "auth-type": "cert" } }],
    ["pod.auth-parameter-missing error", { annotations: { "auth-type": "gcp", "auth-path": "auth/gcp" } }],
    [
      "pod.request-above-limit error",
      { annotations: { "agent-requests-cpu": "1", "agent-limits-cpu": "500m" } },
    ],
    ["pod.request-above-default warning", { annotations: { "agent-limits-cpu": "100m" } }],
    ["pod.request-above-default warning", { annotations: { "agent-requests-mem": "1Gi" } }],
  ];

  test.each(cases)("%s", (wanted, given) => expect(judge(given)).toEqual([wanted]));

  test("both, where the label is missing and nothing is injected", () => {
    expect(judge({ hasLabel: false, annotations: { "agent-inject": "false" } })).toEqual([
      "pod.inject-off error",
      "pod.label-missing warning",
    ]);
  });
});

describe("checkFinished is silent where", () => {
  const cases: readonly (readonly [string, Case])[] = [
    [
      "agent-inject is no boolean, which the vocabulary reports",
      { annotations: { "agent-inject": "maybe" } },
    ],
    ["the status is cleared", { annotations: { "agent-inject-status": "" } }],
    [
      "the pod was injected",
      {
        spec: { initContainers: [{ name: "vault-agent-init" }], volumes: [{ name: "vault-secrets" }] },
        annotations: { "agent-inject-status": "injected" },
      },
    ],
    [
      "a lasting pod has a sidecar",
      {
        spec: { restartPolicy: "Always" },
        metadata: { labels: { "ray.io/cluster": "c" } },
        annotations: { "agent-pre-populate-only": "false" },
      },
    ],
    ["no token is automounted, but one is mounted", { spec: { automountServiceAccountToken: false } }],
    [
      "no token is automounted, but a projected one is named",
      {
        spec: {
          automountServiceAccountToken: false,
          containers: [{ name: "primary" }],
          volumes: [projected],
        },
        annotations: { "agent-service-account-token-volume-name": "token" },
      },
    ],
    [
      "a mount is beside the secret volume",
      { spec: container({ volumeMounts: [{ mountPath: "/etc/flyte" }] }) },
    ],
    [
      "a mount is taken in a container that gets no secrets",
      {
        spec: {
          containers: [
            { name: "primary" },
            { name: "other", volumeMounts: [{ mountPath: "/etc/flyte/secrets" }] },
          ],
        },
        annotations: { "agent-inject-containers": "primary" },
      },
    ],
    [
      "names are those of parts that are not injected",
      {
        spec: { volumes: [{ name: "home-sidecar" }, { name: "extra-secrets" }, { name: "vault-config" }] },
      },
    ],
    ["every named container exists", { annotations: { "agent-inject-containers": "primary" } }],
    ["mounts of a known container are copied", { annotations: { "agent-copy-volume-mounts": "primary" } }],
    [
      "the agent goes first",
      { spec: { initContainers: [{ name: "own" }] }, annotations: { "agent-init-first": "t" } },
    ],
    [
      "an id begins with file- and has no template",
      { annotations: { "agent-inject-secret-file-y": "secret/y" } },
    ],
    [
      "a file of mode 0400 belongs to the task's own user",
      {
        spec: { securityContext: { runAsUser: 100 } },
        annotations: { "agent-inject-perms-x": "0400" },
      },
    ],
    [
      "the agent runs as the task",
      {
        spec: container({ securityContext: { runAsUser: 1000 } }),
        annotations: { "agent-inject-perms-x": "0400", "agent-run-as-same-user": "true" },
      },
    ],
    [
      "the group may read",
      {
        spec: { securityContext: { runAsUser: 1000, runAsGroup: 1000 } },
        annotations: { "agent-inject-perms-x": "0440" },
      },
    ],
    [
      "fsGroup may read",
      {
        spec: { securityContext: { runAsUser: 5000, runAsGroup: 5000, fsGroup: 65534 } },
        annotations: { "agent-inject-perms-x": "0440" },
      },
    ],
    [
      "root may read",
      {
        spec: { securityContext: { runAsUser: 0 } },
        annotations: { "agent-inject-perms-x": "0400" },
      },
    ],
    ["the task's user is the image's", { annotations: { "agent-inject-perms-x": "0400" } }],
    ["seccomp is set on the pod", { spec: { ...container(seccomp), ...seccomp } }],
    [
      "seccomp is set on some containers",
      { spec: { containers: [{ name: "primary", ...seccomp }, { name: "b" }] } },
    ],
    [
      "a JSON patch sets seccomp on the agent",
      {
        spec: container(seccomp),
        annotations: {
          "agent-init-json-patch":
            '[{"op":"add","path":"/securityContext/seccompProfile","value":{"type":"RuntimeDefault"}}]',
        },
      },
    ],
    [
      "the first container has a user",
      {
        spec: container({ securityContext: { runAsUser: 1000 } }),
        annotations: { "agent-run-as-same-user": "true" },
      },
    ],
    ["the pod does not mind sharing", { annotations: { "agent-share-process-namespace": "true" } }],
    ["the role is a parameter", { annotations: { role: null, "auth-config-role": "flyte" } }],
    [
      "a method without role or parameters logs in",
      {
        annotations: { role: null, "auth-type": "cert", "auth-path": "auth/cert" },
      },
    ],
    [
      "a parameter is written with underscores",
      {
        annotations: {
          "auth-type": "approle",
          "auth-path": "auth/approle",
          "auth-config-role_id_file_path": "/vault/custom/id",
        },
      },
    ],
    [
      "a request is at its limit",
      { annotations: { "agent-requests-cpu": "500m", "agent-limits-cpu": "0.5" } },
    ],
    ["there is no limit", { annotations: { "agent-requests-cpu": "4", "agent-limits-cpu": "" } }],
    ["there is no limit by default", { annotations: { "agent-requests-ephemeral": "1Gi" } }],
  ];

  test.each(cases)("%s", (_, given) => expect(judge(given)).toEqual([]));
});

describe("checkFinished", () => {
  test("says where and what to change", () => {
    const [issue] = check({ spec: { volumes: [{ name: "vault-secrets" }] } });
    expect(issue).toMatchObject({
      path: "/spec/volumes",
      message: expect.stringContaining('"vault-secrets"'),
    });
    expect(issue?.help).not.toBe("");
  });

  test("never throws on any JSON, and never denies", () => {
    const named = fc.oneof(
      fc.constantFrom(...AGENT_CONTAINERS, "vault-secrets", "home-init", "primary"),
      fc.jsonValue(),
    );
    const context = fc.record(
      {
        runAsUser: fc.jsonValue(),
        runAsGroup: fc.jsonValue(),
        seccompProfile: fc.jsonValue(),
        fsGroup: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const item = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          name: named,
          volumeMounts: fc.oneof(fc.jsonValue(), fc.array(fc.record({ mountPath: fc.jsonValue() }))),
          securityContext: fc.oneof(fc.jsonValue(), context),
          projected: fc.oneof(fc.jsonValue(), fc.record({ sources: fc.jsonValue() })),
        },
        { requiredKeys: [] },
      ),
    );
    const list = fc.oneof(fc.jsonValue(), fc.array(item, { maxLength: 3 }));
    const spec = fc.record(
      {
        containers: list,
        initContainers: list,
        volumes: list,
        securityContext: fc.oneof(fc.jsonValue(), context),
        automountServiceAccountToken: fc.oneof(fc.jsonValue(), fc.boolean()),
        restartPolicy: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const metadata = fc.record({ labels: fc.jsonValue(), ownerReferences: list }, { requiredKeys: [] });
    const pod = fc.oneof(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.record({ spec: fc.oneof(fc.jsonValue(), spec), metadata: fc.oneof(fc.jsonValue(), metadata) }),
    );
    const key = fc
      .constantFrom(...VAULT_ANNOTATIONS)
      .map((entry) => vaultKey(entry.name, "suffixed" in entry ? "x" : undefined));
    const value = fc.oneof(fc.constantFrom("true", "false", "0400", "token", "1Gi", "gcp", ""), fc.string());
    fc.assert(
      fc.property(pod, fc.array(fc.tuple(key, value)), fc.boolean(), (given, annotations, hasLabel) => {
        const final = new Map([[vaultKey("agent-inject"), "true"], ...annotations]);
        const issues = checkAll(final, { pod: given, namespace: "team", hasLabel });
        for (const { severity, message } of issues) {
          expect(severity).not.toBe("deny");
          expect(message).not.toMatch(/undefined|\.$/);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
