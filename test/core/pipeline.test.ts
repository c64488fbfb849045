import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ANNOTATIONS_LIMIT } from "../../src/core/check/size.ts";
import { explainLayers, foldLayers, toLayer } from "../../src/core/layer.ts";
import type { SecretRequest } from "../../src/core/secret/request.ts";
import type { Settings } from "../../src/core/settings.ts";
import {
  applyOutcome,
  createTestEngine,
  DEFAULT_SETTINGS,
  podWith,
  reviewPod,
  secret,
} from "../fixtures/engine.ts";
import { goldenRequests } from "../fixtures/golden.ts";

const VAULT = "vault.hashicorp.com";
const good = secret({ group: "secret/data/team", key: "api_key", group_version: "kv2" });

function settingsWith(
  policy: Partial<Settings["policy"]>,
  vault: Partial<Settings["webhook"]["vaultSecretManager"]> = {},
) {
  const { webhook, ...rest } = DEFAULT_SETTINGS;
  return {
    ...rest,
    webhook: { vaultSecretManager: { ...webhook.vaultSecretManager, ...vault } },
    policy: { ...DEFAULT_SETTINGS.policy, ...policy },
  };
}

const review = async (object: unknown, settings = DEFAULT_SETTINGS) =>
  reviewPod(await createTestEngine(settings), object);

const codesOf = (outcome: { issues: readonly { code: string }[] }) => outcome.issues.map(({ code }) => code);

describe("the example of Flyte's documentation", () => {
  const annotations = { [`${VAULT}/namespace`]: "team-a", [`${VAULT}/auth-config-type`]: "gcp" };
  const settings = settingsWith({}, { role: "flyte-role", annotations });
  const pod = podWith([secret({ group: "secret/data/helper", key: "api_key", group_version: "kv2" })]);

  test("gives exactly Flyte's annotations, variables and file, and an issue on auth-config-type", async () => {
    const outcome = await review(pod, settings);
    const patched = applyOutcome(pod, outcome);
    const id = outcome.explain().requests[0]?.files[0]?.id ?? "";
    expect(patched.metadata.annotations).toEqual({
      ...pod.metadata.annotations,
      [`${VAULT}/agent-inject`]: "true",
      [`${VAULT}/secret-volume-path`]: "/etc/flyte/secrets",
      [`${VAULT}/agent-pre-populate-only`]: "true",
      [`${VAULT}/role`]: "flyte-role",
      [`${VAULT}/namespace`]: "team-a",
      [`${VAULT}/auth-config-type`]: "gcp",
      [`${VAULT}/agent-inject-secret-${id}`]: "secret/data/helper",
      [`${VAULT}/agent-inject-file-${id}`]: "secret/data/helper/api_key",
      [`${VAULT}/agent-inject-template-${id}`]:
        '{{- with secret "secret/data/helper" -}}{{ .Data.data.api_key }}{{- end -}}',
    });
    expect(patched.spec.containers[0]).toEqual({
      ...pod.spec.containers[0],
      env: [
        { name: "FLYTE_SECRETS_FILE_PREFIX" },
        { name: "FLYTE_SECRETS_DEFAULT_DIR", value: "/etc/flyte/secrets" },
      ],
    } as never);
    expect(outcome.issues).toContainEqual(
      expect.objectContaining({ severity: "error", annotation: `${VAULT}/auth-config-type` }),
    );
    expect(outcome.auditAnnotations).toEqual({
      requests: "kv2:secret/data/helper#api_key",
      role: "flyte-role",
      "vault-namespace": "team-a",
      config: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });

  test("policy.strict refuses what would surely fail", async () => {
    const strict = settingsWith({ strict: true }, { role: "flyte-role", annotations });
    expect(await review(pod, strict)).toMatchObject({
      allowed: false,
      status: { code: 400, reason: "BadRequest" },
    });
  });
});

describe("bad requests", () => {
  const cases: readonly [name: string, request: Partial<SecretRequest>, code: string][] = [
    ["no group", { key: "k" }, "secret.group-missing"],
    ["no key", { group: "g" }, "secret.key-missing"],
    ["an environment variable", { group: "g", key: "k", mount_requirement: 1 }, "secret.env-var"],
    ["a dot-dot segment in the group", { group: "a/../b", key: "k" }, "secret.path-segment"],
    ["a dot segment in the key", { group: "g", key: "./k" }, "secret.path-segment"],
    ["a leading slash", { group: "/g", key: "k" }, "secret.path-segment"],
    ["a trailing slash", { group: "g", key: "k/" }, "secret.path-segment"],
    ["an empty segment", { group: "a//b", key: "k" }, "secret.path-segment"],
    ["a line feed", { group: "a\nb", key: "k" }, "secret.control-character"],
    ["a C1 control character", { group: "g", key: "k\u0085" }, "secret.control-character"],
    ["an opening delimiter", { group: "a{{b", key: "k" }, "secret.template-delimiter"],
    ["a closing delimiter", { group: "g", key: "k}}" }, "secret.template-delimiter"],
    ["a quote in a db path", { group: 'a"b', key: "k", group_version: "db" }, "secret.database-quote"],
    ["a backslash in a db path", { group: "a\\b", key: "k", group_version: "db" }, "secret.database-quote"],
    ["a # in a db path", { group: "a#b", key: "k", group_version: "db" }, "secret.database-path"],
  ];

  test.each(cases)("%s is refused", async (_, request, code) => {
    const outcome = await review(podWith([secret(request)]));
    expect(outcome).toMatchObject({ allowed: false, patch: "", status: { code: 400, reason: "BadRequest" } });
    expect(outcome.issues).toContainEqual(
      expect.objectContaining({ code, severity: "deny", annotation: "flyte.secrets/s0" }),
    );
    expect(outcome.status?.message).toContain("flyte.secrets/s0");
  });

  test.each([
    ["bad base32", "M4ZG7", "secret.base32"],
    ["bad text", "mfrgg", "secret.text"],
  ])("%s is refused", async (_, value, code) => {
    const outcome = await review(podWith([], { "flyte.secrets/s0": value }));
    expect(codesOf(outcome)).toContain(code);
    expect(outcome.allowed).toBe(false);
  });

  test("an unknown mount number is refused", async () => {
    const row = goldenRequests.find(({ name }) => name === "decode/text/hand/enum-99");
    const outcome = await review(
      podWith([], { "flyte.secrets/s0": row?.kind === "decode" ? row.value : "" }),
    );
    expect(codesOf(outcome)).toEqual(["secret.mount-unknown"]);
    expect(outcome.status?.message).toContain("99");
  });

  test("a path is judged only where its text is well formed", async () => {
    const outcome = await review(podWith([secret({ group: "a#b\n", key: "k", group_version: "db" })]));
    expect(codesOf(outcome)).toEqual(["secret.control-character"]);
  });

  test("all of them are reported together", async () => {
    const pod = podWith(
      [secret({ key: "k" }), good, secret({ group: "g", key: "a\tb", mount_requirement: 1 })],
      {
        "flyte.secrets/s9": "!!",
      },
    );
    const outcome = await review(pod);
    const refusals = outcome.issues.filter(({ severity }) => severity === "deny");
    expect(refusals.map(({ annotation, code }) => `${annotation} ${code}`)).toEqual([
      "flyte.secrets/s0 secret.group-missing",
      "flyte.secrets/s2 secret.env-var",
      "flyte.secrets/s2 secret.control-character",
      "flyte.secrets/s9 secret.base32",
    ]);
    for (const { message } of refusals) expect(outcome.status?.message).toContain(message.slice(0, 40));
  });

  test("an environment variable is refused in Flyte's own words first, then with how to ask for a file", async () => {
    const outcome = await review(podWith([secret({ group: "g", key: "k", mount_requirement: 1 })]));
    expect(outcome.status?.message).toStartWith(
      "Env_Var is not a supported mount requirement for Vault Secret Manager. ",
    );
    for (const hint of ["mount_requirement=", "FILE", "mount=", "group="]) {
      expect(outcome.status?.message).toContain(hint);
    }
  });

  test("messages never look like a quota to Flyte, nor carry control characters", async () => {
    const outcome = await review(podWith([secret({ group: "exceeded quota\u001b[31m", key: "k" })]));
    expect(outcome.status?.message).not.toContain("exceeded quota");
    expect(outcome.status?.message).not.toMatch(/\p{Cc}/u);
  });
});

describe("bad pods", () => {
  const pod = podWith([good]);
  const cases: readonly [name: string, object: unknown, code: string][] = [
    ["null", null, "pod.not-a-pod"],
    ["a list", [], "pod.not-a-pod"],
    ["another kind", { apiVersion: "v1", kind: "ConfigMap" }, "pod.not-a-pod"],
    ["another version", { ...pod, apiVersion: "v2" }, "pod.not-a-pod"],
    ["an annotation that is a number", { ...pod, metadata: { annotations: { a: 1 } } }, "pod.malformed"],
    ["metadata that is a list", { ...pod, metadata: [] }, "pod.malformed"],
    ["containers that are an object", { ...pod, spec: { containers: {} } }, "pod.malformed"],
    ["a container that is a text", { ...pod, spec: { containers: ["x"] } }, "pod.malformed"],
    ["variables that are an object", { ...pod, spec: { containers: [{ env: {} }] } }, "pod.malformed"],
    ["a variable without a name", { ...pod, spec: { containers: [{ env: [{}] }] } }, "pod.malformed"],
    [
      "a variable that is a number",
      { ...pod, spec: { containers: [{ env: [{ name: "A", value: 1 }] }] } },
      "pod.malformed",
    ],
  ];

  test.each(cases)("%s is refused", async (_, object, code) => {
    const outcome = await review(object);
    expect(codesOf(outcome)).toEqual([code]);
    expect(outcome).toMatchObject({ allowed: false, status: { code: 400 } });
  });

  test("every malformed place is named", async () => {
    const outcome = await review({
      ...pod,
      metadata: { annotations: { a: 1, b: [] } },
      spec: { containers: {} },
    });
    expect(outcome.issues.map(({ path }) => path)).toEqual([
      '/metadata/annotations["a"]',
      '/metadata/annotations["b"]',
      "/spec/containers",
    ]);
  });

  test("`__proto__` keys change nothing but themselves", async () => {
    const text = JSON.stringify(pod).replace('"annotations":{', '"annotations":{"__proto__":"x",');
    const outcome = await review(JSON.parse(text));
    expect(outcome.allowed).toBe(true);
    expect(outcome.patch).not.toContain("__proto__");
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  test("200 requests are served", async () => {
    const requests = Array.from({ length: 200 }, (_, i) => secret({ group: `g${i}`, key: "k" }));
    const outcome = await review(podWith(requests));
    expect(outcome.allowed).toBe(true);
    expect(outcome.explain().requests).toHaveLength(200);
  });

  test("annotations over 256 KiB are refused with 413, before the API server does", async () => {
    const requests = Array.from({ length: 1_000 }, (_, i) => secret({ group: `secret/data/${i}`, key: "k" }));
    const outcome = await review(podWith(requests));
    expect(outcome.status).toMatchObject({ code: 413, reason: "RequestEntityTooLarge" });
    const issue = outcome.issues.find(({ code }) => code === "pod.annotations-too-large");
    const sizes = /take (\d+) bytes/.exec(issue?.message ?? "");
    expect(Number(sizes?.[1])).toBeGreaterThan(ANNOTATIONS_LIMIT);
  });

  test("annotations that are over 256 KiB as they come are refused before anything is decoded", async () => {
    const outcome = await review(
      podWith([good], { "flyte.secrets/s1": "!", "acme.io/a": "ü".repeat(131_100) }),
    );
    expect(codesOf(outcome)).toEqual(["pod.annotations-too-large"]);
    expect(outcome.status).toMatchObject({
      code: 413,
      message: expect.stringMatching(/ take 262\d{3} bytes,/),
    });
    expect((await review(podWith([], { "acme.io/a": "x".repeat(300_000) }))).allowed).toBe(true);
  });

  test.each(["containers", "initContainers"])("more than 2,000 %s are refused", async (list) => {
    const some = (length: number) => Array.from({ length }, (_, i) => ({ name: `c${i}` }));
    expect((await review({ ...pod, spec: { [list]: some(2_000) } })).allowed).toBe(true);
    expect(codesOf(await review({ ...pod, spec: { [list]: some(2_001) } }))).toEqual([
      "pod.containers-too-many",
    ]);
  });

  test("a request whose file no program could open is refused", async () => {
    const fits = secret({ group: "g".repeat(3_996), key: "key" });
    expect((await review(podWith([fits]))).allowed).toBe(true);
    const outcome = await review(
      podWith([
        { ...fits, key: "keys1" },
        { ...fits, group_version: "kv1" },
      ]),
    );
    expect(codesOf(outcome).filter((code) => code === "secret.too-long")).toHaveLength(2);
    expect(outcome.allowed).toBe(false);
    const escaped = await review(podWith([secret({ group: "ü".repeat(1_000), key: "key" })]));
    expect(codesOf(escaped)).toContain("secret.value-too-long");
  });

  test("of many issues the worst 100 are returned, then how many more there are", async () => {
    const bad = Object.fromEntries(Array.from({ length: 350 }, (_, i) => [`flyte.secrets/s${i + 1}`, "!"]));
    const own = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`${VAULT}/unknown-${i}x`, ""]));
    const { issues, status } = await review(podWith([good], { ...own, "flyte.secrets/s1": "!" }));
    expect(issues.map(({ code }) => code).slice(0, 2)).toEqual(["secret.base32", "annotation.unknown"]);
    expect(status?.message).not.toContain("more");

    const many = await review(podWith([good], { ...bad, ...own }));
    expect(many.issues).toHaveLength(101);
    expect(new Set(many.issues.slice(0, 100).map(({ code }) => code))).toEqual(new Set(["secret.base32"]));
    // 100 of the 350 are read, and none of the pod's 30 others.
    expect(many.issues[100]).toMatchObject({
      code: "review.more-issues",
      message: expect.stringContaining("id not check 280 more annotations"),
    });
    const shown = many.status?.message.match(/Cannot decode/g)?.length ?? 0;
    expect(many.status?.message).toEndWith(`And ${100 - shown} more. Did not check 280 more annotations.`);
  });

  test("a policy that refuses 100 of a pod's own annotations ends the review", async () => {
    const own = Object.fromEntries(
      Array.from({ length: 150 }, (_, i) => [`${VAULT}/agent-inject-perms-x${i}`, "bad"]),
    );
    const { issues } = await review(podWith([good], own), settingsWith({ profile: "hardened" }));
    expect(new Set(issues.slice(0, 100).map(({ code }) => code))).toEqual(new Set(["policy.profile"]));
    expect(issues.slice(100).map(({ message }) => message)).toEqual([
      "Found 1 more issue, none of them worse than those listed; did not check 50 more annotations, since those listed refuse the pod already",
    ]);
  });

  test("of many warnings the last one says how many more there are", async () => {
    const own = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`${VAULT}/unknown-${i}x`, ""]));
    const { issues, warnings } = await review(podWith([good], own));
    expect(issues).toHaveLength(101);
    expect(warnings.at(-1)).toBe(`and ${1_000 - (warnings.length - 1)} more`);
  });

  test("many variables of ours are replaced in one operation", async () => {
    const ours = Array.from({ length: 100 }, () => ({ name: "FLYTE_SECRETS_DEFAULT_DIR", value: "x" }));
    const env = [ours[0], { name: "A", valueFrom: { fieldRef: { fieldPath: "a" } } }, ...ours, { name: "B" }];
    const given = { ...pod, spec: { containers: [{ name: "main", env }] } };
    const outcome = await review(given);
    expect(
      JSON.parse(outcome.patch).filter(({ path }: { path: string }) => path.includes("/env")),
    ).toHaveLength(1);
    const patched = applyOutcome(given, outcome);
    expect(patched.spec.containers[0]?.env as unknown).toEqual([
      { name: "FLYTE_SECRETS_FILE_PREFIX" },
      { name: "FLYTE_SECRETS_DEFAULT_DIR", value: "/etc/flyte/secrets" },
      env[1],
      { name: "B" },
    ]);
    expect((await review(patched)).patch).toBe("");
  });

  test("a long path or role hides nothing in the audit annotations", async () => {
    const long = secret({
      group: `secret/data/a?version=${"0".repeat(1_000)}`,
      key: "k",
      group_version: "kv2",
    });
    const outcome = await review(podWith([long, good], { [`${VAULT}/role`]: "r".repeat(5_000) }));
    const { requests = "", role = "" } = outcome.auditAnnotations;
    expect(requests).toMatch(/^kv2:secret\/data\/a\?version=0+…0+#k,kv2:secret\/data\/team#api_key$/);
    expect(requests.length).toBeLessThan(1_000);
    expect(role).toHaveLength(253);
  });
});

describe("what is left alone", () => {
  test("a pod without requests", async () => {
    expect(await review(podWith([]))).toMatchObject({ allowed: true, patch: "", warnings: [] });
  });

  test.each(["UPDATE", "DELETE", "CONNECT"])("%s", async (operation) => {
    const outcome = await reviewPod(await createTestEngine(), podWith([good]), operation);
    expect(outcome).toMatchObject({ allowed: true, patch: "" });
  });

  test("a pod that the injector has worked on", async () => {
    const pod = podWith([good], { [`${VAULT}/agent-inject-status`]: "injected" });
    pod.spec.containers.push({ name: "vault-agent", image: "vault" });
    expect(await review(pod)).toMatchObject({ allowed: true, patch: "" });
  });

  test("a copied manifest with the injector's mark but without its agent is patched, with an issue", async () => {
    const outcome = await review(podWith([good], { [`${VAULT}/agent-inject-status`]: "injected" }));
    expect(outcome.patch).not.toBe("");
    expect(codesOf(outcome)).toContain("pod.status-injected");
  });
});

test.each([
  ["secret/team", "kv2", true],
  ["data/team", "", true],
  ["secret/data/team", "kv2", false],
  ["org/kv/data/team", "kv2", false],
  ["secret/team", "kv1", false],
  ["database/creds/team", "db", false],
])("the path %s of engine %j is told of: %j", async (group, group_version, isTold) => {
  const outcome = await review(podWith([secret({ group, key: "k", group_version })]));
  expect(codesOf(outcome).includes("secret.kv2-data")).toBe(isTold);
  expect(outcome.allowed).toBe(true);
});

describe("policy", () => {
  test("locked: the pod may not change it, but may repeat it", async () => {
    const settings = settingsWith({ locked: [`${VAULT}/role`] });
    const changed = await review(podWith([good], { [`${VAULT}/role`]: "evil" }), settings);
    expect(codesOf(changed)).toContain("policy.locked");
    expect(changed.allowed).toBe(false);
    expect(await review(podWith([good], { [`${VAULT}/role`]: "flyte" }), settings)).toMatchObject({
      allowed: true,
    });
  });

  test("denied: nobody may set it", async () => {
    const settings = settingsWith({ denied: [`${VAULT}/tls-*`] });
    const outcome = await review(podWith([good], { [`${VAULT}/tls-skip-verify`]: "true" }), settings);
    expect(outcome.issues[0]).toMatchObject({
      code: "policy.denied",
      annotation: `${VAULT}/tls-skip-verify`,
    });
  });

  test("profile: hardened keeps login, server and agent from pods, and a second pass is an empty patch", async () => {
    const settings = settingsWith({ profile: "hardened" });
    const kept = ["role", "auth-path", "agent-image", "agent-inject-template-x", "agent-init-json-patch"];
    for (const name of kept) {
      const outcome = await review(podWith([good], { [`${VAULT}/${name}`]: "mine" }), settings);
      expect(codesOf(outcome)).toContain("policy.profile");
      expect(outcome.status?.message).toContain(`${VAULT}/${name}`);
    }
    const free = podWith([good], { [`${VAULT}/agent-limits-cpu`]: "250m" });
    const first = await review(free, settings);
    expect(first.status).toBeUndefined();
    expect(await review(applyOutcome(free, first), settings)).toMatchObject({ allowed: true, patch: "" });
  });

  test("ids: stable gives the same patch each time, random another", async () => {
    const patches = async (ids: "stable" | "random") => {
      const engine = await createTestEngine(settingsWith({ ids }));
      return [
        (await reviewPod(engine, podWith([good]))).patch,
        (await reviewPod(engine, podWith([good]))).patch,
      ];
    };
    const [a, b] = await patches("stable");
    expect(a).toBe(b ?? "");
    const [c, d] = await patches("random");
    expect(c).not.toBe(d ?? "");
  });

  test("fileNames: flyte reports what flytekit will look for, flytekit writes it", async () => {
    const pod = podWith([secret({ group: "Team", key: "Key", group_version: "kv2" })]);
    const flyte = await review(pod);
    expect(codesOf(flyte)).toContain("secret.file-name-case");
    expect(flyte.explain().requests[0]?.files.map(({ path }) => path)).toEqual(["Team/Key"]);
    const flytekit = await review(pod, settingsWith({ fileNames: "flytekit" }));
    expect(codesOf(flytekit)).not.toContain("secret.file-name-case");
    expect(flytekit.explain().requests[0]?.files.map(({ path, for: readers }) => [path, readers])).toEqual([
      ["Team/Key", ["flyte"]],
      ["team/kv2/key", ["flytekit"]],
    ]);
  });
});

describe("collisions", () => {
  test("one file for two secrets is refused", async () => {
    const outcome = await review(
      podWith([secret({ group: "a/b", key: "c" }), secret({ group: "a", key: "b/c" })]),
    );
    expect(codesOf(outcome)).toContain("secret.file-twice");
  });

  test("a version of a secret and a path that the agent takes for it are refused", async () => {
    const [path, version] = ["x.v2", "x?version=2"].map((group) =>
      secret({ group, key: "k", group_version: "kv2" }),
    );
    const outcome = await review(podWith([path ?? good, version ?? good]));
    expect(codesOf(outcome)).toContain("secret.version-clash");
    expect(await review(podWith([version ?? good]))).toMatchObject({ allowed: true });
  });

  test("a file that is another's folder is refused", async () => {
    const outcome = await review(
      podWith([secret({ group: "a", key: "b" }), secret({ group: "a/b", key: "c" })]),
    );
    expect(outcome.issues).toContainEqual(expect.objectContaining({ code: "secret.file-in-file" }));
  });

  test.each([
    ["the pod's own file", { [`${VAULT}/agent-inject-file-x`]: "secret/data/team/api_key" }],
    ["the pod's own id", { [`${VAULT}/secret-volume-path`]: "/etc/flyte/secrets" }],
  ])("%s counts", async (name, annotations) => {
    const declared = { [`${VAULT}/agent-inject-secret-x`]: "other", ...annotations };
    const outcome = await review(podWith([good], declared));
    expect(codesOf(outcome).includes("secret.file-twice")).toBe(name === "the pod's own file");
  });

  test("a file in another volume does not", async () => {
    const declared = {
      [`${VAULT}/agent-inject-secret-x`]: "other",
      [`${VAULT}/agent-inject-file-x`]: "secret/data/team/api_key",
      [`${VAULT}/secret-volume-path-x`]: "/elsewhere",
    };
    expect(await review(podWith([good], declared))).toMatchObject({ allowed: true });
  });
});

describe("a second pass", () => {
  test("Flyte's unguarded template gives way to ours, an author's own is kept", async () => {
    const dashed = secret({ group: "g", key: "api-key", group_version: "kv2" });
    const carried = (template: string) => ({
      [`${VAULT}/agent-inject-secret-a`]: "g",
      [`${VAULT}/agent-inject-file-a`]: "g/api-key",
      [`${VAULT}/agent-inject-template-a`]: template,
    });
    const flyte = podWith([dashed], carried('{{- with secret "g" -}}{{ .Data.data.api-key }}{{- end -}}'));
    const template = applyOutcome(flyte, await review(flyte)).metadata.annotations as Record<string, string>;
    expect(template[`${VAULT}/agent-inject-template-a`]).toContain("sprig_fail");
    const own = podWith([dashed], carried("own"));
    expect((await review(own)).patch).not.toContain("template");
  });
});

const anyKey = fc.oneof(
  fc.string({ unit: fc.constantFrom(..."abcXYZ019_-. #%?:\"'\\/éß🔑~"), minLength: 1, maxLength: 12 }),
  fc.constantFrom("api_key", "tls.crt", "api-key"),
);
const anyRequest = fc.record({
  group: anyKey,
  key: anyKey,
  group_version: fc.constantFrom("", "kv1", "kv2", "db"),
  env_var: fc.constant(""),
  mount_requirement: fc.constantFrom(0, 2),
});
const anyVariable = fc.record({
  name: fc.constantFrom("A", "FLYTE_SECRETS_DEFAULT_DIR", "FLYTE_SECRETS_FILE_PREFIX"),
  value: fc.constantFrom("", "x", "/etc/flyte/secrets"),
});
const anyPod = fc
  .record({
    requests: fc.array(anyRequest, { minLength: 1, maxLength: 4 }),
    own: fc.dictionary(
      fc.constantFrom(`${VAULT}/role`, `${VAULT}/agent-inject`, "acme.io/a", "a~b/c"),
      fc.string(),
      { maxKeys: 3 },
    ),
    env: fc.array(anyVariable, { maxLength: 5 }),
  })
  .map(({ requests, own, env }) => {
    const pod = podWith(requests, own);
    return {
      ...pod,
      spec: {
        ...pod.spec,
        containers: [{ ...pod.spec.containers[0], env }],
        initContainers: [{ name: "i" }],
      },
    };
  });

describe("for every pod", () => {
  const engines = {
    stable: createTestEngine(),
    flytekit: createTestEngine(
      settingsWith({ fileNames: "flytekit" }, { annotations: { "acme.io/a": "config" } }),
    ),
  };

  test.each(["stable", "flytekit"] as const)(
    "the patch gives the folded annotations, and a second pass is empty (%s)",
    async (name) => {
      const engine = await engines[name];
      await fc.assert(
        fc.asyncProperty(anyPod, async (pod) => {
          const outcome = await reviewPod(engine, pod);
          expect(await reviewPod(engine, pod)).toMatchObject({
            patch: outcome.patch,
            allowed: outcome.allowed,
          });
          if (!outcome.allowed) return;
          const patched = applyOutcome(pod, outcome);
          const folded = outcome.explain().annotations.map(({ key, value }) => [key, value]);
          expect(patched.metadata.annotations).toEqual(Object.fromEntries(folded));
          expect(await reviewPod(engine, patched)).toMatchObject({ allowed: true, patch: "" });
        }),
        { numRuns: 500 },
      );
    },
  );

  test("review never throws, whatever the object", async () => {
    const engine = await createTestEngine();
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        for (const object of [value, { apiVersion: "v1", kind: "Pod", metadata: value, spec: value }]) {
          expect(await reviewPod(engine, object)).toHaveProperty("allowed");
        }
      }),
      { numRuns: 500 },
    );
  });

  test("foldLayers and explainLayers agree", () => {
    const changes = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.option(fc.string()));
    fc.assert(
      fc.property(fc.array(changes, { maxLength: 5 }), (records) => {
        const layers = records.map((record) => toLayer({ kind: "webhook" }, record));
        const folded = [...foldLayers(layers).values()].map(({ key, value }) => [key, value as string]);
        expect(explainLayers(layers).map(({ key, value }) => [key, value])).toEqual(folded);
      }),
    );
  });
});

describe("what pods share", () => {
  const other = secret({ group: "secret/data/other", key: "b" });
  const anyRequests = fc.array(
    fc.record({
      group: fc.constantFrom("secret/data/team", "secret/data/ü", "Secret/Data", "a?version=3", "a//b"),
      key: fc.constantFrom("api_key", "api-key", "tls.crt", 'q"'),
      group_version: fc.constantFrom("", "kv1", "kv2", "db"),
    }),
    { minLength: 1, maxLength: 6 },
  );
  const anyEnv = fc.array(fc.record({ name: fc.constantFrom("A", "FLYTE_SECRETS_DEFAULT_DIR", "ü") }));

  test("no pod can leave its refusal in the cache for another", async () => {
    const engine = await createTestEngine();
    const pod = podWith([good, other]);
    const [first = "", second = ""] = Object.values(pod.metadata.annotations);
    // Joined without lengths, these are the annotations of the other pod.
    const crafted = podWith([], { "flyte.secrets/s0": `${first}\nflyte.secrets/s1\n${second}` });
    for (let sight = 0; sight < 3; sight++) {
      expect((await reviewPod(engine, crafted)).allowed).toBe(false);
    }
    expect((await reviewPod(engine, pod)).allowed).toBe(true);
  });

  test("is the same the first, second and third time", async () => {
    await fc.assert(
      fc.asyncProperty(anyRequests, async (requests) => {
        const engine = await createTestEngine();
        const pod = podWith(requests.map(secret));
        const { explain: first, measure, ...told } = await reviewPod(engine, pod);
        for (let sight = 0; sight < 2; sight++) {
          const { explain, measure: measureAgain, ...again } = await reviewPod(engine, pod);
          expect([again, explain(), measureAgain?.()]).toEqual([told, first(), measure?.()]);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("is what a pod gets for itself alone that carries an annotation of the injector", async () => {
    const settings = settingsWith(
      { locked: [`${VAULT}/role`] },
      { annotations: { [`${VAULT}/agent-pre-populate-only`]: "false", [`${VAULT}/log-level`]: "debug" } },
    );
    const engine = await createTestEngine(settings);
    await fc.assert(
      fc.asyncProperty(anyRequests, async (requests) => {
        const shared = await reviewPod(engine, podWith(requests.map(secret)));
        const alone = podWith(requests.map(secret), { [`${VAULT}/agent-limits-cpu`]: "500m" });
        const own = await reviewPod(engine, alone);
        expect([shared.patch, shared.auditAnnotations]).toEqual([own.patch, own.auditAnnotations]);
        expect(shared.issues).toEqual(own.issues);
      }),
      { numRuns: 200 },
    );
  });

  test("is encoded as it stands", async () => {
    const engine = await createTestEngine();
    await fc.assert(
      fc.asyncProperty(anyRequests, anyEnv, async (requests, env) => {
        const pod = podWith(requests.map(secret));
        const spec = { containers: [{ name: "main", env }, { name: "other" }] };
        const { allowed, patch, encoded, auditAnnotations } = await reviewPod(engine, { ...pod, spec });
        if (!allowed) return expect(encoded).toBeUndefined();
        expect(encoded?.patch).toBe(btoa(patch));
        expect(JSON.parse(encoded?.auditAnnotations ?? "")).toEqual(auditAnnotations);
      }),
      { numRuns: 200 },
    );
  });
});
