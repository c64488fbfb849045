import { describe, expect, test } from "bun:test";
import { compileGlobs } from "../../../src/core/glob.ts";
import { compileProfile, PROFILES, toProfileRules } from "../../../src/core/vault/profile.ts";
import { VAULT_ANNOTATIONS, VAULT_DOMAIN, vaultKey } from "../../../src/injector/vocabulary.ts";
import {
  applyOutcome,
  createTestEngine,
  DEFAULT_SETTINGS,
  podWith,
  reviewPod,
  secret,
} from "../../fixtures/engine.ts";

const inHardened = compileProfile("hardened");
const judge = (name: string, value = "pod's", platform?: string) =>
  inHardened(VAULT_DOMAIN + name, value, platform)?.kind;

describe("compileProfile: hardened", () => {
  test.each([
    "role",
    "namespace",
    "auth-type",
    "auth-path",
    "auth-config-role",
    "auth-min-backoff",
    "service",
    "proxy-address",
    "tls-skip-verify",
    "tls-secret",
    "tls-server-name",
    "ca-cert",
    "ca-key",
  ])("locks %s", (name) => expect(judge(name)).toBe("locked"));

  test.each([
    "agent-image",
    "agent-configmap",
    "agent-inject-command-x",
    "agent-json-patch",
    "agent-init-json-patch",
    "agent-inject-secret-x",
    "agent-inject-template-x",
    "agent-inject-template-file-x",
  ])("denies %s", (name) => expect(judge(name)).toBe("denied"));

  test.each([
    "agent-inject",
    "agent-limits-cpu",
    "agent-init-first",
    "agent-inject-file-x",
    "agent-inject-containers",
    "agent-pre-populate-only",
    "log-level",
    "error-on-missing-key-x",
  ])("leaves %s to the pod", (name) => expect(judge(name)).toBeUndefined());

  test("takes what the platform sets itself", () => {
    expect(judge("role", "flyte", "flyte")).toBeUndefined();
    expect(judge("role", "flyte", "other")).toBe("locked");
    expect(judge("agent-inject-template-x", "t", "t")).toBeUndefined();
  });

  test("knows other domains' annotations not", () => {
    expect(inHardened("acme.io/role", "x", undefined)).toBeUndefined();
  });
});

test("compileProfile: flyte leaves everything to the pod", () => {
  expect(compileProfile("flyte")(`${VAULT_DOMAIN}role`, "mine", "flyte")).toBeUndefined();
});

describe("toProfileRules", () => {
  const known = VAULT_ANNOTATIONS.flatMap(({ name }) => [vaultKey(name), vaultKey(name, "x")]);

  test.each(PROFILES)("%s: every pattern is for annotations that exist, and says why", (profile) => {
    for (const { pattern, why } of toProfileRules(profile)) {
      expect(known.filter(compileGlobs([pattern])), pattern).not.toBeEmpty();
      expect(why).toMatch(/^[a-z].*[^.]$/);
    }
  });
});

describe("a second pass under hardened", () => {
  const policy = { ...DEFAULT_SETTINGS.policy, profile: "hardened" } as const;
  const settings = { ...DEFAULT_SETTINGS, policy };

  // An identifier, a guarded key, a file without a template of ours.
  test.each([
    secret({ group: "secret/data/team", key: "api_key", group_version: "kv2" }),
    secret({ group: "secret/team", key: "tls.crt", group_version: "kv1" }),
    secret({ group: "database/creds/team", key: "creds", group_version: "db" }),
  ])("$key is allowed, and nothing is patched", async (request) => {
    const engine = await createTestEngine(settings);
    const pod = podWith([request]);
    const first = await reviewPod(engine, pod);
    expect(first.status).toBeUndefined();
    const second = await reviewPod(engine, applyOutcome(pod, first));
    expect(second.status).toBeUndefined();
    expect(second.patch).toBe("");
    expect(second.explain().annotations.map(({ key }) => key)).toEqual(
      expect.arrayContaining(first.explain().annotations.map(({ key }) => key)),
    );
  });

  test("another template under a request's id is refused", async () => {
    const engine = await createTestEngine(settings);
    const pod = podWith([secret({ group: "secret/data/team", key: "api_key", group_version: "kv2" })]);
    const patched = applyOutcome(pod, await reviewPod(engine, pod));
    const annotations: Record<string, string> = patched.metadata.annotations;
    for (const key in annotations) {
      if (key.includes("template")) annotations[key] = '{{ with secret "secret/data/other" }}{{ end }}';
    }
    const second = await reviewPod(engine, patched);
    expect(second.allowed).toBe(false);
    expect(second.status?.message).toContain("agent-inject-template-");
  });
});
