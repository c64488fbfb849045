// biome-ignore-all lint/suspicious/noTemplateCurlyInString: "${NAME}" is the text under test
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { checkAnnotation } from "../../../src/core/check/annotation.ts";
import { nearest } from "../../../src/core/nearest.ts";
import {
  findAnnotation,
  VAULT_ANNOTATIONS,
  VAULT_DOMAIN,
  vaultKey,
} from "../../../src/injector/vocabulary.ts";
import { createTestEngine, podWith, reviewPod, secret } from "../../fixtures/engine.ts";
import fixture from "../../fixtures/vault-annotations.json" with { type: "json" };

/** Code and severity of what is wrong with one annotation; empty where nothing is. */
function judge(name: string, value: string): string {
  return checkAnnotation(`${VAULT_DOMAIN}${name}`, value)
    .map(({ code, severity }) => `${code} ${severity}`)
    .join();
}

describe("VAULT_ANNOTATIONS", () => {
  const types: Readonly<Record<string, readonly string[]>> = {
    bool: ["bool"],
    enum: ["enum"],
    quantity: ["quantity"],
    "int (unsigned, seconds)": ["uint"],
    int: ["int"],
    "int (seconds) or duration": ["duration"],
    duration: ["duration"],
    port: ["port"],
    "float (0..1)": ["float"],
    "file mode (octal string)": ["file mode"],
    "json (RFC 6902 patch)": ["json patch"],
    "list (comma-separated)": ["list"],
  };

  test("has every annotation of vault-k8s and no other, in its order", () => {
    const names: string[] = VAULT_ANNOTATIONS.map(({ name }) => `${VAULT_DOMAIN}${name}`);
    expect(names).toEqual(fixture.annotations.map(({ name }) => name));
  });

  test.each(fixture.annotations.map((row) => [row.name, row] as const))(
    "%s as vault-k8s has it",
    (key, row) => {
      const found = findAnnotation(row.suffixed ? `${key}-x` : key);
      expect(`${VAULT_DOMAIN}${found?.entry.name}`).toBe(key);
      expect(found?.suffix).toBe(row.suffixed ? "x" : undefined);
      expect(found?.entry.suffixOptional ?? false).toBe(row.suffixOptional ?? false);
      const whole = findAnnotation(key);
      expect(whole !== undefined && whole.entry === found?.entry).toBe(
        !row.suffixed || row.suffixOptional === true,
      );
      if (row.allowed) expect(found?.entry.value.allowed).toEqual(row.allowed);
      const type = types[row.type];
      if (type) expect(type).toContain(found?.entry.value.type ?? "");
      expect(found?.entry.meaning).toMatch(/^[A-Z].*[^.]$/);
      if (row.default === null) expect(found?.entry.default).toBeNull();
    },
  );
});

describe("findAnnotation", () => {
  test.each([
    ["agent-inject", "agent-inject", undefined],
    ["agent-inject-secret-a", "agent-inject-secret", "a"],
    ["agent-inject-secret-a-b-c", "agent-inject-secret", "a-b-c"],
    ["agent-inject-template-x", "agent-inject-template", "x"],
    ["agent-inject-template-file-x", "agent-inject-template-file", "x"],
    ["agent-inject-template-file", "agent-inject-template", "file"],
    ["agent-inject-template-filet", "agent-inject-template", "filet"],
    ["agent-inject-file-x", "agent-inject-file", "x"],
    ["secret-volume-path", "secret-volume-path", undefined],
    ["secret-volume-path-x", "secret-volume-path", "x"],
    ["preserve-secret-case", "preserve-secret-case", undefined],
    ["preserve-secret-case-x", "preserve-secret-case", "x"],
    ["auth-config-token-path", "auth-config", "token-path"],
    ["auth-type", "auth-type", undefined],
  ] as const)("%s is %s with suffix %s", (key, name, suffix) => {
    const found = findAnnotation(`${VAULT_DOMAIN}${key}`);
    expect<string | undefined>(found?.entry.name).toBe(name);
    expect(found?.suffix).toBe(suffix);
  });

  test.each(["agent-inject-secret", "agent-inject-secret-", "agent-inject-x", "auth-config", "", "role-x"])(
    "%p is unknown",
    (name) => expect(findAnnotation(`${VAULT_DOMAIN}${name}`)).toBeUndefined(),
  );

  test("other domains are not the injector's", () => {
    expect(findAnnotation("acme.io/role")).toBeUndefined();
  });
});

describe("checkAnnotation: keys", () => {
  test.each([
    ["agent-injec", "agent-inject"],
    ["rol", "role"],
    ["Namespace", "namespace"],
    ["agnet-inject-secret-db", "agent-inject-secret-db"],
    ["agent-inject-secrets-db", "agent-inject-secret-db"],
    ["agent-injct-secret-a-b", "agent-inject-secret-a-b"],
    ["agent-inject-templat-x", "agent-inject-template-x"],
    ["agent-prepopulate-only", "agent-pre-populate-only"],
    ["auth_path", "auth-path"],
    ["agent-limits-ephemeral-storage", "agent-limits-ephemeral"],
    ["template-static-secret-refreshing-interval", "template-static-secret-render-interval"],
    ["agent-auto-auth-exit-on-error", "agent-auto-auth-exit-on-err"],
    ["agent-requests-memory", "agent-requests-mem"],
  ])("unknown %s warns with the nearest name %s", (name, meant) => {
    const [issue] = checkAnnotation(`${VAULT_DOMAIN}${name}`, "true");
    expect(issue).toMatchObject({ code: "annotation.unknown", severity: "warning" });
    expect(issue?.help).toContain(`${VAULT_DOMAIN}${meant}?`);
    expect(issue?.annotation).toBe(`${VAULT_DOMAIN}${name}`);
  });

  test("an unknown key near to nothing has no nearest name", () => {
    const [issue] = checkAnnotation(`${VAULT_DOMAIN}something-else-entirely`, "true");
    expect(issue?.help).not.toContain("Did you mean");
  });

  test.each([
    ["agent-inject-secret", "annotation.suffix-missing warning"],
    ["auth-config", "annotation.suffix-missing warning"],
    ["agent-inject-secret-", "annotation.key error"],
    ["agent-inject-secret-a_", "annotation.key error"],
    ["agent-inject-secret-a b", "annotation.key error"],
    ["agent-inject-secret-a/b", "annotation.key error"],
    ["agent-inject-secret-é", "annotation.key error"],
    [`agent-inject-template-${"a".repeat(42)}`, "annotation.key error"],
    [`agent-inject-template-${"a".repeat(41)}`, ""],
    ["agent-inject-secret-A.b_c-9", ""],
  ])("%s: %p", (name, wanted) => expect(judge(name, "text")).toBe(wanted));

  test.each([
    ["acme.io/team", 0],
    ["team", 0],
    ["ACME.io/team", 0],
    ["acme..io/team", 1],
    ["/team", 1],
    ["acme.io/", 1],
    ["a/b/c", 1],
    [`${"a".repeat(254)}/team`, 1],
    ["", 1],
  ])("foreign key %p is only checked as a key", (key, count) => {
    expect(checkAnnotation(key, "maybe")).toHaveLength(count);
  });
});

const INJECTOR = "annotation.value-injector error";
const AGENT = "annotation.value-agent error";
const LOST = "annotation.value-lost error";
const API = "annotation.value-api error";
const FALSE = "annotation.value-false warning";
const UNRENDERED = "annotation.unrendered warning";
const IGNORED = "annotation.value-ignored warning";

const bools = fixture.annotations.filter(({ type, suffixed }) => type === "bool" && !suffixed);

describe("checkAnnotation: values that the injector refuses", () => {
  for (const { name } of bools) {
    test(`${name} by Go's ParseBool`, () => {
      const short = name.slice(VAULT_DOMAIN.length);
      for (const value of ["yes", "on", " true ", "TrUe", "2", "sure"])
        expect(judge(short, value)).toBe(INJECTOR);
      for (const value of [
        "1",
        "t",
        "T",
        "TRUE",
        "true",
        "True",
        "0",
        "f",
        "F",
        "FALSE",
        "false",
        "False",
        "",
      ]) {
        expect(judge(short, value)).toBe("");
      }
    });
  }

  test.each([
    ["agent-inject", "maybe"],
    ["error-on-missing-key-x", "maybe"],
    ["auth-min-backoff", "5"],
    ["auth-max-backoff", "5 s"],
    ["agent-json-patch", "{}"],
    ["agent-json-patch", "[1]"],
    ["agent-init-json-patch", "[{"],
    ["agent-revoke-grace", ""],
    ["agent-revoke-grace", "5s"],
    ["agent-revoke-grace", "-1"],
    ["agent-run-as-user", "nobody"],
    ["agent-run-as-group", "1.5"],
    ["template-max-connections-per-host", "many"],
    ["template-lease-renewal-threshold", ""],
    ["template-lease-renewal-threshold", "90%"],
    ["template-lease-renewal-threshold", "NaN"],
    ["agent-inject-default-template", ""],
    ["agent-inject-default-template", "yaml"],
    ["agent-request-namespace", ""],
    ["agent-image", ""],
    ["service", ""],
    ["agent-limits-cpu", "lots"],
    ["agent-limits-mem", "64 Mi"],
    ["agent-limits-ephemeral", "1Zi"],
    ["agent-requests-mem", "64mi"],
    ["agent-requests-ephemeral", "1.2.3"],
  ])("%s: %p", (name, value) => expect(judge(name, value)).toBe(INJECTOR));
});

describe("checkAnnotation: values that are accepted but wrong", () => {
  test.each([
    ["secret-volume-path", "", API],
    ["secret-volume-path-x", "", API],
    ["agent-requests-cpu", "-1", API],
    ["agent-limits-mem", "-.5Gi", API],
    ["agent-run-as-user", "-1", API],
    ["agent-run-as-group", "2147483648", API],
    ["agent-image", " ", API],
    ["template-lease-renewal-threshold", "1.5", IGNORED],
    ["template-lease-renewal-threshold", "-0.5", IGNORED],
    ["role", "flyte ", AGENT],
    ["role", "{{ .Values.role | quote }}", UNRENDERED],
    ["role", "${ROLE}", UNRENDERED],
    ["role", "$ROLE", UNRENDERED],
    ["namespace", " team", AGENT],
    ["namespace", "{{ project }}", UNRENDERED],
    ["service", "vault.vault.svc:8200", AGENT],
    ["service", "vault-server", AGENT],
    ["service", "https://", AGENT],
    ["service", " https://vault:8200", AGENT],
    ["auth-path", " auth/kubernetes", AGENT],
    ["auth-path", "auth/kubernetes/login", AGENT],
    ["auth-path", "v1/auth/kubernetes", AGENT],
    ["auth-path", "team-a/auth", AGENT],
    ["auth-path", "auth/", AGENT],
    ["ca-cert", "ca.crt", AGENT],
    ["agent-inject-template-x", '{{`{{ with secret "a" }}{{ end }}`}}', UNRENDERED],
    ["secret-volume-path", "/", LOST],
    ["secret-volume-path", "etc/flyte", LOST],
    ["secret-volume-path", "/etc/../flyte", LOST],
    ["secret-volume-path-x", "relative", LOST],
    ["agent-inject-file-x", "../outside", LOST],
    ["agent-inject-file-x", "a/../../outside", LOST],
    ["agent-inject-template-file-x", "{{ with secret }}", AGENT],
    ["agent-inject-secret-x", "", IGNORED],
    ["agent-inject-secret-x", "  ", IGNORED],
    ["agent-inject-template-x", " \n", IGNORED],
    ["preserve-secret-case", "maybe", FALSE],
    ["preserve-secret-case-x", "yes", FALSE],
    ["agent-inject-perms-x", "0888", AGENT],
    ["agent-inject-perms-x", "rw", AGENT],
    ["agent-inject-perms-x", "0o400", AGENT],
    ["agent-inject-perms-x", "10000", AGENT],
    ["log-level", "loud", AGENT],
    ["log-format", "xml", AGENT],
    ["client-max-retries", "-1", AGENT],
    ["client-max-retries", "many", AGENT],
    ["client-timeout", "soon", AGENT],
    ["client-timeout", "-5s", AGENT],
    ["template-static-secret-render-interval", "often", AGENT],
    ["go-max-procs", "all", IGNORED],
    ["go-max-procs", "0", IGNORED],
    ["agent-cache-listener-port", "0", IGNORED],
    ["agent-cache-listener-port", "65536", IGNORED],
    ["agent-cache-use-auto-auth-token", "maybe", IGNORED],
    ["agent-disable-idle-connections", "auto-auth, caching", AGENT],
    ["agent-disable-keep-alives", "everything", AGENT],
    ["auth-type", "kuberntes", AGENT],
    ["auth-type", "", INJECTOR],
    ["auth-path", "kubernetes", AGENT],
    ["auth-path", "auth/", AGENT],
    ["auth-path", "", INJECTOR],
    ["auth-config-type", "gcp", AGENT],
  ])("%s: %p is %s", (name, value, wanted) => expect(judge(name, value)).toBe(wanted));

  test("auth-config-type: gcp says what Vault's gcp method takes", () => {
    const [issue] = checkAnnotation(vaultKey("auth-config", "type"), "gcp");
    expect(issue?.message).toContain('is "gcp", expected gce or iam');
  });
});

describe("checkAnnotation: values that are fine", () => {
  test.each([
    ["agent-inject-status", "injected"],
    ["agent-inject-status", "no"],
    ["agent-inject-secret-x", "secret/data/team"],
    ["agent-inject-file-x", "a/../b/./c"],
    ["agent-inject-file-x", "/a"],
    ["agent-inject-template-x", "{{ with secret }}"],
    ["agent-inject-template-file-x", "/vault/custom/x.tmpl"],
    ["agent-inject-perms-x", "0400"],
    ["agent-inject-perms-x", "4755"],
    ["agent-inject-perms-x", ""],
    ["agent-inject-default-template", "JSON"],
    ["auth-min-backoff", "1.5s"],
    ["auth-max-backoff", ""],
    ["agent-json-patch", ""],
    ["agent-json-patch", "[]"],
    [
      "agent-init-json-patch",
      '[{"op":"add","path":"/a","value":null},{"op":"move","from":"/a","path":"/b"}]',
    ],
    ["agent-revoke-grace", "5"],
    ["agent-run-as-user", "1000"],
    ["agent-run-as-group", ""],
    ["template-max-connections-per-host", "10"],
    ["template-lease-renewal-threshold", "0.9"],
    ["agent-limits-cpu", ""],
    ["agent-limits-mem", "128Mi"],
    ["log-level", "WARN"],
    ["log-format", "json"],
    ["client-max-retries", "2"],
    ["client-timeout", "60"],
    ["client-timeout", "60s"],
    ["template-static-secret-render-interval", "1d"],
    ["go-max-procs", "2"],
    ["agent-cache-listener-port", "8200"],
    ["agent-cache-use-auto-auth-token", "force"],
    ["agent-disable-idle-connections", "auto-auth,templating"],
    ["agent-disable-keep-alives", ""],
    ["auth-type", "kubernetes"],
    ["auth-path", "auth/kubernetes"],
    ["auth-path", "auth/team/k8s"],
    ["auth-path", "team-a/auth/kubernetes"],
    ["auth-path", "/org/team-a/auth/kubernetes/"],
    ["service", "https://vault.example.com:8200"],
    ["service", "unix:///var/run/vault.sock"],
    ["role", "flyte-{staging}"],
    ["agent-inject-command-x", "kill -HUP $PID ${OTHER} {{ }}"],
    ["agent-inject-template-x", '{{ with secret "a" }}{{ `{{` }}{{ end }}'],
    ["agent-json-patch", "null"],
    ["agent-json-patch", '[{"op":"add","path":"/a"}]'],
    ["auth-config-type", "gce"],
    ["auth-config-type", "iam"],
    ["auth-config-service-account", "anything"],
    ["secret-volume-path", "/etc/flyte/secrets"],
    ["secret-volume-path", "/etc/..flyte"],
    ["preserve-secret-case", "true"],
    ["agent-telemetry-prometheus-retention-time", "30s"],
  ])("%s: %p", (name, value) => expect(judge(name, value)).toBe(""));
});

describe("checkAnnotation", () => {
  test("never throws, and never denies", () => {
    const key = fc.oneof(
      fc.string(),
      fc.string().map((name) => VAULT_DOMAIN + name),
      fc
        .tuple(fc.constantFrom(...VAULT_ANNOTATIONS), fc.string())
        .map(([{ name }, id]) => vaultKey(name, id)),
      fc.constantFrom(...VAULT_ANNOTATIONS).map(({ name }) => vaultKey(name)),
    );
    const value = fc.oneof(fc.string({ unit: "binary" }), fc.json(), fc.integer().map(String));
    fc.assert(
      fc.property(key, value, (k, v) => {
        for (const issue of checkAnnotation(k, v)) {
          expect(issue.severity).not.toBe("deny");
          expect(issue.annotation).toBe(k);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("takes time in proportion to the value", () => {
    const long = `${"1".repeat(200_000)}x`;
    const start = performance.now();
    for (const { name } of VAULT_ANNOTATIONS) {
      checkAnnotation(vaultKey(name), long);
      checkAnnotation(vaultKey(name, "x"), long);
    }
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe("nearest", () => {
  const known = ["annotations", "role", "kvVersion"];
  test.each([
    ["annotations", "annotations"],
    ["anotation", "annotations"],
    ["annotaitons", "annotations"],
    ["ROLE", "role"],
    ["rloe", "role"],
    ["kv-version", "kvVersion"],
    ["kvversion", "kvVersion"],
    ["plugins", undefined],
    ["", undefined],
    ["x", undefined],
  ])("%p means %p", (name, meant) => expect(nearest(name, known)).toBe(meant));

  test("maxDistance bounds the slips", () => {
    expect(nearest("rola", known, 0)).toBeUndefined();
    expect(nearest("rola", known, 1)).toBe("role");
  });

  test("the nearest wins, the first of equally near ones", () => {
    expect(nearest("abcd", ["abxx", "abcx", "abcy"])).toBe("abcx");
  });
});

test.each([99, 500, 501, 700])("of a pod with %i unknown annotations, each is found", async (count) => {
  const unknown = Array.from({ length: count }, (_, i) => [`${VAULT_DOMAIN}unknown-${i}`, "x"]);
  const pod = podWith([secret({ group: "secret/data/a", key: "b" })], Object.fromEntries(unknown));
  const { issues } = await reviewPod(await createTestEngine(), pod);
  const [, more = "0"] = /^Found (\d+) more issues/.exec(issues.at(-1)?.message ?? "") ?? [];
  expect(issues.filter(({ code }) => code === "annotation.unknown").length + Number(more)).toBe(count);
});
