/** The examples in docs/examples: not supported surface, but true. */
import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { testPlugin } from "flyte-vault-webhook/testing";
import meshOrder from "../../docs/examples/mesh-order.ts";
import renewal from "../../docs/examples/renewal.ts";
import wholeSecret from "../../docs/examples/whole-secret.ts";
import { renderAll } from "../agent/engine.ts";
import { cleanUp, withPlugins } from "../host/plugins.ts";
import { WEBHOOK } from "./folder.ts";
import { fileIds } from "./ids.ts";

cleanUp();

const VAULT = "vault.hashicorp.com/";
const sidecar = {
  [`${VAULT}agent-pre-populate-only`]: "false",
  [`${VAULT}template-static-secret-render-interval`]: "10m",
  [`${VAULT}agent-revoke-on-shutdown`]: "true",
};

test("mesh-order", () =>
  testPlugin(meshOrder, {
    valid: [{ name: "first", expect: { annotations: { [`${VAULT}agent-init-first`]: "true" } } }],
    invalid: [{ name: "an option", with: { first: true } }],
  }));

test("whole-secret", async () => {
  const secrets = [
    { group: "secret/data/a", key: "all.json", group_version: "kv2" },
    { group: "kv1/b", key: "all.json", group_version: "kv1" },
    { group: "secret/data/c", key: "api_key", group_version: "kv2" },
    { group: 'secret/"d', key: "all.json", group_version: "kv2" },
  ];
  const [a, b] = await fileIds(secrets);
  await testPlugin(wholeSecret, {
    valid: [
      {
        name: "by engine",
        secrets,
        expect: {
          annotations: {
            [`${VAULT}agent-inject-template-${a}`]:
              '{{- with secret "secret/data/a" -}}{{ .Data.data | toJSON }}{{- end -}}',
            [`${VAULT}agent-inject-template-${b}`]:
              '{{- with secret "kv1/b" -}}{{ .Data | toJSON }}{{- end -}}',
          },
        },
      },
    ],
    invalid: [],
  });
});

test("whole-secret: what the agent writes", async () => {
  const templates = [
    '{{- with secret "secret/data/a" -}}{{ .Data.data | toJSON }}{{- end -}}',
    '{{- with secret "kv1/b" -}}{{ .Data | toJSON }}{{- end -}}',
  ];
  const stored = { user: "u", "tls.key": 'line\n"quoted" <&>' };
  const rendered = await renderAll(templates, { "secret/data/a": stored, "kv1/b": stored });
  expect(rendered.texts.map((text) => JSON.parse(text ?? ""))).toEqual([stored, stored]);
}, 300_000);

test("renewal", () =>
  testPlugin(renewal, {
    valid: [
      { name: "lives long", with: { every: "10m" }, expect: { annotations: sidecar } },
      { name: "a task", with: { every: "10m" }, spec: { restartPolicy: "Never" }, expect: {} },
    ],
    invalid: [{ name: "no duration", with: { every: "often" }, message: "a duration such as 10m" }],
  }));

test("every example is tested here, and loads from its file", async () => {
  const folder = join(WEBHOOK, "docs/examples");
  const files = readdirSync(folder).sort();
  expect(files).toEqual(["mesh-order.ts", "renewal.ts", "whole-secret.ts"]);
  const engine = await withPlugins(files.map((file) => ({ use: join(folder, file) })));
  expect(engine.hash).toMatch(/^[0-9a-f]{16}$/);
});
