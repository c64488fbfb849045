// biome-ignore-all lint/suspicious/noTemplateCurlyInString: "${env:NAME}" is the syntax under test
import { describe, expect, test } from "bun:test";
import { parseConfig } from "../../src/config/parse.ts";
import { configIssues } from "../../src/core/issue/config.ts";
import { brief, issuesOf } from "./expect.ts";

// Code and place; text; the first issue as it is told.
const REFUSED: readonly (readonly [string, string, string])[] = [
  ["config.syntax", "policy: [", "webhook.yaml:1:10: Cannot read YAML: Flow sequence in block collection"],
  [
    "config.syntax",
    "policy: {}\npolicy: {}",
    'webhook.yaml:2:1: Cannot read YAML: the key "policy" is there twice',
  ],
  [
    "config.syntax",
    "policy: *none",
    "webhook.yaml:1:9: Cannot read YAML: the alias *none has no anchor &none before it",
  ],
  ["config.syntax", "[".repeat(50_000), "Cannot read YAML: it is nested too deeply"],
  ["config.too-large", "webhook: &a [*a]", "more than 64 levels"],
  ["config.not-map", "- webhook", "webhook.yaml:1:1: Expected a map of sections, found a list"],
  ["config.not-map", "webhook", 'webhook.yaml:1:1: Expected a map of sections, found "webhook"'],
  [
    "config.name-twice",
    "webhook: {}\nWebhook: {}",
    "webhook.yaml:2:1: Webhook and webhook are the same name",
  ],
  [
    "config.name-twice",
    "webhook:\n  certDir: a\n  CERTDIR: b",
    "webhook.yaml:3:3: webhook.CERTDIR and certDir are the same name",
  ],
  [
    "config.name-unknown",
    "policy:\n  idz: stable",
    "webhook.yaml:2:3: Unknown key policy.idz; did you mean policy.ids?",
  ],
  ["config.name-unknown", "audit: { path: full }", "Unknown key audit.path; did you mean audit.paths?"],
  ["config.name-unknown", "server: { management: { prot: 1 } }", "did you mean server.management.port?"],
  [
    "config.name-unknown",
    "plugins: [{ use: a, wiht: {} }]",
    "Unknown key plugins[0].wiht; did you mean plugins[0].with?",
  ],
  [
    "config.name-unknown",
    "plugins: [{ use: a, when: { Projects: [] } }]",
    "did you mean plugins[0].when.projects?",
  ],
  ["config.name-unknown", "policy: { __proto__: { ids: random } }", "Unknown key policy.__proto__"],
  ["config.name-unknown", "policy: { constructor: 1 }", "Unknown key policy.constructor"],
  [
    "config.syntax",
    "policy: { ? { a: 1 } : 2 }",
    "webhook.yaml:1:13: Cannot read YAML: a list or a map cannot be a name",
  ],
  ["config.value", "policy: { ids: unstable }", 'policy.ids is "unstable", expected stable or random'],
  [
    "config.value",
    "policy: { fileNames: [flyte, flytektt] }",
    "policy.fileNames is a list, expected flyte, flytekit or flyte-sdk, or a list of them",
  ],
  ["config.value", "policy: { fileNames: [] }", "expected flyte, flytekit or flyte-sdk, or a list of them"],
  ["config.value", "policy: []", "policy is a list, expected a map"],
  ["config.value", "plugins: [[use]]", "plugins[0] is a list, expected a map that has `use`"],
  ["config.value", "plugins: [{ use: a, when: [] }]", "plugins[0].when is a list, expected a map"],
  ["config.value", "policy: { locked: role }", 'policy.locked is "role", expected a list of strings'],
  ["config.value", "policy: { locked: [''] }", "policy.locked[0]"],
  ["config.value", "policy: { strict: 'yes' }", 'policy.strict is "yes", expected true or false'],
  ["config.value", "audit: { paths: some }", "expected full, hash or none"],
  ["config.value", "plugins: namespace", 'plugins is "namespace", expected a list of plugins'],
  ["config.value", "plugins: [{ use: a, timeout: 500 }]", "plugins[0].timeout is 500, expected a duration"],
  ["config.value", "plugins: [{ use: a, timeout: 0s }]", "expected a duration from 1ms to 30s"],
  ["config.value", "plugins: [{ use: a, onError: ignore }]", "expected deny or skip"],
  [
    "config.value",
    "plugins: [{ use: a, when: { labels: { team: 1 } } }]",
    "expected a string or a list of strings",
  ],
  ["config.value", "server: { management: { port: 70000 } }", "expected a whole number from 0 to 65535"],
  ["config.value", "server: { preview: { token: '' } }", 'server.preview.token is "", expected'],
  [
    "config.value",
    "server: { preview: { token: 'a b' } }",
    "server.preview.token is a value that is not shown",
  ],
  [
    "config.value",
    "server: { reload: 1 }",
    "server.reload is 1, expected true, false or a map that has `refuse`",
  ],
  ["config.value", "webhook: Vault", 'webhook is "Vault", expected a map'],
  ["config.value", "webhook: { listenPort: https }", 'webhook.listenPort is "https"'],
  ["config.value", "webhook: { webhookTimeout: 31 }", "expected a whole number from 1 to 30"],
  ["config.value", "webhook: { vaultSecretManager: { kvVersion: 0 } }", "kvVersion is 0, expected 1 or 2"],
  ["config.value", "webhook: { vaultSecretManager: { role: [a] } }", "role is a list, expected a string"],
  [
    "config.value",
    "webhook: { vaultSecretManager: { annotations: [a] } }",
    "annotations is a list, expected a map of strings",
  ],
  [
    "config.value",
    "webhook:\n  vaultSecretManager:\n    annotations:\n      a.b/c: { d: e }",
    'webhook.yaml:4:7: webhook.vaultSecretManager.annotations["a.b/c"] is a map, expected a string',
  ],
  [
    "config.value",
    "webhook: { secretManagerTypes: [Vualt] }",
    'secretManagerTypes[0] is "Vualt", expected Vault',
  ],
  [
    "config.value",
    "webhook: { secretManagerType: 9 }",
    "secretManagerType is 9, expected one of Global, K8s",
  ],
  ["config.missing", "plugins:\n  - with: {}", "webhook.yaml:2:5: plugins[0].use is missing"],
  ["config.not-yet", "policy: { unclaimed: handover }", 'policy.unclaimed is "handover"'],
  ["config.version", "version: 2", "version is 2, but this program reads version 1"],
  ["config.version", "version: '1'", 'version is "1"'],
  [
    "config.vault-missing",
    "webhook: { secretManagerTypes: [K8s, aws] }",
    "Expected Vault in webhook.secretManagerTypes, found K8s, AWS",
  ],
  [
    "config.vault-missing",
    "webhook: { secretManagerType: Embedded }",
    "Expected Vault in webhook.secretManagerType, found Embedded",
  ],
  [
    "config.env-unset",
    "plugins: [{ use: a, with: { b: ['x-${env:NONE}'] } }]",
    'plugins[0].with.b[0] refers to the environment variable "NONE"',
  ],
  [
    "config.env-unset",
    "webhook: { vaultSecretManager: { role: '${env:NONE}' } }",
    "role refers to the environment variable",
  ],
  [
    "config.env-unset",
    "webhook: { certDir: $NONE/certs }",
    "webhook.certDir refers to the environment variable",
  ],
  [
    "config.env-unset",
    "webhook: { listenPort: '${env:NONE}' }",
    "webhook.listenPort refers to the environment variable",
  ],
  ["config.env-unset", "policy: { ids: '${env:toString}' }", 'refers to the environment variable "toString"'],
  ["config.env-malformed", "server: { preview: { token: '${env:TOKEN' } }", "server.preview.token has"],
  [
    "config.denied",
    "webhook: { vaultSecretManager: { annotations: { vault.hashicorp.com/tls-skip-verify: 'true' } } }\npolicy: { denied: ['*/tls-*'] }",
    'webhook.yaml:1:49: webhook.vaultSecretManager.annotations sets the annotation "vault.hashicorp.com/tls-skip-verify"',
  ],
  [
    "config.denied",
    "policy: { denied: [vault.hashicorp.com/role] }",
    "webhook.vaultSecretManager.role sets the annotation",
  ],
];

/** Shown in handed-over.test.ts. */
const HANDED_OVER = [
  "config.chart-values",
  "config.configmap-read",
  "config.configmaps-several",
  "config.empty",
  "config.kubernetes-object",
  "config.misplaced",
  "config.nested",
  "config.nothing",
  "config.section-unknown",
];

describe("parseConfig refuses", () => {
  test.each(REFUSED)("%s: %p", (code, text, message) => {
    const parsed = parseConfig(text, { file: "webhook.yaml" });
    expect(parsed.ok).toBe(false);
    const [first] = parsed.issues;
    expect(first).toMatchObject({ code, severity: "error" });
    expect(first?.message).toContain(message);
    expect(first?.message).toStartWith("webhook.yaml:");
    expect(first?.help).not.toBe("");
  });

  test("every error of a text at once", () => {
    const text = "version: 3\npolicy: { idz: 1, strict: 2 }\nserver: { reload: no }\nplugins: [{}]";
    expect(issuesOf(text).map(({ code, path }) => `${code} ${path}`)).toEqual([
      "config.name-unknown policy.idz",
      "config.version version",
      "config.missing plugins[0].use",
      "config.value policy.strict",
      "config.value server.reload",
    ]);
  });

  test("an alias bomb, before it grows", () => {
    const levels = "bcdefgh".split("").map((name, index) => {
      const before = `*${"abcdefgh"[index]}`;
      return `${name}: &${name} [${Array(10).fill(before).join(", ")}]`;
    });
    const started = performance.now();
    expect(issuesOf(`a: &a [x]\n${levels.join("\n")}`).map(({ code }) => code)).toEqual(["config.too-large"]);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test.each([
    ["a function", { plugins: () => 1 }],
    ["an object of a class", { webhook: { certDir: new Date(0) } }],
    ["a bigint", { version: 1n }],
  ])("what JSON cannot say: %s", (got, value) => {
    const [issue] = issuesOf(value);
    expect(issue).toMatchObject({ code: "config.not-data" });
    expect(issue?.message).toContain(got);
  });

  test("at most 100 issues, however many there are, and in little time", () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `k${i}: b`).join(", ");
    const wrong = "1, ".repeat(20_000);
    const started = performance.now();
    for (const text of [`policy: { ${names} }`, `policy: { locked: [${wrong}], ${names} }`]) {
      const issues = issuesOf(text);
      expect(issues).toHaveLength(101);
      expect(issues.at(-1)).toMatchObject({ code: "config.more-issues", severity: "info" });
      expect(issues[0]?.severity).toBe("error");
    }
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test("a text of very many words, before it is parsed", () => {
    const text = `policy: { denied: [${"{a: [b]}, ".repeat(80_000)}] }`;
    const started = performance.now();
    expect(issuesOf(text).map(({ code }) => code)).toEqual(["config.too-large"]);
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  test("an object that contains itself", () => {
    const loop: { with?: unknown } = {};
    loop.with = loop;
    expect(issuesOf({ plugins: [{ use: "a", with: loop }] }).map(({ code }) => code)).toEqual([
      "config.not-data",
    ]);
  });

  test("and never shows the value of an environment variable", () => {
    const env = { SECRET: "hunter2" };
    const text = `
webhook: { listenPort: "\${env:SECRET}", secretManagerTypes: ["\${env:SECRET}"], vaultSecretManager: { kvVersion: "\${env:SECRET}" } }
policy: { ids: "\${env:SECRET}", strict: "\${env:SECRET}", locked: "\${env:SECRET}" }
server: { preview: { token: [], enabled: "\${env:SECRET}" }, management: { port: "\${env:SECRET}" } }
plugins: [{ use: a, timeout: "\${env:SECRET}", onError: "\${env:SECRET}" }]`;
    const issues = issuesOf(text, { env });
    expect(issues.length).toBeGreaterThan(8);
    expect(JSON.stringify(issues)).not.toContain("hunter2");
    expect(issues.map(brief).join("\n")).toContain('policy.ids is "${env:SECRET}"');
  });

  test("with every code of the table but those of files", () => {
    const told = new Set([...REFUSED.map(([code]) => code), "config.not-data"]);
    const errors = Object.keys(configIssues).filter((code) => !told.has(code));
    expect(errors.sort()).toEqual(
      [
        "config.annotation-reserved",
        "config.annotation-text",
        // test/config/slips.test.ts
        "config.annotation-twice",
        "config.blanks",
        "config.file-missing",
        "config.file-too-large",
        "config.file-unreadable",
        "config.files-none",
        "config.files-too-large",
        // test/config/injector.test.ts
        "config.injector-flag",
        "config.injector-value",
        "config.injector-version",
        "config.more-issues",
        "config.parse-timeout",
        // test/config/patterns.test.ts
        "config.pattern-unmatched",
        "config.preview-open",
        "config.role-twice",
        "config.section-of-flyte",
        "config.twice",
        "config.unrendered",
        "config.webhook-name-unknown",
        "config.when-nothing",
        "config.when-unmatched",
        ...HANDED_OVER,
      ].sort(),
    );
  });
});
