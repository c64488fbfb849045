import { describe, expect, test } from "bun:test";
import { isObject } from "../../src/core/json.ts";
import { parseConfig } from "../../src/index.ts";
import { migrateConfig } from "../../src/migrate/config.ts";

const SECTION = {
  secretManagerType: "Vault",
  certDir: "/etc/webhook/certs",
  serviceName: "flyte-pod-webhook",
  vaultSecretManager: {
    role: "team",
    kvVersion: "1",
    annotations: [{ "vault.hashicorp.com/namespace": "Team-A" }],
  },
};
const SECRET = "s3cr3t-password";
const core = (webhook: object) => ({ configmap: { core: { webhook } }, db: { admin: { password: SECRET } } });
const FILE = `storage: { secretKey: ${SECRET} }\nwebhook: ${JSON.stringify(SECTION)}\n`;

describe("migrateConfig", () => {
  test.each<readonly [string, unknown, string]>([
    ["a file", { webhook: SECTION }, "webhook"],
    [
      "flyte-core's values",
      { webhook: { enabled: true, service: {} }, ...core(SECTION) },
      "configmap.core.webhook",
    ],
    [
      "flyte-binary's values",
      { configuration: { database: { password: SECRET }, inline: { webhook: SECTION } } },
      "configuration.inline.webhook",
    ],
    [
      "an umbrella chart's values",
      { "flyte-binary": { configuration: { inline: { webhook: SECTION } } } },
      "flyte-binary.configuration.inline.webhook",
    ],
    [
      "a ConfigMap",
      { kind: "ConfigMap", apiVersion: "v1", data: { "core.yaml": FILE } },
      "data.core.yaml.webhook",
    ],
    [
      "a List of ConfigMaps",
      { kind: "List", items: [{ kind: "ConfigMap", data: { "a.yaml": FILE } }] },
      "items[0].data.a.yaml.webhook",
    ],
  ])("%s: the section is found, carried over, and nothing beside it is printed", (_, document, path) => {
    const migrated = migrateConfig([document]);
    expect(migrated.config).toEqual({
      version: 1,
      webhook: {
        vaultSecretManager: {
          role: "team",
          kvVersion: 1,
          annotations: { "vault.hashicorp.com/namespace": "Team-A" },
        },
      },
    });
    expect(migrated.settings.map((setting) => setting.path)).toContain(`${path}.vaultSecretManager.role`);
    expect(JSON.stringify(migrated)).not.toContain(SECRET);
    expect(parseConfig(migrated.config ?? {}).ok).toBe(true);
  });

  test("every setting of a section has a fate", () => {
    const section = {
      ...SECTION,
      webhookTimeout: 12,
      namespaceSelector: { matchLabels: { flyte: "yes" } },
      kubeClientConfig: { qps: 1 },
      awsSecretManager: {},
    };
    const { settings, config } = migrateConfig([{ webhook: section }]);
    expect(settings.map(({ path }) => path.split(".")[1])).toEqual([
      ...[
        "secretManagerType",
        "certDir",
        "serviceName",
        "vaultSecretManager",
        "vaultSecretManager",
        "vaultSecretManager",
      ],
      ...["webhookTimeout", "namespaceSelector", "kubeClientConfig", "awsSecretManager"],
    ]);
    expect(isObject(config?.webhook) && config.webhook.webhookTimeout).toBe(12);
    expect(settings.every(({ why }) => why.length > 5)).toBe(true);
  });

  test.each<readonly [string, object, RegExp]>([
    ["an unknown setting", { tokne: SECRET }, /unknown setting/],
    ["a name of every object's", { constructor: { password: SECRET } }, /unknown setting/],
    ["an unknown setting of Vault", { vaultSecretManager: { role: "a", token: SECRET } }, /unknown setting/],
    ["another manager", { secretManagerType: "K8s" }, /nothing to take over/],
    [
      "another manager beside Vault",
      { secretManagerTypes: ["Embedded", "Vault"] },
      /secrets of embedded would be lost/,
    ],
    ["no version", { vaultSecretManager: { kvVersion: 2 } }, /in quotes/],
    [
      "annotations that are not strings",
      { vaultSecretManager: { annotations: { a: { b: SECRET } } } },
      /not a string/,
    ],
    ["a timeout that is too long", { webhookTimeout: 60 }, /1 to 30/],
  ])("%s: refused, no configuration, and its value is not printed", (_, change, why) => {
    const migrated = migrateConfig([{ webhook: { ...SECTION, ...change } }]);
    expect(migrated.config).toBeUndefined();
    expect(migrated.settings.filter(({ fate }) => fate === "refused").map((setting) => setting.why)).toEqual([
      expect.stringMatching(why),
    ]);
    expect(JSON.stringify(migrated)).not.toContain(SECRET);
  });

  test("an unquoted kvVersion is what Flyte makes of it", () => {
    const { config, settings } = migrateConfig([
      { webhook: { vaultSecretManager: { kvVersion: 1 }, secretManagerType: "Vault" } },
    ]);
    expect(config).toEqual({ version: 1, webhook: { vaultSecretManager: { kvVersion: 2 } } });
    expect(settings[0]?.why).toContain("Flyte reads");
  });

  test("as in flyte-binary v2's ConfigMap: a later file counts, and says so", () => {
    const files = {
      "100-inline-config.yaml": {
        webhook: {
          secretManagerTypes: ["Vault"],
          vaultSecretManager: { role: "team" },
          namespaceSelector: { matchLabels: { a: "b" } },
        },
      },
      "000-core.yaml": {
        webhook: {
          secretManagerTypes: ["Embedded"],
          vaultSecretManager: { role: "flyte", kvVersion: "1" },
          embeddedSecretManagerConfig: { type: "K8s" },
        },
      },
    };
    const yaml = Object.fromEntries(
      Object.entries(files).map(([name, { webhook }]) => [name, `webhook: ${JSON.stringify(webhook)}\n`]),
    );
    const { config, settings } = migrateConfig([{ kind: "ConfigMap", data: yaml }]);
    expect(config).toEqual({
      version: 1,
      webhook: {
        vaultSecretManager: { kvVersion: 1, role: "team" },
        namespaceSelector: { matchLabels: { a: "b" } },
      },
    });
    expect(settings.find(({ path }) => path === "data.000-core.yaml.webhook.secretManagerTypes")).toEqual({
      path: "data.000-core.yaml.webhook.secretManagerTypes",
      fate: "not needed",
      why: "overridden by data.100-inline-config.yaml.webhook.secretManagerTypes",
    });
  });

  test("a list of managers overrides a single one; an empty list does not", () => {
    const of = (more: object) => migrateConfig([{ webhook: { vaultSecretManager: { role: "a" }, ...more } }]);
    expect(of({ secretManagerType: "K8s", secretManagerTypes: ["Vault"] }).config).toBeDefined();
    expect(of({ secretManagerType: "Vault", secretManagerTypes: ["K8s"] }).config).toBeUndefined();
    expect(of({ secretManagerType: "Vault", secretManagerTypes: [] }).config).toBeDefined();
  });

  test.each([
    ["only Vault's settings", { vaultSecretManager: { role: "a" } }, "webhook.secretManagerType"],
    ["only a selector", { namespaceSelector: { matchLabels: {} } }, "webhook.secretManagerType"],
    ["an empty list", { secretManagerTypes: [] }, "webhook.secretManagerType"],
  ])("%s: refused, because Flyte's default manager is not Vault", (_, section, path) => {
    const { config, settings } = migrateConfig([{ configuration: { inline: { webhook: section } } }]);
    expect(config).toBeUndefined();
    expect(settings.at(-1)).toEqual({
      path: `configuration.inline.${path}`,
      fate: "refused",
      why: expect.stringContaining("default is not Vault"),
    });
  });

  test("files without a section: nothing", () => {
    expect(
      migrateConfig([{ admin: { endpoint: "x" } }, { webhook: { enabled: true } }, "text", null]).settings,
    ).toEqual([]);
  });
});
