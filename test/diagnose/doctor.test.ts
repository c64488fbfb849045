/** A good cluster without a finding, and every fault planted in it: alone, and all together. */
import { describe, expect, test } from "bun:test";
import { examineCluster } from "../../src/diagnose/doctor.ts";
import type { ClusterFacts } from "../../src/diagnose/doctor-facts.ts";
import { renderDoctor } from "../../src/diagnose/render-doctor.ts";

const NOW = Date.parse("2026-11-26T00:00:00Z");
const PODS = [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }];
const known = <T>(value: T) => ({ ok: true as const, value });
const unknown = (reason: string) => ({ ok: false as const, reason });
const webhook = (name: string, webhookName: string, more: object = {}) => ({
  metadata: { name },
  webhooks: [
    {
      ...{ name: webhookName, rules: PODS, failurePolicy: "Fail", timeoutSeconds: 10 },
      clientConfig: { caBundle: "Y2E=", service: { namespace: "n", name } },
      objectSelector: { matchLabels: { "inject-flyte-secrets": "true" } },
      namespaceSelector: {
        matchExpressions: [
          { key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["kube-system", "n"] },
        ],
      },
      ...more,
    },
  ],
});
const ours = (more: object = {}, name = "00-flyte-vault-webhook") =>
  webhook(name, "secrets.flyte-vault-webhook.io", more);
const injector = (more: object = {}) => webhook("vault-agent-injector-cfg", "vault.hashicorp.com", more);
const flyte = (more: object = {}) => webhook("flyte-pod-webhook", "flyte-pod-webhook.flyte.org", more);
const service = (name: string) => ({ metadata: { namespace: "n", name } });
const SERVICES = [
  "00-flyte-vault-webhook",
  "vault-agent-injector-cfg",
  "flyte-pod-webhook",
  "zz-flyte-vault-webhook",
].map(service);
const certificate = (more: object = {}) =>
  known({
    registration: "00-flyte-vault-webhook",
    target: "n/x:443",
    notAfter: NOW + 90 * 86_400_000,
    day: "2027-02-24",
    ...more,
  });
const deployment = (
  image: string,
  address: string,
  env: readonly object[] = [],
  args: readonly string[] = [],
) => {
  const variables = [{ name: "AGENT_INJECT_VAULT_ADDR", value: address }, ...env];
  return {
    spec: {
      template: {
        spec: { containers: [{ image, args: ["agent-inject", "2>&1", ...args], env: variables }] },
      },
    },
  };
};
/** The injector of the good cluster, with more options. */
const running = (env: readonly object[], args: readonly string[] = []) => ({
  deployments: known([deployment("hashicorp/vault-k8s:1.7.6", "https://vault:8200", env, args)]),
});
const configMap = (...files: readonly string[]) =>
  known([{ data: Object.fromEntries(files.map((text, at) => [`${at}.yaml`, text])) }]);
const CONFIGURED = "webhook: {}\ninjector: { flags: { vault-address: https://vault:8200 } }\n";
const served = {
  metadata: { annotations: { "vault.hashicorp.com/agent-inject": "true" } },
  spec: { initContainers: [{ name: "vault-agent-init" }], containers: [{ name: "main" }] },
};

const GOOD: ClusterFacts = {
  registrations: known([ours(), injector()]),
  namespaces: known(["default", "team-a", "kube-system", "n"].map((name) => ({ metadata: { name } }))),
  services: known(SERVICES),
  policies: known([{ metadata: { name: "flyte-vault-webhook-injected" } }]),
  bindings: known([
    { spec: { policyName: "flyte-vault-webhook-injected", validationActions: ["Deny", "Audit"] } },
  ]),
  deployments: known([deployment("hashicorp/vault-k8s:1.7.6", "https://vault:8200")]),
  configMaps: configMap(CONFIGURED),
  nodes: known([{ status: { nodeInfo: { kubeletVersion: "v1.35.2" } } }]),
  apiServer: known("v1.35.2"),
  certificates: [certificate()],
  replicas: known([
    { pod: "a", isReady: true, detail: "hash1" },
    { pod: "b", isReady: true, detail: "hash1" },
  ]),
  dryRun: { namespace: "team-a", pod: known(served) },
  variableRun: unknown(
    'admission webhook "secrets.flyte-vault-webhook.io" denied the request: Env_Var is not a supported mount requirement for Vault Secret Manager. Secret request flyte.secrets/s0',
  ),
  now: NOW,
  isBeforeSwitch: false,
};

const variableFrom = (fileKeyRef: object) =>
  known({
    spec: {
      containers: [
        {
          env: [
            { name: "A", value: "a" },
            { name: "X", valueFrom: { fileKeyRef } },
          ],
        },
      ],
    },
  });
const withVariable = variableFrom({ volumeName: "vault-secrets", path: ".env/X", key: "VALUE" });
const node = (name: string, kubeletVersion: string) => ({
  metadata: { name },
  status: { nodeInfo: { kubeletVersion } },
});

/** Each fault by its code, as a change of the good cluster. */
const FAULTS: Readonly<Record<string, Partial<ClusterFacts>>> = {
  "doctor.not-registered": { registrations: known([injector()]) },
  "doctor.injector-missing": { registrations: known([ours()]) },
  "doctor.order": { registrations: known([ours({}, "zz-flyte-vault-webhook"), injector()]) },
  "doctor.two-serve": { registrations: known([ours(), flyte(), injector({ timeoutSeconds: 5 })]) },
  "doctor.nobody-serves": {
    registrations: known([
      ours({ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "default" } } }),
      injector(),
    ]),
  },
  "doctor.timeouts": { registrations: known([ours(), injector({ timeoutSeconds: 30 })]) },
  "doctor.failure-policy": { registrations: known([ours({ failurePolicy: "Ignore" }), injector()]) },
  "doctor.ca-missing": {
    registrations: known([
      ours({ clientConfig: { service: { namespace: "n", name: "00-flyte-vault-webhook" } } }),
      injector(),
    ]),
  },
  "doctor.ca-mismatch": {
    certificates: [certificate({ untrusted: "unable to verify the first certificate" })],
  },
  "doctor.expired": { certificates: [certificate({ notAfter: NOW - 1, untrusted: "expired" })] },
  "doctor.expires": { certificates: [certificate({ notAfter: NOW + 3 * 86_400_000 })] },
  "doctor.unreachable": {
    certificates: [known({ registration: "x", target: "n/x:443", unreachable: "refused" })],
  },
  "doctor.service-missing": { services: known(SERVICES.slice(1)) },
  "doctor.guard-missing": { policies: known([]) },
  "doctor.guard-warns": {
    bindings: known([
      { spec: { policyName: "flyte-vault-webhook-injected", validationActions: ["Warn", "Audit"] } },
    ]),
  },
  "doctor.configurations-differ": {
    replicas: known([
      { pod: "a", isReady: true, detail: "hash1" },
      { pod: "b", isReady: true, detail: "hash2" },
    ]),
  },
  "doctor.replica-unready": {
    replicas: known([{ pod: "a", isReady: false, detail: "certificate expired" }]),
  },
  "doctor.injector-version": {
    deployments: known([deployment("hashicorp/vault-k8s:1.4.0", "https://vault:8200")]),
  },
  "doctor.injector-flag": running([{ name: "AGENT_INJECT_VAULT_ADRESS", value: "https://vault:8200" }]),
  "doctor.injector-differs": {
    configMaps: configMap(CONFIGURED, "injector: { flags: { AGENT_INJECT_CPU_LIMIT: 2 } }\n"),
  },
  "doctor.injector-unset": running([], ["-vault-auth-path=auth/cluster-1"]),
  "doctor.injector-address": {
    deployments: known([deployment("hashicorp/vault-k8s:1.7.6", "vault:8200")]),
    configMaps: configMap('injector: { flags: { vault-address: "vault:8200" } }\n'),
  },
  "doctor.api-server": { apiServer: known("v1.29.4") },
  "doctor.old-kubelets": {
    variableRun: withVariable,
    nodes: known([node("new", "v1.35.0"), node("old", "v1.34.9+k3s1"), node("next", "v1.100.0")]),
  },
  "doctor.variable-dropped": {
    variableRun: unknown(
      'The Pod "x" is invalid: spec.containers[0].env[2].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
    ),
  },
  "doctor.dry-run-refused": {
    dryRun: { namespace: "team-a", pod: unknown('admission webhook "x" denied the request: no') },
  },
  "doctor.dry-run-bare": {
    dryRun: { namespace: "team-a", pod: known({ metadata: {}, spec: { containers: [] } }) },
  },
};

const codesOf = (facts: ClusterFacts) =>
  examineCluster(facts)
    .flatMap(({ issues }) => issues.map(({ code }) => code))
    .toSorted();

describe("examineCluster", () => {
  test("a good cluster: no finding, every check is made", () => {
    const rows = examineCluster(GOOD);
    expect(rows.filter(({ verdict }) => verdict !== "fine")).toEqual([]);
    expect(renderDoctor(rows)).not.toMatch(/FINDING|ERROR|undefined/);
  });

  test.each(Object.entries(FAULTS))("%s: found, and nothing else", (code, fault) => {
    expect(codesOf({ ...GOOD, ...fault })).toEqual([code as never]);
  });

  test("timeouts are those of the namespace in which most webhooks are called", () => {
    const namespaceSelector = {
      matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: ["team-a"] }],
    };
    const other = webhook("other", "other.example", {
      timeoutSeconds: 30,
      namespaceSelector,
      objectSelector: {},
    });
    expect(codesOf({ ...GOOD, registrations: known([ours(), injector(), other]) })).toEqual([
      "doctor.timeouts",
    ]);
    const elsewhere = known([{ metadata: { name: "team-b" } }]);
    expect(
      codesOf({ ...GOOD, namespaces: elsewhere, registrations: known([ours(), injector(), other]) }),
    ).toEqual([]);
  });

  test("an injector that is ignored is one only without a guard", () => {
    const registrations = known([ours(), injector({ failurePolicy: "Ignore" })]);
    expect(codesOf({ ...GOOD, registrations })).toEqual([]);
    expect(codesOf({ ...GOOD, registrations, policies: known([]) })).toEqual([
      "doctor.guard-missing",
      "doctor.injector-ignored",
    ]);
  });

  test.each<readonly [string, object, readonly string[], RegExp]>([
    [
      "an option with an equals sign",
      running([], ["--vault-auth-path=auth/a"]),
      ["injector-unset"],
      /vault-auth-path$/,
    ],
    [
      "an option and its value",
      running([], ["-vault-auth-path", "auth/a"]),
      ["injector-unset"],
      /vault-auth-path$/,
    ],
    [
      "a switch",
      running([], ["-revoke-on-shutdown", "-log-level=info"]),
      ["injector-unset"],
      /revoke-on-shutdown$/,
    ],
    ["a switch at its default", running([{ name: "AGENT_INJECT_REVOKE_ON_SHUTDOWN", value: "f" }]), [], /^$/],
    [
      "a variable from a Secret",
      running([{ name: "AGENT_INJECT_VAULT_AUTH_PATH", valueFrom: { secretKeyRef: {} } }]),
      [],
      /^$/,
    ],
    [
      "a value that the configuration takes from a variable",
      {
        ...running([{ name: "AGENT_INJECT_VAULT_AUTH_PATH", value: "x" }]),
        configMaps: configMap(CONFIGURED, `injector: { flags: { vault-auth-path: "\${env:MOUNT}" } }\n`),
      },
      ["injector-unset"],
      /vault-auth-path$/,
    ],
    [
      "another value under the option's other name",
      {
        ...running([{ name: "AGENT_INJECT_VAULT_AUTH_PATH", value: "auth/b" }]),
        configMaps: configMap(CONFIGURED, "injector: { flags: { vault-auth-path: auth/a } }\n"),
      },
      ["injector-differs"],
      /vault-auth-path auth\/a \(running: auth\/b\)$/,
    ],
    [
      "a proxy's password",
      {
        ...running([{ name: "AGENT_INJECT_PROXY_ADDR", value: "http://u:hunter2@p" }]),
        configMaps: configMap(CONFIGURED, "injector: { flags: { proxy-address: http://u:hunter3@p } }\n"),
      },
      ["injector-differs"],
      /that runs: proxy-address$/,
    ],
    [
      "another version",
      { configMaps: configMap(CONFIGURED, "injector: { version: 1.4.2 }\n") },
      ["injector-differs"],
      /version 1\.4\.2 \(running: 1\.7\.6\)$/,
    ],
    [
      "an option with a value that Go cannot read",
      running([{ name: "AGENT_INJECT_AUTH_MIN_BACKOFF", value: "soon" }]),
      ["injector-flag", "injector-unset"],
      /does not start$/,
    ],
    [
      "an option of another version",
      { deployments: known([deployment("vault-k8s:9.0.0", "https://vault:8200", [], ["-new-option=1"])]) },
      ["injector-version"],
      /9\.0\.0/,
    ],
    ["no configuration in the cluster", { configMaps: known([]) }, [], /^$/],
    ["a configuration that is not YAML", { configMaps: configMap("a: [\n") }, [], /^$/],
  ])("the injector's options: %s", (_, facts, codes, message) => {
    const row = examineCluster({ ...GOOD, ...facts }).find(({ check }) => check === "injector");
    const issues = row?.issues ?? [];
    expect(issues.map(({ code }) => code)).toEqual(codes.map((code) => `doctor.${code}`) as never);
    expect(issues[0]?.message ?? "").toMatch(message);
    expect(JSON.stringify(row)).not.toContain("hunter");
  });

  test("faults together: each is found", () => {
    // Those that exclude each other take turns: one registration cannot both be missing and be late.
    const together = (codes: readonly string[]) =>
      Object.assign({ ...GOOD }, ...codes.map((code) => FAULTS[code] ?? {}));
    const independent = [
      "doctor.order",
      "doctor.ca-mismatch",
      "doctor.guard-missing",
      "doctor.configurations-differ",
      "doctor.injector-address",
      "doctor.api-server",
      "doctor.dry-run-bare",
    ];
    expect(codesOf(together(independent))).toEqual(independent.toSorted() as never);
    const registrations = known([
      flyte({ timeoutSeconds: 30, failurePolicy: "Fail" }),
      ours(
        { failurePolicy: "Ignore", clientConfig: { service: { namespace: "n", name: "gone" } } },
        "zz-flyte-vault-webhook",
      ),
      injector({ failurePolicy: "Ignore" }),
    ]);
    const all = codesOf({
      ...GOOD,
      registrations,
      policies: known([]),
      certificates: [certificate({ notAfter: NOW + 1 })],
    });
    expect(all).toEqual([
      "doctor.ca-missing",
      "doctor.expires",
      "doctor.failure-policy",
      "doctor.guard-missing",
      "doctor.injector-ignored",
      "doctor.order",
      "doctor.service-missing",
      "doctor.timeouts",
      "doctor.two-serve",
    ]);
  });

  test("what may not be seen is not checked, with the reason, and no finding", () => {
    const no = unknown("forbidden");
    const rows = examineCluster({
      ...{
        registrations: no,
        namespaces: no,
        services: no,
        policies: no,
        bindings: no,
        deployments: no,
        configMaps: no,
        nodes: no,
        apiServer: no,
      },
      ...{ certificates: [], replicas: no, variableRun: no, now: NOW, isBeforeSwitch: false },
      dryRun: { namespace: "x", pod: unknown('User "dev" cannot create resource "pods"') },
    });
    expect(
      rows.every(
        ({ verdict, issues, detail }) => verdict === "not checked" && issues.length === 0 && detail !== "",
      ),
    ).toBe(true);
  });

  test("variables: nodes matter only where a sample pod gets one, and each old node is listed", () => {
    const old = known(Array.from({ length: 10 }, (_, i) => node(`node-${i}`, "v1.33.1")));
    const rowOf = (facts: Partial<ClusterFacts>) =>
      examineCluster({ ...GOOD, ...facts }).find(({ check }) => check === "variables");
    expect(rowOf({ nodes: old })?.verdict).toBe("fine");
    expect(rowOf({ nodes: old, variableRun: known(served) })?.verdict).toBe("fine");
    const another = variableFrom({ volumeName: "own", path: ".env/X", key: "VALUE" });
    expect(rowOf({ nodes: old, variableRun: another })?.verdict).toBe("fine");
    expect(rowOf({ variableRun: withVariable })?.detail).toBe("allowed; all 1 nodes are 1.35 or newer");
    const [issue] = rowOf({ nodes: old, variableRun: withVariable })?.issues ?? [];
    expect(issue?.message).toContain("node-0 v1.33.1, node-1 v1.33.1");
    expect(issue?.message).toEndWith("node-7 v1.33.1 and 2 more");
    const unseen = rowOf({ nodes: unknown("forbidden"), variableRun: withVariable });
    expect(unseen).toMatchObject({ verdict: "not checked", detail: "forbidden" });
  });

  test("--before-switch: this webhook need not be registered, and one that observes serves nobody", () => {
    const registrations = known([flyte(), injector()]);
    expect(codesOf({ ...GOOD, registrations, isBeforeSwitch: true })).toEqual([]);
    const observing = known([
      flyte(),
      ours({ failurePolicy: "Ignore", timeoutSeconds: 5 }, "v-flyte-vault-webhook-observe"),
      injector(),
    ]);
    const services = known([...SERVICES, service("v-flyte-vault-webhook-observe")]);
    expect(codesOf({ ...GOOD, registrations: observing, services, isBeforeSwitch: true })).toEqual([]);
  });
});
