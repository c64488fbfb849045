import { afterAll, describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import fastJsonPatch from "fast-json-patch";
import { parse, parseAllDocuments } from "yaml";
import { renderYaml } from "../../src/core/yaml.ts";
import {
  applyOutcome,
  createTestEngine,
  DEFAULT_SETTINGS,
  podWith,
  reviewPod,
  secret,
} from "../fixtures/engine.ts";
import { createWorkplace } from "./harness.ts";

const good = secret({ group: "secret/data/team", key: "api_key" });
const bad = secret({ group: "secret/../team", key: "api_key" });
const POD = podWith([good]);
const BAD = podWith([bad]);
const MOUNTED = {
  ...POD,
  spec: { containers: [{ name: "main", volumeMounts: [{ name: "x", mountPath: "/etc/flyte/secrets" }] }] },
};
const UNLABELLED = { ...POD, metadata: { ...POD.metadata, labels: {} } };
const SERVICE = { apiVersion: "v1", kind: "Service", metadata: { name: "web" } };
const JOB = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "train" },
  spec: { template: { metadata: POD.metadata, spec: POD.spec } },
};

const place = createWorkplace({
  "pod.yaml": renderYaml([POD]),
  "pod.json": JSON.stringify(POD),
  "bad.yaml": renderYaml([BAD]),
  "mounted.yaml": renderYaml([MOUNTED]),
  "unlabelled.yaml": renderYaml([UNLABELLED]),
  "plain.yaml": "secrets: [{ group: secret/data/team, key: api_key }]\n",
  "candidate.yaml": "secrets: [{ group: a, key: b }]\nconfig: {}\n",
  "idle.yaml": renderYaml([{ ...POD, metadata: { name: "idle" } }]),
  "service.yaml": renderYaml([SERVICE]),
  "two.yaml": renderYaml([POD, SERVICE, JOB]),
  "list.yaml": renderYaml([{ apiVersion: "v1", kind: "List", items: [POD, JOB] }]),
  "all/b.yml": renderYaml([{ ...POD, metadata: { ...POD.metadata, name: "b" } }]),
  "all/a.json": JSON.stringify({ ...POD, metadata: { ...POD.metadata, name: "a" } }),
  "all/c.yaml": renderYaml([SERVICE]),
  "all/d.yaml": "# nothing but a comment\n",
  "all/README.md": "not: [yaml",
  "all/sub.yaml/x.yaml": "not: [yaml",
  "podless/a.yaml": renderYaml([SERVICE]),
  "podless/b.yaml": renderYaml([SERVICE]),
  "empty/README.md": "",
  "empty.yaml": "",
  "broken.yaml": "a: b\nc: [",
  "scalar.yaml": "hello",
  "kindless.yaml": "metadata: {}\nspec: {}\n",
  "binary.yaml": new Uint8Array([0x1f, 0x8b, 0x08, 0x00, 0xff]),
  "nul.yaml": "a: \u0000",
  "utf16.yaml": new Uint8Array([0xff, 0xfe, 0x61, 0x00]),
  "strict.yaml": "policy: { strict: true }\n",
  "bad-config.yaml": "policy: { idz: stable }\n",
});
afterAll(place.remove);

const run = (line: string, stdin?: string | Uint8Array) =>
  place.run(["preview", ...line.split(" ").filter((word) => word !== "")], {
    ...(stdin !== undefined && { stdin }),
  });

describe("preview refuses", () => {
  test.each([
    ["-f none.yaml", 2, ["cli.input-unreadable"], '"none.yaml": ENOENT: no such file or directory'],
    ["-f none.yaml -f gone.yaml", 2, ["cli.input-unreadable", "cli.input-unreadable"], "gone.yaml"],
    ["-f empty", 2, ["cli.folder-empty"], '"empty"'],
    ["-f empty.yaml", 2, ["preview.empty"], "empty.yaml: Cannot preview"],
    ["-f broken.yaml", 2, ["preview.syntax"], "broken.yaml: Cannot read the input: line 2, column"],
    ["-f scalar.yaml", 2, ["preview.not-an-object"], "scalar.yaml"],
    ["-f kindless.yaml", 2, ["preview.kind-missing"], "kindless.yaml"],
    ["-f binary.yaml", 2, ["cli.input-binary"], '"binary.yaml"'],
    ["-f nul.yaml", 2, ["cli.input-binary"], '"nul.yaml"'],
    ["-f utf16.yaml", 2, ["cli.input-binary"], '"utf16.yaml"'],
    ["-f /dev/zero", 2, ["cli.input-too-large"], '"/dev/zero": it is larger than 134217728 bytes'],
    ["-f service.yaml", 2, ["preview.kind-unknown"], "service.yaml"],
    [
      "-f podless",
      2,
      ["preview.passed-over", "preview.passed-over", "preview.kind-unknown", "preview.kind-unknown"],
      "podless/b.yaml",
    ],
    ["-f candidate.yaml", 2, ["cli.candidate-config"], "--config"],
    ["-f pod.yaml -f broken.yaml -f kindless.yaml", 2, ["preview.syntax", "preview.kind-missing"], ""],
    ["-f pod.yaml --config none.yaml", 2, ["config.file-missing"], '"none.yaml"'],
    [
      "-f pod.yaml --config bad-config.yaml",
      2,
      ["config.name-unknown"],
      "error[config.name-unknown]: bad-config.yaml:1:11: ",
    ],
    ["-f bad.yaml", 1, ["secret.path-segment"], "bad.yaml:11:5: Secret request flyte.secrets/s0"],
    ["-f bad.yaml -o patch", 1, ["secret.path-segment"], ""],
    [
      "-f pod.yaml -f bad.yaml",
      1,
      ["secret.path-segment"],
      "bad.yaml:11:5: Pod flytesnacks-development/f1-n0-0: ",
    ],
    ["-f mounted.yaml --config strict.yaml", 1, ["pod.mount-taken"], "mounted.yaml:"],
  ])("`%s` with exit code %i", async (line, code, issues, said) => {
    const result = await run(line);
    expect({ code: result.code, stdout: result.stdout, issues: result.issues }).toEqual({
      code,
      stdout: "",
      issues: [...issues],
    });
    expect(result.stderr).toContain(said);
  });

  test.each([
    ["", "preview.empty"],
    ["[]", "preview.list-empty"],
    ["a: b: c", "preview.syntax"],
  ])("standard input %j", async (stdin, issue) => {
    const result = await run("", stdin);
    expect([result.code, result.issues]).toEqual([2, [issue]]);
    expect(result.stderr).toContain("stdin: ");
  });
});

describe("preview --fail-on", () => {
  test.each([
    ["mounted.yaml", "deny", 0],
    ["mounted.yaml", "error", 1],
    ["mounted.yaml", "warning", 1],
    ["unlabelled.yaml", "error", 0],
    ["unlabelled.yaml", "warning", 1],
    ["pod.yaml", "warning", 0],
    ["bad.yaml", "deny", 1],
    ["mounted.yaml", "", 1],
    ["unlabelled.yaml", "", 0],
  ])("%s with %s exits %i", async (file, severity, code) => {
    const result = await run(`-f ${file} ${severity && `--fail-on ${severity}`} -o json`);
    expect(result.code).toBe(code);
    expect(JSON.parse(result.stdout).results).toHaveLength(1);
    expect(result.issues).toEqual(code === 1 && file !== "bad.yaml" ? ["cli.threshold"] : []);
  });
});

describe("preview output", () => {
  test("yaml is the pod as the webhook leaves it, and alone on standard output", async () => {
    const outcome = await reviewPod(await createTestEngine(SETTINGS), POD);
    const { code, stdout, stderr } = await run("-f pod.yaml");
    expect([code, stderr]).toEqual([0, ""]);
    expect(parse(stdout)).toEqual(applyOutcome(POD, outcome));
  });

  test.each([["pod.yaml"], ["pod.json"], ["two.yaml"], ["list.yaml"]])(
    "patch of %s applies to its documents",
    async (file) => {
      const text = await Bun.file(`${place.folder}/${file}`).text();
      const documents: unknown[] = parseAllDocuments(text).map((document) => document.toJS());
      const lines = (await run(`-f ${file} -o patch`)).stdout.trimEnd().split("\n");
      const patched = documents.map(
        (document, i) => fastJsonPatch.applyPatch(document, JSON.parse(lines[i] ?? "")).newDocument,
      );
      expect(lines).toHaveLength(documents.length);
      expect(parseAllDocuments((await run(`-f ${file}`)).stdout).map((document) => document.toJS())).toEqual(
        patched,
      );
    },
  );

  test("json is what POST /preview answers, for all files together", async () => {
    const { stdout, stderr } = await run("-f pod.yaml -f bad.yaml -o json");
    const { version, configHash, results } = JSON.parse(stdout);
    expect(version).toBe(1);
    expect((await place.run(["config", "check"])).stdout).toContain(configHash);
    expect(results.map(({ allowed }: { allowed: boolean }) => allowed)).toEqual([true, false]);
    expect(stderr).toBe("");
  });

  test("table has every pod, also where one is refused", async () => {
    const { code, stdout, stderr } = await run("-f pod.yaml -f bad.yaml -o table");
    expect([code, stderr]).toEqual([1, ""]);
    expect(stdout).toMatch(/^Pod flytesnacks-development\/f1-n0-0: allowed$/m);
    expect(stdout).toMatch(/^Pod flytesnacks-development\/f1-n0-0: refused$/m);
  });

  test("diff adds what yaml has, and nothing else", async () => {
    const { stdout } = await run("-f pod.yaml -o diff");
    expect(stdout).toStartWith("--- a/pod.yaml\n+++ b/pod.yaml\n@@ -");
    const added = stdout.split("\n").filter((line) => /^\+(?!\+\+ )/.test(line));
    const before = renderYaml([POD]).split("\n");
    const after = (await run("-f pod.yaml")).stdout.split("\n").filter((line) => !before.includes(line));
    expect(added.map((line) => line.slice(1))).toEqual(after);
    expect(stdout).not.toMatch(/^-(?!--)/m);
  });

  test("yaml of a folder has its files in name order, those without pods too", async () => {
    const { code, stdout, issues } = await run("-f all");
    expect(parseAllDocuments(stdout).map((document) => document.getIn(["metadata", "name"]))).toEqual([
      "a",
      "b",
      "web",
    ]);
    expect([code, issues]).toEqual([0, ["preview.passed-over"]]);
  });

  test("standard input is read without -f, and with -f -", async () => {
    const { stdout } = await run("-f pod.yaml");
    expect(await run("", renderYaml([POD]))).toMatchObject({ code: 0, stdout, stderr: "" });
    expect(await run("-f -", JSON.stringify(POD))).toMatchObject({ code: 0, stdout, stderr: "" });
  });

  test("the plain form becomes a pod", async () => {
    const { code, stdout } = await run("-f plain.yaml");
    expect(code).toBe(0);
    expect(parse(stdout)).toMatchObject({
      kind: "Pod",
      metadata: { labels: { "inject-flyte-secrets": "true" } },
    });
  });

  test("a pod that asks for nothing says so", async () => {
    expect(await run("-f idle.yaml -o patch")).toMatchObject({
      code: 0,
      stdout: "[]\n",
      issues: ["cli.pod-asks-nothing"],
    });
  });

  test.each([
    ["-n team", ["team", "flytesnacks-development"]],
    ["", ["default", "flytesnacks-development"]],
  ])("--namespace is that of objects that name none (`%s`)", async (options, namespaces) => {
    const documents = [{ ...POD, metadata: { ...POD.metadata, namespace: undefined } }, POD];
    const { stdout } = await run(`${options} -o json`, JSON.stringify(documents));
    expect(JSON.parse(stdout).results.map(({ namespace }: { namespace: string }) => namespace)).toEqual(
      namespaces,
    );
  });

  test("--namespace decides what the injector would say, and is not written into the document", async () => {
    const document = {
      ...JOB,
      spec: { template: { ...JOB.spec.template, metadata: { ...POD.metadata, namespace: undefined } } },
    };
    const { stdout, issues } = await run("-n kube-system --fail-on deny", JSON.stringify(document));
    expect(issues).toEqual(["pod.system-namespace"]);
    expect(stdout).not.toContain("kube-system");
  });
});

const SETTINGS = {
  ...DEFAULT_SETTINGS,
  webhook: { vaultSecretManager: { role: "flyte-role", kvVersion: 2 as const, annotations: {} } },
};

describe("configuration", () => {
  test.each([
    [["--config", "one.yaml"], {}, "one"],
    [[], { FLYTE_VAULT_WEBHOOK_CONFIG: "one.yaml" }, "one"],
    [[], { FLYTE_VAULT_WEBHOOK_CONFIG: "one.yaml::two.yaml" }, "two"],
    [["--config", "one.yaml"], { FLYTE_VAULT_WEBHOOK_CONFIG: "two.yaml" }, "one"],
    [["--config", "one.yaml", "--config", "two.yaml"], {}, "two"],
    [[], { FLYTE_VAULT_WEBHOOK_CONFIG: "" }, "flyte-role"],
    [["--config", "env.yaml"], { ROLE: "from-env" }, "from-env"],
  ])("of %j with %j has the role %s", async (options, env, role) => {
    place.write("one.yaml", "webhook: { vaultSecretManager: { role: one } }");
    place.write("two.yaml", "webhook: { vaultSecretManager: { role: two } }");
    place.write("env.yaml", `webhook: { vaultSecretManager: { role: "\${env:ROLE}" } }`);
    const { stdout } = await place.run(["preview", "-f", "pod.yaml", ...options], { env });
    expect(stdout).toContain(`vault.hashicorp.com/role: ${role}\n`);
  });

  test("is never the example of the package, for want of another", async () => {
    const elsewhere = createWorkplace({ "pod.yaml": renderYaml([POD]) });
    rmSync(join(elsewhere.folder, "config"), { recursive: true });
    const { code, issues, stderr } = await elsewhere.run(["preview", "-f", "pod.yaml"]);
    elsewhere.remove();
    expect([code, issues]).toEqual([2, ["config.file-missing"]]);
    expect(stderr).toContain('"config/webhook.yaml"');
  });

  test("warnings are told, what is merely worth knowing is not", async () => {
    place.write("warns.yaml", "webhook: { somethingElse: x, secretName: y }");
    const { code, issues } = await run("-f pod.yaml --config warns.yaml");
    expect([code, issues]).toEqual([0, ["config.webhook-name-unknown"]]);
  });
});

describe("preview -o patch and the engine", () => {
  const text = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,11}$/);
  const requests = fc.array(
    fc.record({
      group: fc.oneof(
        text,
        text.map((name) => `secret/data/${name}`),
        fc.constant("a/../b"),
        fc.constant(""),
      ),
      key: fc.oneof(text, fc.constant("x\ny")),
      group_version: fc.constantFrom("", "kv1", "kv2", "db"),
      mount_requirement: fc.constantFrom(0, 1, 2),
    }),
    { maxLength: 4 },
  );
  const annotations = fc.dictionary(
    fc.constantFrom("vault.hashicorp.com/role", "vault.hashicorp.com/agent-inject", "acme.io/team"),
    fc.constantFrom("true", "false", "x"),
  );

  test("agree for every pod", async () => {
    const engine = await createTestEngine(SETTINGS);
    await fc.assert(
      fc.asyncProperty(requests, annotations, async (fields, carried) => {
        const pod = podWith(fields.map(secret), carried);
        const outcome = await reviewPod(engine, pod);
        const { code, stdout } = await run("-o patch --fail-on deny", JSON.stringify(pod));
        expect(code).toBe(outcome.allowed ? 0 : 1);
        expect(stdout.trimEnd()).toBe(outcome.allowed ? toPlainJson(outcome.patch) : "");
      }),
      { numRuns: 60 },
    );
  });
});

function toPlainJson(patch: string): string {
  return patch === "" ? "[]" : JSON.stringify(JSON.parse(patch));
}

describe("preview of long lists", () => {
  const pods = Array.from({ length: 2_000 }, (_, at) => ({
    ...{
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: `p${at}` },
      spec: { containers: [{ name: "main", image: "task" }] },
    },
  }));
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: pods });

  test("2,000 pods: each is reviewed, in order, part by part", async () => {
    const place = createWorkplace();
    const { code, stdout } = await place.run(["preview", "-f", "-", "-o", "json"], { stdin: list });
    place.remove();
    const { results } = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(results.map(({ name }: { name: string }) => name)).toEqual(
      pods.map(({ metadata }) => metadata.name),
    );
  });

  test("YAML of any length, cut where pieces end", async () => {
    const place = createWorkplace();
    for (const count of [101, 400]) {
      const text = renderYaml([{ apiVersion: "v1", kind: "List", items: pods.slice(0, count) }]);
      const { stdout } = await place.run(["preview", "-f", "-", "-o", "json"], { stdin: text });
      expect(JSON.parse(stdout).results).toHaveLength(count);
    }
    place.remove();
  });

  test("a broken one among them: refused, with its number", async () => {
    const place = createWorkplace();
    const stdin = list.replace('"p1500"}', '"p1500"');
    const { code, issues } = await place.run(["preview", "-f", "-"], { stdin });
    place.remove();
    expect([code, issues.length > 0]).toEqual([2, true]);
  });
});
