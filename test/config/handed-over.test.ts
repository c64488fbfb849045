// biome-ignore-all lint/suspicious/noTemplateCurlyInString: "${NAME}" is the text under test
/** What people hand over as the configuration: Flyte's own files as they are shipped, and what only looks like them. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config/load.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { fieldCase } from "../fixtures/field.ts";
import { issuesOf } from "./expect.ts";

const folder = mkdtempSync(join(tmpdir(), "handed-over-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Loads texts as files; without a name they are files of one folder. */
async function load(...texts: readonly string[]) {
  const own = mkdtempSync(join(folder, "c-"));
  for (const [i, text] of texts.entries()) writeFileSync(join(own, `${i}.yaml`), text);
  const loaded = await loadConfig([own], { HOME: "/root" });
  const issues = loaded.issues.map(({ message, ...issue }) => ({
    ...issue,
    message: message.replaceAll(`${own}/`, ""),
  }));
  return { loaded, issues, codes: issues.map(({ code }): string => code) };
}

// The section as each of Flyte's charts and images has it: names and nesting are theirs, values are not.
const SHIPPED: Readonly<Record<string, readonly string[]>> = {
  "flyte-core: flyte-propeller-config mounted as a folder": [
    "admin: { endpoint: dns:///admin, insecure: true, clientId: propeller }",
    "logger: { level: 4, show-source: true }",
    `
propeller: { rawoutput-prefix: s3://data, workers: 40, leader-election: { enabled: true } }
webhook:
  certDir: /etc/webhook/certs
  serviceName: flyte-pod-webhook
  secretManagerType: Vault
  vaultSecretManager: { role: ml-tasks, kvVersion: "1" }`,
  ],
  "flyte-binary v1: 000-core.yaml and the operator's inline configuration": [
    `
admin: { endpoint: localhost:8089, insecure: true }
cluster_resources: { standaloneDeployment: false, templatePath: /etc/templates }
webhook:
  certDir: /var/run/flyte/certs
  localCert: true
  secretName: flyte-binary-webhook-secret
  serviceName: flyte-binary-webhook
  servicePort: 443
flyte: { admin: { disableScheduler: false } }`,
    "storage: { type: stow }",
    "plugins: { logs: { kubernetes-enabled: true } }\nwebhook:\n  secretManagerType: Vault\n  vaultSecretManager: { role: ml-tasks }",
  ],
  "flyte-binary v2": [
    `
manager: { server: { host: 0.0.0.0 }, kubernetes: { namespace: flyte } }
webhook:
  certDir: /tmp/certs
  localCert: true
  secretName: webhook-secret
  serviceName: flyte-binary-webhook
  servicePort: 443
  secretManagerTypes: [Embedded, Vault]
  embeddedSecretManagerConfig:
    type: K8s
    k8sConfig: { namespace: flyte, kubeClientConfig: { qps: 100 } }
    imagePullSecrets: { enabled: true }
  imageBuilderConfig: { hostName: registry.example }
  kubeClientConfig: { qps: 100, burst: 25, timeout: 30s }
  secretEnvVarPrefix: _UNION_
  webhookTimeout: 30
  vaultSecretManager: { role: ml-tasks }`,
  ],
  "single binary (flyte start)": [
    `
propeller: { create-flyteworkflow-crd: true, kube-config: $HOME/.flyte/k3s.yaml }
server: { kube-config: $HOME/.flyte/k3s.yaml }
webhook:
  certDir: $HOME/certs
  localCert: true
  secretManagerTypes: Vault
  vaultSecretManager: { role: ml-tasks }
tasks: { task-plugins: { enabled-plugins: [container] } }`,
  ],
  "sandbox bundle": [
    "catalog-cache: { endpoint: localhost:8081 }\nwebhook:\n  certDir: /var/run/flyte/certs\n  localCert: true",
    "webhook: { secretManagerTypes: [Vault], vaultSecretManager: { role: ml-tasks } }",
  ],
  "demo cluster, with an inline file": [
    "task_resources: { defaults: { cpu: 500m } }",
    "webhook:\n  vaultSecretManager:\n    role: ml-tasks\n    annotations:\n      - vault.hashicorp.com/auth-path: auth/demo\nplugins:\n  k8s: { default-env-vars: [{ A: b }] }",
  ],
};

test.each(Object.entries(SHIPPED))("%s is read, and nothing is said about it", async (_, texts) => {
  const { loaded, issues } = await load(...texts);
  expect(issues.filter(({ severity }) => severity !== "info")).toEqual([]);
  expect(issues.filter(({ code }) => code !== "config.section-of-flyte")).toEqual([]);
  expect(loaded.ok && loaded.value.config.webhook.vaultSecretManager.role).toBe("ml-tasks");
});

const SECTION = "vaultSecretManager: { role: ml-tasks }";
const CONFIG_MAP = (name: string, text: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  core.yaml: |\n${text.replace(/^/gm, "    ")}\n`;
const DEPLOYMENT =
  "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: flyte-binary }\nspec: { replicas: 1 }\n";

describe("handed over wrongly", () => {
  const WRONG: readonly [what: string, text: string, code: string, message: string][] = [
    [
      "values of flyte-core",
      `configmap: { core: { webhook: { ${SECTION} } } }`,
      "config.nested",
      "0.yaml:1:22: Expected the section webhook at the top of the file, found it at configmap.core.webhook",
    ],
    [
      "values of flyte-core with the Deployment's own webhook",
      `webhook: { enabled: true, podAnnotations: {} }\nconfigmap:\n  core:\n    webhook: { ${SECTION} }`,
      "config.nested",
      "0.yaml:4:5: Expected the section webhook at the top of the file, found it at configmap.core.webhook",
    ],
    [
      "values of flyte-binary",
      `configuration: { inline: { webhook: { ${SECTION} } } }`,
      "config.nested",
      "configuration.inline.webhook",
    ],
    [
      "values of an umbrella chart",
      `flyte-core: { configmap: { core: { webhook: { ${SECTION} } } } }`,
      "config.nested",
      "flyte-core.configmap.core.webhook",
    ],
    [
      "Union's nesting",
      `config: { core: { webhook: { ${SECTION} } } }`,
      "config.nested",
      "config.core.webhook",
    ],
    [
      "a chart's values without a section",
      "webhook: { enabled: true, service: { type: ClusterIP } }",
      "config.chart-values",
      "(enabled, service)",
    ],
    [
      "a Kubernetes object of another kind",
      DEPLOYMENT,
      "config.kubernetes-object",
      "Deployment flyte-binary",
    ],
    [
      "a ConfigMap without the section",
      CONFIG_MAP("logs", "logger: { level: 5 }"),
      "config.kubernetes-object",
      "ConfigMap logs",
    ],
    [
      "a render with two such ConfigMaps",
      `${CONFIG_MAP("a", `webhook: { ${SECTION} }`)}---\n${CONFIG_MAP("b", `webhook: { ${SECTION} }`)}`,
      "config.configmaps-several",
      "ConfigMap a (line 1), ConfigMap b (line",
    ],
    [
      "the section without its name",
      `${SECTION}\n`,
      "config.misplaced",
      "did you mean webhook.vaultSecretManager?",
    ],
    [
      "another file of Flyte's",
      "admin: { endpoint: x }\nlogger: { level: 1 }",
      "config.nothing",
      "found admin, logger",
    ],
    ["an empty file", "", "config.empty", '0.yaml" is empty'],
    ["a file of comments", "# webhook:\n---\n", "config.empty", "is empty"],
    ["a file cut off behind a name", "webhook:\n", "config.nothing", "Found no section"],
  ];

  test.each(WRONG)("%s", async (_, text, code, message) => {
    const { loaded, issues, codes } = await load(text);
    expect(loaded.ok).toBe(false);
    expect(codes).toEqual([code]);
    expect(issues[0]?.message).toContain(message);
  });

  test("one empty file among good ones", async () => {
    expect((await load("webhook: {}", "")).codes).toEqual(["config.empty"]);
  });

  test("`version: 1` alone means the defaults", async () => {
    const { loaded, codes } = await load("version: 1\n");
    expect([loaded.ok, codes]).toEqual([true, []]);
  });

  test("a whole render: the ConfigMap with the section is read, with the file's own lines", async () => {
    const text = `${DEPLOYMENT}---\n${CONFIG_MAP("flyte", `logger: { level: 5 }\nwebhook:\n  vaultSecretManager:\n    role: ml-tasks\n    kvVersion: 3`)}`;
    const { issues } = await load(text);
    const line = text.split("\n").findIndex((each) => each.includes("kvVersion")) + 1;
    expect(issues[0]?.message).toStartWith(`0.yaml:${line}:9: webhook.vaultSecretManager.kvVersion is 3`);
    const { loaded, codes } = await load(text.replace("3", "2"));
    expect(codes).toEqual(["config.configmap-read"]);
    expect(loaded.ok && loaded.value.config.webhook.vaultSecretManager.role).toBe("ml-tasks");
  });

  test("a List of ConfigMaps, and data that is quoted", async () => {
    const item = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "a" },
      data: { "b.yaml": `webhook: { ${SECTION} }` },
    };
    const { loaded } = await load(JSON.stringify({ apiVersion: "v1", kind: "List", items: [item] }));
    expect(loaded.ok && loaded.value.config.webhook.vaultSecretManager.role).toBe("ml-tasks");
    const bad = { ...item, data: { "b.yaml": "webhook:\n  vaultSecretManager: { rol: x }" } };
    expect((await load(JSON.stringify(bad))).issues[0]?.message).toStartWith(
      '0.yaml data["b.yaml"]:2:25: Unknown key',
    );
  });
});

describe("from the field", () => {
  test.each([
    ["40-", "ok", "info config.configmap-read"],
    ["42-", "refused", "error config.nested"],
    ["48-", "refused", "error config.nested"],
    ["51-", "ok", "warning config.unrendered"],
  ])("%s is %s: %s", async (name, end, issue) => {
    const loaded = await loadConfig([fieldCase(name).config ?? ""], {});
    expect(loaded.ok ? "ok" : "refused").toBe(end as "ok");
    expect(loaded.issues.map(({ code, severity }) => `${severity} ${code}`)).toContain(issue);
  });

  test("40: the role and the annotations are those of the data", async () => {
    const loaded = await loadConfig([fieldCase("40-").config ?? ""], {});
    expect(loaded.ok && loaded.value.config.webhook.vaultSecretManager).toMatchObject({
      role: "flyte",
      annotations: { "vault.hashicorp.com/auth-path": "auth/eks-prod" },
    });
    expect(loaded.ok && loaded.value.config.webhook.certDir).toBe("/var/run/flyte/certs");
  });
});

describe("a mistyped name never leaves a default in force", () => {
  const NAMES = {
    webhook: ["vaultSecretManager", "secretManagerTypes", "secretManagerType"],
    vault: ["role", "kvVersion", "annotations"],
  };
  const wrap = {
    webhook: (name: string) => `webhook: { ${name}: x }`,
    vault: (name: string) => `webhook: { vaultSecretManager: { ${name}: x } }`,
  };

  /** Every name one slip away: a letter dropped, doubled, swapped with the next, or another. */
  const slips = (name: string) =>
    [...name].flatMap((letter, i) => [
      name.slice(0, i) + name.slice(i + 1),
      name.slice(0, i) + letter + name.slice(i),
      name.slice(0, i) + (name[i + 1] ?? "") + letter + name.slice(i + 2),
      `${name.slice(0, i)}q${name.slice(i + 1)}`,
    ]);

  test.each(["webhook", "vault"] as const)("in %s, one or two slips away", (part) => {
    for (const name of NAMES[part]) {
      const wrong = new Set(slips(name).flatMap((once) => [once, `${once}q`, `q${once}`]));
      for (const slip of wrong) {
        if (
          Object.values(NAMES)
            .flat()
            .some((known) => known.toLowerCase() === slip.toLowerCase())
        )
          continue;
        const errors = issuesOf(wrap[part](slip)).filter(({ severity }) => severity === "error");
        expect([slip, errors.map(({ code }): string => code)]).toEqual([slip, ["config.misplaced"]]);
      }
    }
  });

  test.each([
    ["webhook: { annotations: {} }", "webhook.vaultSecretManager.annotations"],
    ["webhook: { role: ml, vaultSecretManager: {} }", "webhook.vaultSecretManager.role"],
    ["webhook: { vaultSecretManager: { secretManagerType: Vault } }", "webhook.secretManagerType"],
    ["webhook: { vaultSecretManager: { kv_version: 1 } }", "webhook.vaultSecretManager.kvVersion"],
    ["webhook: { vaultSecretManager: { vaultRole: ml } }", "webhook.vaultSecretManager.role"],
    ["webhook: { vaultSecretManager: { roleName: ml } }", "webhook.vaultSecretManager.role"],
    ["webhook: {}\nrole: ml", "webhook.vaultSecretManager.role"],
    ["webhook: {}\nannotations: {}", "webhook.vaultSecretManager.annotations"],
  ])("%s", (text, meant) => {
    expect(issuesOf(text)).toEqual([
      expect.objectContaining({
        code: "config.misplaced",
        severity: "error",
        help: expect.stringContaining(meant),
      }),
    ]);
  });

  test("errors do not hide each other, also not of another file", async () => {
    const { codes } = await load(
      "webhook: { vaultSecretManager: { roel: ml } }\npolicy: { ids: x }\naudit: { paths: [] }",
      "policy: {",
      "server: { reload: maybe }\nplugins: [{ use: a, timeout: 1y }]\nwebhook: { listenPort: text }",
    );
    expect(codes.toSorted()).toEqual([
      ...["config.misplaced", "config.syntax"],
      ...["config.value", "config.value", "config.value", "config.value", "config.value"],
    ]);
    const none = await loadConfig([join(folder, "none.yaml"), fieldCase("48-").config ?? ""], {});
    expect(none.issues.map(({ code }): string => code)).toEqual(["config.file-missing", "config.nested"]);
  });

  test.each([
    "webhook: text",
    "webhook: [a]",
    "webhook:\n  vaultSecretManager: [a]",
    "webhook:\n  vaultSecretManager:\n    annotations: text",
    "webhook:\n  vaultSecretManager:\n    role: {}",
    "webhook:\n  namespaceSelector: x",
    "plugins: text",
    "plugins:\n  - text",
    "plugins:\n  - use: a\n    when: x",
    "policy: text",
    "policy:\n  locked: text",
    "server: text",
    "server:\n  management: 8080",
    "audit: text",
  ])("a value out of place names its line: %j", (text) => {
    const [issue, ...rest] = issuesOf(text);
    expect(issue?.message).toStartWith(`webhook.yaml:${text.split("\n").length}:`);
    expect(issue?.severity).toBe("error");
    expect(rest).toEqual([]);
  });
});

describe("text that was meant to be filled in", () => {
  const annotated = (key: string, value: string) =>
    issuesOf({ webhook: { vaultSecretManager: { annotations: { [key]: value } } } }).map(
      ({ code }): string => code,
    );

  test.each(["{{ .Values.ns }}", "team-${ENV}", "$NAMESPACE", "a/{{ namespace }}"])("%s warns", (value) => {
    expect(annotated("vault.hashicorp.com/namespace", value)).toEqual(["config.unrendered"]);
    const role = issuesOf({ webhook: { vaultSecretManager: { role: value } } });
    expect(role.map(({ code, severity }) => `${severity} ${code}`)).toEqual(["warning config.unrendered"]);
  });

  test.each([
    ["vault.hashicorp.com/agent-inject-template-a", '{{ with secret "a" }}{{ end }}'],
    ["vault.hashicorp.com/agent-inject-command-a", "kill -HUP $(pidof app) $PPID"],
    ["vault.hashicorp.com/agent-json-patch", '[{"op":"add","path":"/$schema"}]'],
    ["vault.hashicorp.com/namespace", "costs-5$"],
    ["vault.hashicorp.com/namespace", "a$1"],
  ])("%s: %s does not", (key, value) => {
    expect(annotated(key, value)).toEqual([]);
  });

  test("a variable of ours does not, whatever it holds", () => {
    const text = 'webhook: { vaultSecretManager: { role: "${env:ROLE}" } }';
    expect(issuesOf(text, { env: { ROLE: "$5" } })).toEqual([]);
  });
});

describe("/preview without a token", () => {
  test.each([
    ["0.0.0.0", "", ["config.preview-open"]],
    ["::", "", ["config.preview-open"]],
    ["10.1.2.3", "", ["config.preview-open"]],
    ["127.0.0.1", "", []],
    ["127.9.9.9", "", []],
    ["localhost", "", []],
    ["::1", "", []],
    ["0.0.0.0", "token: secret", []],
    ["0.0.0.0", "enabled: false", []],
  ])("on %s with preview { %s }", (host, preview, codes) => {
    const parsed = parseConfig(`server: { management: { host: "${host}" }, preview: { ${preview} } }`);
    expect([parsed.ok, parsed.issues.map(({ code }): string => code)]).toEqual([true, codes]);
  });
});
