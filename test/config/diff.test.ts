// biome-ignore-all lint/suspicious/noTemplateCurlyInString: "${env:NAME}" is the syntax under test
/** What a reload says of two configurations: each change by its path, nothing that may be secret. */
import { expect, test } from "bun:test";
import { diffConfigs } from "../../src/config/diff.ts";
import { parseSources } from "../../src/config/parse.ts";

const NAMESPACE = "vault.hashicorp.com/namespace";

function diff(before: string, after: string, env: Record<string, string> = {}) {
  const [old, next] = [before, after].map((content) => parseSources([{ content }], env));
  if (!old?.ok || !next?.ok) throw new Error("refused");
  return diffConfigs(old.value.config, next.value.config, [...old.value.fromEnv, ...next.value.fromEnv]);
}

test.each([
  ["", "", []],
  ["", "webhook: { vaultSecretManager: { role: ml } }", ['webhook.vaultSecretManager.role: "flyte" → "ml"']],
  ["policy: { strict: true }", "", ["policy.strict: true → false"]],
  ["policy: { locked: [a] }", "policy: { locked: [a, b] }", ['policy.locked: ["a"] → ["a","b"]']],
  [
    "",
    `webhook: { vaultSecretManager: { annotations: { ${NAMESPACE}: a } } }`,
    [`webhook.vaultSecretManager.annotations["${NAMESPACE}"]: (none) → "a"`],
  ],
  [
    "server: { preview: { token: a } }",
    "server: { preview: { token: b } }",
    ["server.preview.token: changed"],
  ],
  [
    "plugins: [{ use: a, with: { k: 1 } }]",
    "plugins: [{ use: a, with: { k: 2 } }]",
    ["plugins[0].with.k: changed"],
  ],
  ["plugins: [{ use: a, with: [x] }]", "plugins: [{ use: a, with: [y] }]", ["plugins[0].with: changed"]],
  [
    "",
    "plugins: [{ use: a }]",
    [
      'plugins[0].use: (none) → "a"',
      'plugins[0].onError: (none) → "deny"',
      "plugins[0].timeout: (none) → 500",
    ],
  ],
  ["plugins: [{ use: a }]", "plugins: [{ use: a, timeout: 1s }]", ["plugins[0].timeout: 500 → 1000"]],
  [
    "webhook: { vaultSecretManager: { role: a } }",
    'webhook: { vaultSecretManager: { role: "${env:ROLE}" } }',
    ["webhook.vaultSecretManager.role: changed"],
  ],
])("%j → %j", (before, after, expected) => {
  const found = diff(before, after, { ROLE: "hunter2" });
  expect(found.map(({ text }) => text)).toEqual(expected);
  expect(JSON.stringify(found)).not.toContain("hunter2");
});

test("says what needs a restart", () => {
  const found = diff(
    "",
    "webhook: { listenPort: 1 }\nserver: { management: { port: 2 }, reload: false }\npolicy: { strict: true }",
  );
  expect(found.filter(({ needsRestart }) => needsRestart).map(({ path }) => path)).toEqual([
    "webhook.listenPort",
    "server.management.port",
  ]);
});
