// biome-ignore-all lint/suspicious/noTemplateCurlyInString: "${env:NAME}" is the syntax under test
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseConfig, parseSources } from "../../src/config/parse.ts";
import type { Settings } from "../../src/core/settings.ts";
import { accepted, issuesOf } from "./expect.ts";

const DEFAULTS = {
  version: 1,
  webhook: {
    vaultSecretManager: { role: "flyte", kvVersion: 2, annotations: {} },
    secretManagerTypes: ["Vault"],
    listenPort: 9443,
    certDir: "/etc/webhook/certs",
    serviceName: "flyte-pod-webhook",
    servicePort: 443,
    webhookTimeout: 10,
    metricsPrefix: "flyte:",
  },
  plugins: [],
  policy: {
    profile: "flyte",
    ids: "stable",
    fileNames: "flyte",
    envVars: "refuse",
    locked: [],
    denied: [],
    mode: "enforce",
    strict: false,
    unclaimed: "deny",
  },
  server: {
    admission: { host: "0.0.0.0" },
    management: { port: 8080, host: "127.0.0.1", hosts: [] },
    preview: { enabled: true },
    reload: true,
    replay: 32,
  },
  audit: { paths: "full" },
  injector: { version: "1.7.6", flags: {} },
};

describe("parseConfig", () => {
  test.each([
    "",
    "\uFEFF",
    "# a comment\n",
    "---\n",
    "{}",
    "null",
    "version: 1",
    "webhook:\npolicy:\nplugins:\nserver:\naudit:",
    "webhook: { vaultSecretManager: , listenPort: ~, secretManagerTypes: }",
  ])("fills in every default: %p", (text) => {
    expect(accepted(text)).toEqual(DEFAULTS as never);
  });

  test("takes an object as it takes its text", () => {
    expect(accepted({})).toEqual(DEFAULTS as never);
    expect(accepted({ policy: { ids: "random", locked: undefined } }).policy.ids).toBe("random");
    expect(parseConfig({ policy: { ids: "x" } }).issues[0]?.message).toBe(
      'policy.ids is "x", expected stable or random',
    );
  });

  test("satisfies the core's settings", () => {
    const settings: Settings = accepted("");
    expect(settings.audit.paths).toBe("full");
  });

  test("reads our sections in full", () => {
    const config = accepted(
      `
plugins:
  - use: namespace
    with: { namespace: "\${env:TEAM}-ns" }
    when:
      projects: [flytesnacks]
      domains: ["prod*"]
      labels: { team: "ml-*", tier: [gold, silver] }
      serviceAccounts: [default]
      groups: ["secret/data/*"]
  - use: ./plugins/cost-center.ts
    allow: ["acme.io/*"]
    onError: skip
    timeout: 1s500ms
    isolate: none
policy: { ids: random, fileNames: flytekit, locked: ["vault.hashicorp.com/auth-*"], denied: ["*/tls-skip-verify"], strict: true }
server: { management: { port: 0, host: "::" }, preview: { enabled: false, token: "\${env:TOKEN}" }, reload: false }
audit: { paths: hash }`,
      { env: { TEAM: "a", TOKEN: "t$1" } },
    );
    expect(config.policy.fileNames).toBe("flytekit");
    expect(config.plugins).toEqual([
      {
        use: "namespace",
        with: { namespace: "a-ns" },
        when: {
          projects: ["flytesnacks"],
          domains: ["prod*"],
          labels: { team: ["ml-*"], tier: ["gold", "silver"] },
          serviceAccounts: ["default"],
          groups: ["secret/data/*"],
        },
        allow: [],
        onError: "deny",
        timeout: 500,
      },
      {
        use: "./plugins/cost-center.ts",
        with: {},
        when: {},
        allow: ["acme.io/*"],
        onError: "skip",
        timeout: 1500,
        isolate: "none",
      },
    ]);
    expect(config.server).toMatchObject({ preview: { enabled: false, token: "t$1" }, reload: false });
    expect(config.audit.paths).toBe("hash");
  });

  test("fileNames takes a list", () => {
    const { policy } = accepted("policy: { fileNames: [flytekit, flyte-sdk] }");
    expect(policy.fileNames).toEqual(["flytekit", "flyte-sdk"]);
  });

  test("resolves anchors, aliases and merge keys", () => {
    const config = accepted(`
x-defaults: &defaults { ids: random, strict: true }
policy: { <<: *defaults, strict: false }`);
    expect(config.policy).toMatchObject({ ids: "random", strict: false });
  });

  test.each([
    ["x: &name ids\npolicy: { *name : random }", "an alias as a name"],
    ["x: { ? &name ids : 1 }\npolicy: { *name : random }", "the alias of a name"],
    ["? \n: 1\npolicy: { ids: random }", "a name without a text"],
    ['"policy": { "ids": "random" }', "JSON"],
    ["policy: !any { ids: !!str random }", "tags"],
  ])("reads %p: %s", (text) => {
    expect(accepted(text).policy.ids).toBe("random");
  });

  test("merges the documents of one text", () => {
    expect(accepted("policy: { ids: random }\n---\npolicy: { strict: true }\n").policy).toMatchObject({
      ids: "random",
      strict: true,
    });
  });

  test("keeps odd names as data and out of every prototype", () => {
    const config = accepted(
      "plugins: [{ use: a, with: { __proto__: { polluted: 1 }, constructor: { b: 1 } } }]",
    );
    expect(Object.hasOwn(config.plugins[0]?.with as object, "__proto__")).toBe(true);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    issuesOf(JSON.parse('{"__proto__":{"policy":{"ids":"random"}},"policy":{"__proto__":{"ids":"random"}}}'));
    expect(accepted("").policy.ids).toBe("stable");
  });

  test("refuses a mistyped section, and leaves all others alone", () => {
    const told = (text: string) => issuesOf(text).map(({ code, severity }) => `${severity} ${code}`);
    for (const name of ["plugin", "polices", "sever", "Policy", "adit", "web-hook", "versions"]) {
      expect(told(`${name}: {}`)).toEqual(["error config.section-unknown"]);
    }
    const ofFlyte =
      "actions admin apps artifacts auth cache cacheservice catalog catalog-cache cloudEvents cluster_resources database dataproxy domains event executor externalEvents flyte flyteadmin internalApps k8s logger manager namespace_mapping notifications otel propeller qualityOfService queues rateLimiter registration remoteData runs scheduler secret secrets sharedservice storage task_resources tasks union workflow $schema";
    for (const name of ofFlyte.split(" ")) expect([name, ...told(`${name}: { a: 1 }`)]).toEqual([name]);
  });

  test("tells Flyte's own plugins and server sections from ours", () => {
    const text = `
plugins: { k8s: { default-env-vars: [] }, logs: {} }
server: { httpPort: 8088, security: { secure: false }, reload: false }`;
    expect(issuesOf(text).map(({ code, path }) => `${code} ${path}`)).toEqual([
      "config.section-of-flyte plugins",
      "config.section-of-flyte server",
    ]);
    expect(accepted(text).server.reload).toBe(false);
  });

  test("never throws, and refuses with a reason, whatever the object", () => {
    const key = fc.oneof(
      fc.constantFrom(
        "webhook",
        "policy",
        "plugins",
        "server",
        "vaultSecretManager",
        "annotations",
        "use",
        "when",
      ),
      fc.string(),
    );
    const anything = fc.object({
      key,
      maxDepth: 4,
      withNullPrototype: true,
      withDate: true,
      withBigInt: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        const parsed = parseConfig(value);
        expect(parsed.ok || parsed.issues.length > 0).toBe(true);
        const text = JSON.stringify(value, (_, part) => (typeof part === "bigint" ? 0 : part));
        expect(typeof parseConfig(text).ok).toBe("boolean");
      }),
      { numRuns: 300 },
    );
  });

  test("never throws, whatever the text", () => {
    const piece = fc.constantFrom(
      "webhook:",
      "policy: ",
      " ",
      "\n",
      "  ",
      "- ",
      "{",
      "}",
      "[",
      "]",
      "*a",
      "&a ",
      "<<: ",
      "? ",
      ": ",
      "!!map ",
      "|\n",
      "'",
      '"',
      "a",
      "1",
      "${env:",
      "}",
      "---\n",
      "\t",
      "\u0000",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 20 }), (pieces) => {
        expect(typeof parseConfig(pieces.join("")).ok).toBe("boolean");
      }),
      { numRuns: 500 },
    );
  });
});

describe("parseSources", () => {
  const parse = (...contents: string[]) =>
    parseSources(contents.map((content, index) => ({ content, file: `${index}.yaml` })));

  test("merges maps by name and replaces the rest; names of webhook without regard to case", () => {
    const parsed = parse(
      "webhook: { vaultSecretManager: { role: a, annotations: { x/a: '1', x/b: '2' } } }\npolicy: { locked: [a, b] }",
      "Webhook: { VAULTSECRETMANAGER: { Role: b, annotations: { x/b: '3' } } }\npolicy: { locked: [c] }",
      "policy:\nwebhook: { vaultSecretManager: { role: } }",
    );
    expect(parsed.ok && parsed.value.config.webhook.vaultSecretManager).toEqual({
      role: "b",
      kvVersion: 2,
      annotations: { "x/a": "1", "x/b": "3" },
    });
    expect(parsed.ok && parsed.value.config.policy.locked).toEqual(["c"]);
  });

  test("names the file of each issue, and of the plugin list", () => {
    const parsed = parse(
      "policy: { ids: x }\nplugins: [{ use: a }]",
      "plugins: [{ use: b, timeout: x }]",
      "audit:\n  paths: y",
    );
    expect(parsed.issues.map(({ message }) => message.split(": ")[0]).sort()).toEqual([
      "0.yaml:1:11",
      "1.yaml:1:21",
      "2.yaml:2:3",
    ]);
    const good = parse("plugins: [{ use: a }]", "plugins: [{ use: b }]", "policy: {}");
    expect(good.ok && good.value.pluginsFile).toBe("1.yaml");
  });

  test("lets Flyte's plugins map in one file stand beside our list in another", () => {
    const parsed = parse("plugins: [{ use: a }]", "plugins: { logs: {} }");
    expect(parsed.ok && parsed.value.config.plugins.map(({ use }) => use)).toEqual(["a"]);
  });
});
