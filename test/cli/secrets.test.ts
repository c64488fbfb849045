import { afterAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parse } from "yaml";
import { encodeRequest } from "../../src/core/secret/codec.ts";
import { webPorts } from "../../src/host/ports.ts";
import { secret } from "../fixtures/engine.ts";
import { goldenRequests } from "../fixtures/golden.ts";
import { createWorkplace } from "./harness.ts";

const encode = (fields: Parameters<typeof secret>[0]) => encodeRequest(secret(fields), webPorts.encodeUtf8);
const VALUE = encode({ group: "secret/data/team", key: "api-key" });

const place = createWorkplace({
  "pod.yaml": `apiVersion: v1
kind: Pod
metadata:
  annotations:
    flyte.secrets/s10: ${encode({ group: "b", key: "k" })}
    flyte.secrets/s2: ${encode({ group: "a", key: "k", group_version: "kv1", mount_requirement: 2 })}
`,
  "cluster.yaml": JSON.stringify({
    kind: "Any",
    spec: { groups: [{ annotations: { "flyte.secrets/s0": VALUE } }] },
  }),
  "bad.yaml": `metadata:\n  annotations:\n    flyte.secrets/s0: ${VALUE}\n    flyte.secrets/s1: A!\n    flyte.secrets/s2: 7\n`,
  "none.yaml": "kind: Pod\n",
  "plain.yaml": "secrets: [{ group: a, key: k }, { group: b, key: k, mount_requirement: file }]\n",
  "typo.yaml": "secrets: [{ group: a, keey: k }]\n",
  "broken.yaml": "a: [",
  "list.yaml": "- a\n",
});
afterAll(place.remove);

const run = (line: string, stdin?: string) =>
  place.run(["secrets", ...line.split(" ")], { ...(stdin !== undefined && { stdin }) });

describe("secrets encode", () => {
  test("prints the label and the annotation, ready for a pod template", async () => {
    expect(await run("encode --group secret/data/team --key api-key")).toEqual({
      code: 0,
      stdout: `metadata:\n  labels:\n    inject-flyte-secrets: "true"\n  annotations:\n    flyte.secrets/s0: ${VALUE}\n`,
      stderr: "",
      issues: [],
    });
  });

  test.each([
    [
      "--group g --key k --group-version kv1",
      { "flyte.secrets/s0": encode({ group: "g", key: "k", group_version: "kv1" }) },
    ],
    [
      "--group g --key k --mount-requirement file",
      { "flyte.secrets/s0": encode({ group: "g", key: "k", mount_requirement: 2 }) },
    ],
    [
      "--group g --key k --env-var E --name 7",
      { "flyte.secrets/s7": encode({ group: "g", key: "k", env_var: "E" }) },
    ],
    [
      "--group g --key api-key --as-env-var API_KEY --allow-env-vars",
      {
        "flyte.secrets/s0": encode({ group: "g", key: "api-key", mount_requirement: 1, env_var: "API_KEY" }),
      },
    ],
    [
      "--group g --key k --mount /etc/flyte/secrets",
      { "flyte.secrets/s0": encode({ group: "g", key: "k", mount_requirement: 2 }) },
    ],
    [
      "--group g --key k --mount /etc/flyte/secrets --as-env-var K --allow-env-vars",
      { "flyte.secrets/s0": encode({ group: "g", key: "k", mount_requirement: 1, env_var: "K" }) },
    ],
    [
      "--key api-key --as-env-var API_KEY --allow-env-vars --allow-no-group",
      { "flyte.secrets/s0": encode({ group: "", key: "api-key", mount_requirement: 1, env_var: "API_KEY" }) },
    ],
    [
      "--key api-key --mount /etc/flyte/secrets --allow-no-group",
      { "flyte.secrets/s0": encode({ group: "", key: "api-key", mount_requirement: 2 }) },
    ],
    ["--group=-g --key=-k", { "flyte.secrets/s0": encode({ group: "-g", key: "-k" }) }],
    [
      "-f plain.yaml",
      {
        "flyte.secrets/s0": encode({ group: "a", key: "k" }),
        "flyte.secrets/s1": encode({ group: "b", key: "k", mount_requirement: 2 }),
      },
    ],
  ])("takes %s", async (options, annotations) => {
    const { code, stdout } = await run(`encode ${options}`);
    expect(code).toBe(0);
    expect(parse(stdout).metadata.annotations).toEqual(annotations);
  });

  test.each([
    ["--group a/../b --key k", 1, ["secret.path-segment"]],
    ["--group g --key k/ --mount-requirement ENV_VAR", 1, ["secret.env-var", "secret.path-segment"]],
    ["--group g --key k --as-env-var API_KEY", 1, ["secret.env-var"]],
    ["--key api-key --as-env-var API_KEY --allow-env-vars", 1, ["secret.group-missing"]],
    ["--key api-key --mount /etc/flyte/secrets", 1, ["secret.group-missing"]],
    ["--key ../k --mount /etc/flyte/secrets --allow-no-group", 1, ["secret.path-segment"]],
    ["--group g --key k --as-env-var 1A --allow-env-vars", 1, ["secret.variable-name"]],
    ["--group g --key k --mount /etc/other", 2, ["cli.option-value"]],
    ["--group g --key k --mount /etc/flyte/secrets --env-var E", 2, ["cli.options-exclusive"]],
    ['--group a"b --key k --group-version db', 1, ["secret.database-quote"]],
    ["-f typo.yaml", 2, ["preview.unknown-name"]],
    ["-f broken.yaml", 2, ["preview.syntax"]],
    ["-f list.yaml", 2, ["preview.not-an-object"]],
    ["-f none.yaml", 2, ["preview.unknown-name", "preview.field"]],
    ["-f gone.yaml", 2, ["cli.input-unreadable"]],
    ["", 2, ["cli.option-missing", "cli.option-missing"]],
  ])("refuses `%s` with exit code %i", async (options, code, issues) => {
    const result = await run(`encode ${options}`.trim());
    expect({ code: result.code, issues: result.issues, stdout: result.stdout }).toEqual({
      code,
      issues: [...issues],
      stdout: "",
    });
  });

  test("names the file of what is wrong", async () => {
    expect((await run("encode -f typo.yaml")).stderr).toContain(
      "typo.yaml: Cannot read the input: /secrets/0",
    );
  });
});

describe("secrets decode", () => {
  test("prints the plain form", async () => {
    const { code, stdout } = await run(
      `decode ${VALUE} ${encode({ group: "g", key: "k", mount_requirement: 1, env_var: "E" })}`,
    );
    expect([code, stdout]).toEqual([
      0,
      `secrets:
  - group: secret/data/team
    key: api-key
  - group: g
    key: k
    mount_requirement: ENV_VAR
    env_var: E
`,
    ]);
  });

  test("finds requests in manifests, in the order of their numbers", async () => {
    const { code, stdout } = await run("decode -f pod.yaml -f cluster.yaml");
    expect([code, stdout]).toEqual([
      0,
      `secrets:
  # flyte.secrets/s2
  - group: a
    key: k
    group_version: kv1
    mount_requirement: FILE
  # flyte.secrets/s10
  - group: b
    key: k
  # flyte.secrets/s0
  - group: secret/data/team
    key: api-key
`,
    ]);
  });

  test("prints what it can, and names the rest with file, line and column", async () => {
    const { code, stdout, stderr, issues } = await run("decode -f bad.yaml");
    expect(code).toBe(1);
    expect(parse(stdout).secrets).toHaveLength(1);
    expect(issues).toEqual(["secret.base32", "cli.request-not-text"]);
    expect(stderr).toContain("bad.yaml:4:5: Cannot decode secret request flyte.secrets/s1");
    expect(stderr).toContain(
      "bad.yaml:5:5: Cannot decode secret request flyte.secrets/s2: expected a string, found 7",
    );
  });

  test.each([
    ["decode x!", undefined, 1, ["secret.base32"]],
    ["decode m4zg54lq", undefined, 1, ["secret.text"]],
    ["decode -f none.yaml", undefined, 2, ["cli.requests-none"]],
    ["decode -f broken.yaml", undefined, 2, ["preview.syntax"]],
    ["decode -f gone.yaml", undefined, 2, ["cli.input-unreadable"]],
    ["decode", "", 2, ["preview.empty"]],
  ])("refuses `%s`", async (line, stdin, code, issues) => {
    const result = await run(line, stdin);
    expect({ code: result.code, issues: result.issues, stdout: result.stdout }).toEqual({
      code,
      issues: [...issues],
      stdout: "",
    });
  });

  test.each(goldenRequests.filter((row) => row.kind === "decode").map((row) => [row.name, row] as const))(
    "decides as Flyte does: %s",
    async (_, { value, secret: expected }) => {
      const { code, stdout } = await place.run(["secrets", "decode", "--", value]);
      const isText = expected !== undefined && !Object.keys(expected).some((field) => field.endsWith("_b64"));
      expect(code).toBe(isText ? 0 : 1);
      if (isText) expect(parse(stdout).secrets[0].group).toBe(expected.group ?? "");
    },
  );
});

test("decode gives back what encode was given", async () => {
  const name = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
    .filter((text) => !/[\p{Cc}/{}]|^\.+$|^-/u.test(text) && text.isWellFormed());
  const request = fc.record({
    group: name,
    key: name,
    group_version: fc.constantFrom("kv1", "kv2", "v3"),
    mount_requirement: fc.constantFrom("FILE"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 3 }), async (secrets) => {
      const encoded = await run("encode -f -", JSON.stringify({ secrets }));
      expect(encoded.stderr).toBe("");
      const decoded = await run("decode", encoded.stdout);
      expect(parse(decoded.stdout)).toEqual({ secrets });
      expect((await run("encode -f -", decoded.stdout)).stdout).toBe(encoded.stdout);
    }),
    { numRuns: 50 },
  );
});
