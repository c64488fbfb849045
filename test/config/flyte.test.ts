// biome-ignore-all lint/suspicious/noTemplateCurlyInString: "${env:NAME}" is the syntax under test
/** Flyte's `webhook` section, as Flyte's own files have it and as loosely as Flyte reads it. */
import { describe, expect, test } from "bun:test";
import type { Config } from "../../src/config/schema.ts";
import { accepted, brief, issuesOf } from "./expect.ts";

const vault = (inner: string): Config["webhook"]["vaultSecretManager"] =>
  accepted(`webhook: { vaultSecretManager: ${inner} }`).webhook.vaultSecretManager;

// 000-core.yaml of the chart flyte-binary v1.9 (charts/flyte-binary/templates/configmap.yaml), rendered; it has no
// secretManagerTypes there, and an operator's inline configuration adds the manager.
const FLYTE_BINARY = `
admin: { endpoint: localhost:8089, insecure: true }
catalog-cache: { endpoint: localhost:8081, insecure: true, type: datacatalog }
cluster_resources: { standaloneDeployment: false, templatePath: /etc/flyte/cluster-resource-templates }
logger: { show-source: true, level: 1 }
propeller: { create-flyteworkflow-crd: true }
webhook:
  certDir: /var/run/flyte/certs
  localCert: true
  secretName: flyte-binary-webhook-secret
  serviceName: flyte-binary-webhook
  servicePort: 443
flyte:
  admin: { disableClusterResourceManager: false }
tasks: { task-plugins: { enabled-plugins: [container] } }
plugins:
  logs: { kubernetes-enabled: false }
  k8s: { co-pilot: { image: "cr.flyte.org/flyteorg/flytecopilot:v1.9.0" } }
`;

describe("Flyte's charts", () => {
  test("flyte-binary v1: read unchanged; of its own names nothing is said", () => {
    const config = accepted(FLYTE_BINARY);
    expect(config.webhook).toMatchObject({
      certDir: "/var/run/flyte/certs",
      serviceName: "flyte-binary-webhook",
      servicePort: 443,
      secretManagerTypes: ["Vault"],
    });
    expect(issuesOf(FLYTE_BINARY).map(({ code, severity, path }) => `${severity} ${code} ${path}`)).toEqual([
      "info config.section-of-flyte plugins",
    ]);
  });

  test("flyte-core v1 (charts/flyte-core/values.yaml, configmap.core)", () => {
    const text = "webhook:\n  certDir: /etc/webhook/certs\n  serviceName: flyte-pod-webhook\n";
    expect(accepted(text)).toEqual(accepted(""));
  });

  test("flyte-binary v2 with its Embedded manager is refused, since the list does not have Vault", () => {
    const text = `
webhook:
  secretManagerTypes:
    - Embedded
  embeddedSecretManagerConfig: { type: K8s, k8sConfig: { namespace: flyte } }`;
    expect(issuesOf(text).map(({ code }) => code)).toEqual(["config.vault-missing"]);
    expect(
      accepted(text.replace("- Embedded", "- Embedded\n    - Vault")).webhook.secretManagerTypes,
    ).toEqual(["Embedded", "Vault"]);
  });

  test("the example of Flyte's documentation", () => {
    const config = accepted(`
webhook:
  secretManagerTypes: [Vault]
  vaultSecretManager:
    role: flyte-role
    kvVersion: 2
    annotations:
      vault.hashicorp.com/namespace: "team-a"
      vault.hashicorp.com/auth-config-type: "gcp"`);
    expect(config.webhook.vaultSecretManager).toEqual({
      role: "flyte-role",
      kvVersion: 2,
      annotations: {
        "vault.hashicorp.com/namespace": "team-a",
        "vault.hashicorp.com/auth-config-type": "gcp",
      },
    });
  });

  test("every name of Flyte's webhook is known", () => {
    // Config of flyteplugins/go/tasks/pluginmachinery/secret/config/config.go, v2.
    const names =
      "metrics-prefix certDir localCert listenPort cacheInvalidationPort serviceName servicePort secretName secretManagerType secretManagerTypes awsSecretManager gcpSecretManager vaultSecretManager embeddedSecretManagerConfig azureSecretManager imageBuilderConfig webhookTimeout disableCreateMutatingWebhookConfig namespaceSelector kubeClientConfig secretEnvVarPrefix";
    for (const name of names.split(" ")) {
      expect([
        name,
        ...issuesOf(`webhook: { ${name}: x }`).filter(({ code }) => code.includes("unknown")),
      ]).toEqual([name]);
    }
  });
});

describe("webhook is read loosely", () => {
  test.each([
    ["{ role: a }", { role: "a" }],
    ["{ ROLE: a }", { role: "a" }],
    ['{ role: "" }', { role: "" }],
    ["{ role: }", { role: "flyte" }],
    ["{ role: 12 }", { role: "12" }],
    ["{ kvVersion: 1 }", { kvVersion: 1 }],
    ["{ kvVersion: 2 }", { kvVersion: 2 }],
    ['{ kvVersion: "1" }', { kvVersion: 1 }],
    ['{ KVVersion: "2" }', { kvVersion: 2 }],
    ["{ annotations: [{ x/A: a }, { x/B: b }] }", { annotations: { "x/A": "a", "x/B": "b" } }],
    ["{ annotations: { x/A: a, x/a: b } }", { annotations: { "x/A": "a", "x/a": "b" } }],
    [
      "{ annotations: { x/a: 12, x/b: 1.5, x/c: } }",
      { annotations: { "x/a": "12", "x/b": "1.5", "x/c": "" } },
    ],
    ["{ annotations: [] }", { annotations: {} }],
  ] as const)("vaultSecretManager %s", (text, expected) => {
    expect(vault(text)).toMatchObject(expected);
  });

  test.each([
    ["secretManagerTypes: [vault]", ["Vault"]],
    ["secretManagerTypes: [K8S, VAULT]", ["K8s", "Vault"]],
    ['secretManagerTypes: "K8s,Vault"', ["K8s", "Vault"]],
    ["secretManagerTypes: Vault", ["Vault"]],
    ["secretManagerTypes: [4]", ["Vault"]],
    ["secretManagerType: Vault", ["Vault"]],
    ["secretManagerType: vault", ["Vault"]],
    ["secretManagerTypes: []", ["Vault"]],
    ["secretManagerTypes: [Vault], secretManagerType: K8s", ["Vault"]],
    ["SecretManagerTypes: [Global, Vault, Azure]", ["Global", "Vault", "Azure"]],
  ] as const)("%s", (text, expected) => {
    expect(accepted(`webhook: { ${text} }`).webhook.secretManagerTypes).toEqual(expected as never);
  });

  test("numbers as text, and text as numbers", () => {
    const { webhook } = accepted(
      'webhook: { listenPort: "8443", servicePort: "443", webhookTimeout: "10", serviceName: 7 }',
    );
    expect(webhook).toMatchObject({
      listenPort: 8443,
      servicePort: 443,
      webhookTimeout: 10,
      serviceName: "7",
    });
  });

  test("variables in certDir as Flyte expands them, elsewhere as ours", () => {
    const env = { HOME: "/home/f", A: "$HOME" };
    expect(accepted("webhook:\n  certDir: $HOME/a/${HOME}/${env:HOME}", { env }).webhook.certDir).toBe(
      "/home/f/a//home/f//home/f",
    );
    expect(accepted("webhook: { certDir: $A }", { env }).webhook.certDir).toBe("$HOME");
    expect(accepted("webhook: { metrics-prefix: $HOME }", { env }).webhook.metricsPrefix).toBe("$HOME");
  });

  test("namespaceSelector", () => {
    const text = `
webhook:
  namespaceSelector:
    matchLabels: { flyte: 1 }
    matchexpressions: [{ key: team, operator: In, values: [a] }, { key: b, operator: Exists }]`;
    expect(accepted(text).webhook.namespaceSelector).toEqual({
      matchLabels: { flyte: "1" },
      matchExpressions: [
        { key: "team", operator: "In", values: ["a"] },
        { key: "b", operator: "Exists", values: [] },
      ],
    });
  });

  test.each([
    ["metricsPrefix: a", "did you mean webhook.metrics-prefix?"],
    [
      "vaultSecretManager: { somethingElse: {} }",
      "Unknown key webhook.vaultSecretManager.somethingElse in Flyte's webhook section, ignored",
    ],
  ])("an unknown name warns: %s", (text, message) => {
    const [issue, ...rest] = issuesOf(`webhook: { ${text} }`);
    expect(issue).toMatchObject({ severity: "warning", code: "config.webhook-name-unknown" });
    expect(issue?.message).toContain(message);
    expect(rest).toEqual([]);
  });

  test.each([
    ["flyte.secrets/s0: a", "config.annotation-reserved", '"flyte.secrets/s0"'],
    [
      "vault.hashicorp.com/agent-inject-status: injected",
      "config.annotation-reserved",
      "agent-inject-status",
    ],
    ["x/a: true", "config.annotation-text", 'is true without quotes and is read as "1"'],
    ["x/a: false", "config.annotation-text", '"0"'],
    ["x/a: 0644", "config.annotation-text", 'is 0644 without quotes and is read as "420"'],
    ["x/a: 1.10", "config.annotation-text", '"1.1"'],
  ])("an annotation that is hardly meant warns: %s", (text, code, message) => {
    const issues = issuesOf(`webhook: { vaultSecretManager: { annotations: { ${text} } } }`);
    expect(issues.map((issue) => issue.severity)).toEqual(["warning"]);
    expect(brief(issues[0] as never)).toContain(code);
    expect(issues[0]?.message).toContain(message);
  });
});
