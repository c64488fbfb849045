import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { SECTIONS } from "../../../src/config/schema.ts";
import { decodeRequest } from "../../../src/core/secret/codec.ts";
import { webPorts } from "../../../src/host/ports.ts";
import { CONFIG_SECTIONS } from "../../../src/preview/input/plain.ts";
import { codesOf, member, read, readGood, SPARK, TEMPLATE, WORKLOAD_CASES, workload } from "../fixtures.ts";

const POD = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "a", namespace: "team" },
  spec: { containers: [] },
};

describe("readPreviewInput: Kubernetes objects", () => {
  test("takes a pod as it is", () => {
    const input = readGood(POD);
    expect(input.documents).toEqual([POD]);
    expect(input.targets).toEqual([
      {
        document: 0,
        pointer: "",
        owner: "",
        form: "pod",
        kind: "Pod",
        name: "a",
        namespace: "team",
        pod: POD,
      },
    ]);
  });

  test.each(WORKLOAD_CASES.map((row) => [`${row[0]} ${row[1]}`, row] as const))(
    "finds the pods of %s",
    (_, row) => {
      const input = readGood(workload(row));
      expect<string[]>(input.targets.map(({ pointer }) => pointer)).toEqual([...row[3]]);
      for (const target of input.targets) {
        expect(target).toMatchObject({ kind: row[1], name: "it", namespace: "team", owner: "" });
        expect(target.pod).toMatchObject({
          apiVersion: "v1",
          kind: "Pod",
          metadata: { ...TEMPLATE.metadata, namespace: "team", generateName: "it-" },
          spec: { containers: [{ env: SPARK.env }, { name: "side" }] },
        });
      }
    },
  );

  test("marks the pods of Ray and Knative as their controllers do", () => {
    const labels = (kind: string) => {
      const row = WORKLOAD_CASES.find((candidate) => candidate[1] === kind);
      if (!row) throw new Error(kind);
      return member(member(readGood(workload(row)).targets[0]?.pod, "metadata"), "labels");
    };
    expect(labels("RayCluster")).toEqual({ "ray.io/cluster": "it", project: "p" });
    expect(labels("Service")).toEqual({ "serving.knative.dev/service": "it", project: "p" });
  });

  test.each([
    ["the object's", { namespace: "object" }, { namespace: "template" }, "object"],
    ["the template's", {}, { namespace: "template" }, "template"],
    ["default", undefined, undefined, "default"],
  ])("takes %s namespace", (_, metadata, templateMetadata, wanted) => {
    const template = { metadata: templateMetadata, spec: {} };
    const input = readGood({ apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { template } });
    expect(input.targets[0]?.namespace).toBe(wanted);
  });

  test("leaves malformed metadata for the review to refuse", () => {
    const template = { metadata: "text", spec: {} };
    const input = readGood({ apiVersion: "apps/v1", kind: "Deployment", spec: { template } });
    expect(input.targets[0]?.pod.metadata).toBe("text");
  });

  test("walks lists, lists in lists, typed lists and arrays", () => {
    const list = {
      apiVersion: "v1",
      kind: "List",
      items: [POD, { kind: "List", apiVersion: "v1", items: [POD] }],
    };
    expect(readGood(list).targets.map(({ pointer }) => pointer)).toEqual(["/items/0", "/items/1/items/0"]);
    const typed = { apiVersion: "v1", kind: "PodList", items: [{ metadata: { name: "b" } }] };
    expect(readGood(typed).targets[0]).toMatchObject({
      kind: "Pod",
      name: "b",
      pod: { apiVersion: "v1", kind: "Pod" },
    });
    expect(readGood([POD, POD]).targets.map(({ pointer }) => pointer)).toEqual(["/0", "/1"]);
    const workloads = {
      apiVersion: "v1",
      kind: "List",
      items: [workload(["apps/v1", "Deployment", { spec: { template: TEMPLATE } }])],
    };
    expect(readGood(workloads).targets[0]).toMatchObject({
      pointer: "/items/0/spec/template",
      owner: "/items/0",
    });
  });

  test("takes the request of an AdmissionReview as it is", () => {
    const request = {
      uid: "u",
      operation: "UPDATE",
      namespace: "ns",
      userInfo: { username: "me" },
      object: POD,
    };
    const input = readGood({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request });
    expect(input.targets[0]).toMatchObject({
      pointer: "/request/object",
      namespace: "ns",
      name: "a",
      pod: POD,
      request: { uid: "u", operation: "UPDATE", user: "me" },
    });
  });

  test("reads YAML documents, leaves empty ones out, and passes over what has no pods", () => {
    const yaml = `# comment
---
---
{ apiVersion: v1, kind: ConfigMap, metadata: { name: c } }
---
apiVersion: v1
kind: Pod
metadata: { generateName: g- }
`;
    const result = read(yaml);
    expect(codesOf(result)).toEqual(["preview.passed-over"]);
    expect(readGood(yaml)).toMatchObject({
      documents: [{ kind: "ConfigMap" }, {}],
      targets: [{ document: 1, name: "g-" }],
    });
  });

  test("reads YAML as kubectl does", () => {
    const pod =
      "apiVersion: v1\nkind: Pod\nspec: { a: 0644, b: yes, c: 1:30, d: 2024-01-01, e: 0o17, f: !!binary aGk= }\n";
    expect(readGood(pod).targets[0]?.pod.spec).toEqual({
      a: 420,
      b: true,
      c: "1:30",
      d: "2024-01-01",
      e: 15,
      f: "aGk=",
    });
  });

  test("keeps __proto__ a plain key", () => {
    for (const text of [
      '{"apiVersion":"v1","kind":"Pod","metadata":{"__proto__":{"name":"evil"}}}',
      "apiVersion: v1\nkind: Pod\nmetadata: { __proto__: { name: evil } }\n",
    ]) {
      const [target] = readGood(text).targets;
      expect(target?.name).toBe("");
      expect(Object.keys(target?.pod.metadata ?? {})).toEqual(["__proto__"]);
    }
  });
});

describe("readPreviewInput: the plain form", () => {
  const secret = { group: "secret/data/team", key: "api_key" };

  function requests(pod: unknown) {
    const annotations = member(member(pod, "metadata"), "annotations");
    return Object.entries(annotations ?? {}).map(([key, value]) => [
      key,
      decodeRequest(String(value), key, webPorts.decodeUtf8),
    ]);
  }

  test("builds a pod", () => {
    const input = readGood({
      secrets: [secret, { ...secret, group_version: "kv1", mount_requirement: "file", env_var: "X" }],
      namespace: "team",
      project: "p",
      domain: "d",
      serviceAccount: "sa",
      config: { version: 1 },
    });
    expect(input.config).toEqual({ version: 1 });
    expect(input.targets).toMatchObject([
      { document: 0, pointer: "", kind: "Pod", name: "preview", namespace: "team" },
    ]);
    const pod = input.targets[0]?.pod;
    expect(input.documents).toEqual([pod]);
    expect(pod).toMatchObject({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { namespace: "team", labels: { "inject-flyte-secrets": "true", project: "p", domain: "d" } },
      spec: { serviceAccountName: "sa", containers: [{ name: "main" }] },
    });
    expect(requests(pod)).toEqual([
      ["flyte.secrets/s0", { ...secret, group_version: "", mount_requirement: 0, env_var: "" }],
      ["flyte.secrets/s1", { ...secret, group_version: "kv1", mount_requirement: 2, env_var: "X" }],
    ]);
  });

  test.each([
    [{ mount: "/etc/flyte/secrets" }, { mount_requirement: 2, env_var: "" }],
    [{ as_env_var: "API_KEY" }, { mount_requirement: 1, env_var: "API_KEY" }],
    [
      { as_env_var: "K", mount: "/etc/flyte/secrets" },
      { mount_requirement: 1, env_var: "K" },
    ],
  ])("takes the v2 SDK's words %p", (words, wanted) => {
    const input = readGood({ secrets: [{ ...secret, ...words }] });
    expect(requests(input.targets[0]?.pod)).toMatchObject([["flyte.secrets/s0", wanted]]);
  });

  test.each([
    [{ mount: "/tmp" }, "/secrets/0/mount"],
    [{ mount: "" }, "/secrets/0/mount"],
    [{ as_env_var: "api-key" }, "/secrets/0/as_env_var"],
    [{ as_env_var: 1 }, "/secrets/0/as_env_var"],
    [{ as_env_var: "A", env_var: "B" }, "/secrets/0/env_var"],
    [{ mount: "/etc/flyte/secrets", mount_requirement: 2 }, "/secrets/0/mount_requirement"],
  ])("refuses what the v2 SDK would: %p", (words, path) => {
    const parsed = read({ secrets: [{ ...secret, ...words }] });
    expect(codesOf(parsed)).toEqual(["preview.field"]);
    expect(parsed.ok ? [] : parsed.issues.map((issue) => issue.path)).toEqual([path]);
  });

  test("adds to a given pod after its highest index", () => {
    const pod = {
      metadata: {
        namespace: "team",
        labels: { a: "b" },
        annotations: { "flyte.secrets/s4": "z", "flyte.secrets/sx": "z" },
      },
      spec: { nodeName: "n" },
    };
    const input = readGood({ secrets: [secret], pod });
    expect(input.targets[0]).toMatchObject({ namespace: "team", pod: { spec: { nodeName: "n" } } });
    expect(requests(input.targets[0]?.pod).map(([key]) => key)).toEqual([
      "flyte.secrets/s4",
      "flyte.secrets/sx",
      "flyte.secrets/s5",
    ]);
  });

  test("a document with a configuration alone brings it for the others, and makes no pod", () => {
    const pod = "{ apiVersion: v1, kind: Pod, metadata: { name: a } }";
    for (const text of [`${pod}\n---\nconfig: { version: 1 }`, `config: { version: 1 }\n---\n${pod}`]) {
      const input = readGood(text);
      expect(input.targets.map(({ name }) => name)).toEqual(["a"]);
      expect([input.documents.length, input.config]).toEqual([2, { version: 1 }]);
    }
    expect(codesOf(read("config: { version: 1 }"))).toEqual(["preview.list-empty"]);
  });

  test("takes a pod without secrets, to preview it under a candidate configuration", () => {
    expect(readGood({ pod: { metadata: {} }, config: {} }).targets).toHaveLength(1);
  });

  test.each([
    ["anY", 0],
    ["Env_Var", 1],
    [2, 2],
  ])("takes the mount requirement %p", (mount_requirement, wanted) => {
    const input = readGood({ secrets: [{ ...secret, mount_requirement }] });
    expect(requests(input.targets[0]?.pod)[0]?.[1]).toMatchObject({ mount_requirement: wanted });
  });

  test.each([
    [
      { secrets: [{ ...secret, groupVersion: "kv2" }] },
      "/secrets/0/groupVersion",
      "Did you mean group_version?",
    ],
    [{ secret: [secret], secrets: [] }, "/secret", "Did you mean secrets?"],
    [{ secrets: [], service_account: "sa" }, "/service_account", "Did you mean serviceAccount?"],
    [
      { secrets: [], zzzzzz: 1 },
      "/zzzzzz",
      "Known keys: secrets, namespace, project, domain, serviceAccount, pod, config",
    ],
    [
      '{"secrets":[],"__proto__":{}}',
      "/__proto__",
      "Known keys: secrets, namespace, project, domain, serviceAccount, pod, config",
    ],
  ])("refuses the unknown name in %j", (input, path, help) => {
    expect(read(input).issues).toMatchObject([{ code: "preview.unknown-name", path, help }]);
  });

  test.each([
    [{ secrets: "x" }, "/secrets"],
    [{ secrets: [1] }, "/secrets/0"],
    [{ secrets: [{ group: 1, key: "k" }] }, "/secrets/0/group"],
    [{ secrets: [{ ...secret, mount_requirement: 3 }] }, "/secrets/0/mount_requirement"],
    [{ secrets: [{ ...secret, mount_requirement: "DISK" }] }, "/secrets/0/mount_requirement"],
    [{ secrets: [], namespace: 1 }, "/namespace"],
    [{ secrets: [], pod: "x" }, "/pod"],
    [{ secrets: [], pod: { kind: "Deployment" } }, "/pod/kind"],
    [{ secrets: [], pod: { apiVersion: "v2" } }, "/pod/apiVersion"],
    [{ secrets: [], pod: { metadata: [] } }, "/pod/metadata"],
    [{ secrets: [], pod: { metadata: { annotations: 1 } } }, "/pod/metadata/annotations"],
    [{ namespace: "n" }, "/secrets"],
  ])("refuses %j", (input, path) => {
    expect(read(input).issues).toMatchObject([{ code: "preview.field", path }]);
  });

  test("reports everything that is wrong together", () => {
    const found = codesOf(read({ secrets: [{ grup: "g" }], namespace: 1 }));
    expect(found).toEqual(["preview.unknown-name", "preview.field"]);
  });
});

describe("readPreviewInput: refusals", () => {
  const list = (items: readonly unknown[]) => ({ apiVersion: "v1", kind: "List", items });
  const deployment = (template: unknown) => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    spec: { template },
  });
  const worker = { template: TEMPLATE };

  test.each<[string, unknown, string]>([
    ["empty", "", "preview.empty"],
    ["blank", " \n", "preview.empty"],
    ["a comment", "# nothing\n---\n", "preview.empty"],
    ["null", "null", "preview.empty"],
    ["bad YAML", "a: [1\nb: 2", "preview.syntax"],
    ["truncated JSON", '{"kind": "Pod",', "preview.syntax"],
    ["trailing text", '{"kind": "Pod"} x', "preview.syntax"],
    ["a missing anchor", "a: *b", "preview.unresolved"],
    ["a merge of a text", "<<: x", "preview.unresolved"],
    ["an alias of itself", "&a [*a]", "preview.too-deep"],
    ["a key twice", "kind: Pod\nmetadata:\n  name: a\n  name: b", "preview.duplicate-key"],
    ["many aliases", `a: &a 1\nb: [${"*a,".repeat(201)}]`, "preview.too-many-aliases"],
    [
      "an alias bomb",
      `a: &a [x]\n${[..."bcdefghi"].map((c, i) => `${c}: &${c} [${`*${"abcdefgh"[i]},`.repeat(9)}]`).join("\n")}`,
      "preview.unresolved",
    ],
    [
      "a large value by alias",
      `a: &a ${"x".repeat(200_000)}\nb: [${"*a,".repeat(150)}]`,
      "preview.too-large",
    ],
    ["deep JSON", `${"[".repeat(300)}${"]".repeat(300)}`, "preview.too-deep"],
    ["deep YAML", "- ".repeat(300), "preview.too-deep"],
    ["very deep flow YAML", "[".repeat(100_000), "preview.too-deep"],
    ["much YAML", `[${"1,".repeat(300_000)}]`, "preview.too-complex"],
    ["many documents", "---\na: 1\n".repeat(1_001), "preview.too-many-documents"],
    ["many empty documents", "---\n".repeat(1_001), "preview.too-many-documents"],
    ["a text", "hello", "preview.not-an-object"],
    ["a text in a list", list([POD, "x"]), "preview.not-an-object"],
    ["101 pods", list(Array(101).fill(POD)), "preview.too-many-objects"],
    [
      "101 templates",
      { apiVersion: "ray.io/v1", kind: "RayCluster", spec: { workerGroupSpecs: Array(101).fill(worker) } },
      "preview.too-many-objects",
    ],
    [
      "a large object with many templates",
      {
        apiVersion: "ray.io/v1",
        kind: "RayCluster",
        spec: { workerGroupSpecs: Array(100).fill(worker), x: "x".repeat(200_000) },
      },
      "preview.too-large",
    ],
    ["no kind", { foo: 1 }, "preview.kind-missing"],
    ["a configuration", { webhook: {}, policy: {} }, "preview.config-bare"],
    ["a Service", { apiVersion: "v1", kind: "Service" }, "preview.kind-unknown"],
    ["another group's Deployment", { apiVersion: "acme.io/v1", kind: "Deployment" }, "preview.kind-unknown"],
    ["only objects without pods", list([{ apiVersion: "v1", kind: "Secret" }]), "preview.kind-unknown"],
    ["an empty list", list([]), "preview.list-empty"],
    [
      "a workload without template",
      { apiVersion: "apps/v1", kind: "Deployment" },
      "preview.template-missing",
    ],
    ["a template that is none", deployment("x"), "preview.field"],
    [
      "a review without object",
      { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request: { uid: "u" } },
      "preview.field",
    ],
    [
      "a review without uid",
      { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request: {} },
      "review.uid-missing",
    ],
    ["two configs", "secrets: []\nconfig: {}\n---\n{ secrets: [], config: {} }", "preview.config-twice"],
  ])("refuses %s", (_, input, code) => {
    const result = read(input);
    expect(result.ok).toBe(false);
    expect(codesOf(result)[0]).toBe(code);
  });

  test("names line and column", () => {
    const { issues } = read("kind: Pod\nmetadata:\n  name: a\n  name: b\n");
    expect(issues[0]?.message).toBe('Cannot read the input: line 4, column 3: duplicate key "name"');
    expect(read("a: 1\n b: 2").issues[0]?.message).toContain("line 1, column 4: ");
    expect(read("a: 1\n---\nb:\n\t- c").issues[0]?.message).toContain("line 4, column 1: ");
  });

  test("names the kind and what is supported", () => {
    const [issue] = read({ apiVersion: "v1", kind: "Service", metadata: { name: "s" } }).issues;
    expect(issue?.message).toBe('Cannot preview "s": "Service" of "v1" has no known pod template');
    expect(issue?.help).toContain("Deployment, StatefulSet");
  });

  test("tells no more issues than can be read", () => {
    expect(read(list(Array(5_000).fill("x"))).issues).toHaveLength(100);
    expect(read(list([POD, ...Array(5_000).fill({ apiVersion: "v1", kind: "Secret" })])).issues).toHaveLength(
      100,
    );
  });
});

describe("readPreviewInput never throws", () => {
  const keys = fc.constantFrom(
    "apiVersion",
    "kind",
    "metadata",
    "spec",
    "items",
    "secrets",
    "pod",
    "template",
    "request",
    "object",
    "__proto__",
    "constructor",
    "name",
  );
  const leaves = fc.oneof(
    fc.constantFrom(
      "v1",
      "Pod",
      "List",
      "Deployment",
      "apps/v1",
      "AdmissionReview",
      "admission.k8s.io/v1",
      "ray.io/v1",
      "RayCluster",
    ),
    fc.jsonValue(),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      leaves,
      fc.array(tie("tree"), { maxLength: 4 }),
      fc.dictionary(keys, tie("tree")),
    ),
  }));

  test("for JSON", () => {
    fc.assert(
      fc.property(tree, (value) => typeof read(JSON.stringify(value)).ok === "boolean"),
      { numRuns: 500 },
    );
  });

  test("for any text", () => {
    const yaml = fc.array(
      fc.constantFrom(
        "a",
        "&a",
        "*a",
        ":",
        " ",
        "\n",
        "-",
        "  ",
        "?",
        "<<",
        "[",
        "]",
        "{",
        "}",
        ",",
        '"',
        "'",
        "|",
        ">",
        "---",
        "%YAML 1.2",
        "!!set",
        "!!binary",
        "~",
        "#",
        "\t",
        "\0",
        "secrets",
        "kind",
      ),
      { maxLength: 60 },
    );
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      yaml.map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, (value) => typeof read(value).ok === "boolean"),
      { numRuns: 3_000 },
    );
  });
});

test("a configuration is recognized by all its sections", () => {
  expect(CONFIG_SECTIONS.toSorted()).toEqual(SECTIONS.toSorted());
});
