/** What holds for every bundled plugin. */
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseConfig } from "../../src/config/parse.ts";
import { describeBundled } from "../../src/host/authoring/describe.ts";
import { BUNDLED } from "../../src/host/plugin/bundled.ts";
import { applyOutcome, podWith, reviewPod, secret } from "../fixtures/engine.ts";
import { cleanUp, withPlugins } from "../host/plugins.ts";
import { BUNDLED_DOCS, renderBundledDocs } from "./bundled-docs.ts";
import { WEBHOOK } from "./folder.ts";

cleanUp();

const docs = await readFile(BUNDLED_DOCS, "utf8");
const described = await describeBundled();

test("BUNDLED (src/host/plugin/bundled.ts) names the files of plugins/", () => {
  expect([...BUNDLED]).toEqual(
    readdirSync(join(WEBHOOK, "plugins"))
      .map((file) => file.replace(/\.ts$/, ""))
      .sort(),
  );
});

test("docs/bundled-plugins.md is what the plugins say (bun test/plugins/update-docs.ts writes it)", async () => {
  expect(docs).toBe(await renderBundledDocs());
  expect(docs.match(/^\| `[^`]+` \| +\|$/gm) ?? []).toEqual([]);
});

describe.each([...BUNDLED])("%s", (name) => {
  test("imports the public API alone, and has its own test", async () => {
    const source = await readFile(join(WEBHOOK, "plugins", `${name}.ts`), "utf8");
    const imported = [...source.matchAll(/\bfrom "([^"]+)"|\bimport\(/g)].map(([, from]) => from);
    expect(new Set(imported)).toEqual(new Set(["flyte-vault-webhook/plugin", "valibot"]));
    expect(existsSync(join(WEBHOOK, "test/plugins", `${name}.test.ts`))).toBe(true);
  });

  test("has the name of its file, and describes itself", () => {
    const plugin = described.find((candidate) => candidate.name === name);
    expect(plugin?.description).toMatch(/^[A-Z].*[^.]$/);
    expect(plugin?.about).toContain(`- use: ${name}`);
    expect(plugin?.options).not.toBeEmpty();
  });

  test.each(["flyte", "hardened"])(
    "its documented entry serves a pod, and leaves it alone the second time (%s)",
    async (profile) => {
      const [, section = ""] = docs.split(`\n## ${name}\n`);
      const [, yaml = ""] = /^```yaml\n([\s\S]*?)^```$/m.exec(section) ?? [];
      const parsed = parseConfig(yaml.replaceAll(`\${env:CLUSTER}`, "eu-1"));
      if (!parsed.ok) throw new Error(parsed.issues[0].message);
      const { use, with: options } = parsed.value.plugins[0] ?? { use: "" };
      const engine = await withPlugins([{ use, with: options }], { policy: { profile } });
      const pod = podWith([
        secret({ group: "secret/data/flytesnacks/development/db", key: "api_key", group_version: "kv2" }),
        secret({ group: "secret/data/flytesnacks/development/db", key: "tls.crt", group_version: "kv2" }),
        secret({ group: "database/creds/flytesnacks-ro", key: "creds", group_version: "db" }),
      ]);
      const first = await reviewPod(engine, pod);
      expect(first.status).toBeUndefined();
      expect(first.issues.filter(({ severity }) => severity === "error" || severity === "deny")).toEqual([]);
      const second = await reviewPod(engine, applyOutcome(pod, first));
      expect(second.status).toBeUndefined();
      expect(second.patch).toBe("");
    },
  );
});

test("Flyte's documented configuration, in values that a Vault agent takes", async () => {
  // docs: annotations { vault.hashicorp.com/namespace: "team-a", vault.hashicorp.com/auth-config-type: "gcp" }
  const engine = await withPlugins([
    { use: "namespace", with: { namespace: "team-a" } },
    { use: "gcp-auth", with: { type: "gce" } },
  ]);
  const request = secret({ group: "secret/data/helper", key: "api_key", group_version: "kv2" });
  const outcome = await reviewPod(engine, podWith([request]));
  expect(outcome.issues.filter(({ severity }) => severity !== "info")).toEqual([]);
  const annotations = Object.fromEntries(
    outcome.explain().annotations.map(({ key, value }) => [key.replace("vault.hashicorp.com/", ""), value]),
  );
  expect(annotations).toMatchObject({
    namespace: "team-a",
    role: "flyte",
    "auth-type": "gcp",
    "auth-path": "auth/gcp",
    "auth-config-type": "gce",
  });
});

describe("together", () => {
  const request = secret({ group: "db", key: "api_key", group_version: "kv2" });
  const rest = [
    { use: "namespace", with: { namespace: "team-a" } },
    { use: "role-map", with: { rules: [{ projects: ["flyte*"], role: "snacks" }] } },
    { use: "path-policy", with: { prefix: "secret/data/{project}/" } },
    { use: "agent-resources", with: { requests: { cpu: "25m" }, limits: { cpu: "100m" } } },
    { use: "agent-security", with: { runAsUser: 1000, runAsGroup: 1000 } },
    { use: "fail-fast" },
    { use: "private-ca", with: { tlsSecret: "vault-ca" } },
  ];
  const gcp = {
    use: "gcp-auth",
    with: { type: "iam", serviceAccount: "flyte@acme.iam.gserviceaccount.com" },
  };
  const kubernetes = { use: "auth", with: { method: "kubernetes", path: "auth/eu-1" } };
  const jwt = { use: "auth", with: { method: "jwt" } };

  /** Annotations of the login alone. */
  async function login(...logins: object[]): Promise<Record<string, string>> {
    const engine = await withPlugins([...logins, ...rest], { policy: { strict: true, profile: "hardened" } });
    const outcome = await reviewPod(engine, podWith([request]));
    expect(outcome.status).toBeUndefined();
    expect(outcome.issues.filter(({ severity }) => severity !== "info")).toEqual([]);
    const found = outcome
      .explain()
      .annotations.filter(({ key }) => key.includes("/auth-") || key.endsWith("/role"));
    return Object.fromEntries(
      found.map(({ key, value }) => [key.replace("vault.hashicorp.com/", ""), value]),
    );
  }

  test("all of them, and the last login wins whole", async () => {
    expect(await login(jwt, gcp)).toEqual({
      role: "snacks",
      "auth-type": "gcp",
      "auth-path": "auth/gcp",
      "auth-config-type": "iam",
      "auth-config-service-account": "flyte@acme.iam.gserviceaccount.com",
    });
    expect(await login(gcp, jwt, kubernetes)).toEqual({
      role: "snacks",
      "auth-type": "kubernetes",
      "auth-path": "auth/eu-1",
    });
  });
});
