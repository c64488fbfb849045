import { describe, expect, test } from "bun:test";
import { compileProfile } from "../../../src/core/vault/profile.ts";
import { ANNOTATION_CLASSES, CLASS_OF } from "../../../src/injector/classes.ts";
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
const FREE: ReadonlySet<string> = new Set(["lifecycle", "log", "resources"]);
const KEYS = VAULT_ANNOTATIONS.map(
  (entry) => [vaultKey(entry.name, "suffixed" in entry ? "x" : undefined), CLASS_OF[entry.name]] as const,
);

describe("compileProfile: hardened", () => {
  test.each(KEYS)("%s, of class %s", (key, kind) => {
    expect(inHardened(key, "pod's", undefined)).toBe(FREE.has(kind) ? undefined : ANNOTATION_CLASSES[kind]);
    expect(inHardened(key, "pod's", "platform's")).toBe(
      FREE.has(kind) ? undefined : ANNOTATION_CLASSES[kind],
    );
    expect(inHardened(key, "same", "same")).toBeUndefined();
  });

  test("leaves resources, log settings and lifecycle to pods", () => {
    const left = KEYS.filter(([key]) => inHardened(key, "x", undefined) === undefined).map(([key]) => key);
    expect(left.map((key) => key.slice(VAULT_DOMAIN.length))).toEqual([
      ...["agent-inject-status", "agent-inject", "agent-init-first"],
      ...["agent-pre-populate", "agent-pre-populate-only"],
      ...["agent-limits-cpu", "agent-limits-mem", "agent-limits-ephemeral"],
      ...["agent-requests-cpu", "agent-requests-mem", "agent-requests-ephemeral"],
      ...["agent-revoke-on-shutdown", "agent-revoke-grace", "client-max-retries", "client-timeout"],
      ...["go-max-procs", "log-level", "log-format", "template-config-exit-on-retry-failure"],
      ...["template-static-secret-render-interval", "template-max-connections-per-host"],
      ...["template-lease-renewal-threshold", "agent-enable-quit", "auth-min-backoff", "auth-max-backoff"],
      ...["agent-disable-idle-connections", "agent-disable-keep-alives", "agent-auto-auth-exit-on-err"],
      "error-on-missing-key-x",
    ]);
  });

  test.each(["agent-inject-secrets-x", "new-in-1.8", "", "agent-inject-secret-"])(
    "refuses %j, which the vocabulary does not have",
    (name) => expect(inHardened(VAULT_DOMAIN + name, "x", undefined)).toContain("does not know"),
  );

  test("leaves other domains alone", () => {
    expect(inHardened("acme.io/role", "x", undefined)).toBeUndefined();
  });
});

test("compileProfile: flyte leaves everything to the pod", () => {
  expect(compileProfile("flyte")(`${VAULT_DOMAIN}role`, "mine", "flyte")).toBeUndefined();
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
