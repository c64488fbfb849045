/** What was typed: read, answered "what if", shared, pasted, and turned into commands. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeRequest } from "../../src/core/secret/codec.ts";
import { webPorts } from "../../src/host/ports.ts";
import { addLabel, addToPlainForm, addToPod } from "../../src/page/input/add-secrets.ts";
import { COPY_FORMS, renderCommand } from "../../src/page/input/copy.ts";
import { EXAMPLES } from "../../src/page/input/examples.ts";
import { EMPTY_INPUTS, type Inputs, subjectOf } from "../../src/page/input/inputs.ts";
import { parseSecretCalls } from "../../src/page/input/python.ts";
import { type ReadyInput, readInputs } from "../../src/page/input/read.ts";
import { decodeShare, encodeShare } from "../../src/page/input/share.ts";
import { describeWhatIf } from "../../src/page/input/what-if.ts";
import { readPreviewInput } from "../../src/preview/input/input.ts";
import { WORKLOAD_CASES } from "../preview/fixtures.ts";

const { encodeUtf8 } = webPorts;
const ofPod = (pod: string, rest: Partial<Inputs> = {}): Inputs => ({ ...EMPTY_INPUTS, pod, ...rest });

function readReady(inputs: Inputs): ReadyInput {
  const reading = readInputs(inputs);
  if (reading.kind !== "ready") throw new Error(JSON.stringify(reading));
  return reading;
}

function readBody(body: string) {
  const input = readPreviewInput(body, { encodeUtf8 });
  if (!input.ok) throw new Error(input.issues[0].message);
  return input.value;
}

const FILE = 2;
const VARIABLE = 1;
const request = (fields: object) => ({
  ...{ group: "", group_version: "", key: "", mount_requirement: 0, env_var: "" },
  ...fields,
});

describe("parseSecretCalls", () => {
  test.each([
    [
      'flyte.Secret("api-key", group="team")',
      [request({ group: "team", key: "api-key", mount_requirement: VARIABLE, env_var: "TEAM_API_KEY" })],
    ],
    ['flyte.Secret(key="k")', [request({ key: "k", mount_requirement: VARIABLE, env_var: "K" })]],
    [
      'flyte.Secret("api-key", group="team", mount=Path("/etc/flyte/secrets"))',
      [request({ group: "team", key: "api-key", mount_requirement: FILE })],
    ],
    [
      'Secret(key="k", group="g", as_env_var="X", mount="/etc/flyte/secrets")',
      [request({ group: "g", key: "k", mount_requirement: VARIABLE, env_var: "X" })],
    ],
    ['Secret(group="g", key="k")', [request({ group: "g", key: "k" })]],
    [
      "Secret(\n    group='secret/data/team',\n    key='k',\n    group_version=\"kv2\",\n    mount_requirement=Secret.MountType.FILE,\n)",
      [request({ group: "secret/data/team", key: "k", group_version: "kv2", mount_requirement: FILE })],
    ],
    [
      'secret_requests=[Secret(group="a", key="b"), flytekit.Secret(group="c", key="d", mount_requirement=MountType.ENV_VAR)]',
      [request({ group: "a", key: "b" }), request({ group: "c", key: "d", mount_requirement: VARIABLE })],
    ],
    ['Secret(group="a\\"b", key="it\'s")', [request({ group: 'a"b', key: "it's" })]],
  ])("reads %j", (text, requests) => {
    expect(parseSecretCalls(text)).toEqual(requests);
  });

  test.each([
    "",
    "secrets",
    "Secret()",
    'Secret(group=name, key="k") + x',
    'Secrets(group="a", key="b")',
    'MySecret(group="a", key="b")',
    'Secret(group="a" key="b")',
    'Secret(group="a", key="b"',
    "apiVersion: v1\nkind: Secret\n",
    'text and Secret(group="a", key="b")',
    `Secret(group="${"x".repeat(20_000)}", key="b")`,
  ])("leaves %j to be pasted as it is", (text) => {
    expect(parseSecretCalls(text)).toBeUndefined();
  });

  test("takes any text without a throw, in linear time", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => void parseSecretCalls(text)));
    const start = performance.now();
    for (const part of ["Secret(", "Secret('", "a=", '"', " ", "Secret(a,", "\\'"])
      parseSecretCalls(part.repeat(1_000));
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});

describe("pasted requests", () => {
  const secrets = [request({ group: "secret/data/a", key: "k", group_version: "kv2" })];

  test("become annotations of a pod, numbered on, and the label comes with them", () => {
    const pod =
      "# mine\napiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    flyte.secrets/s3: abc # kept\n";
    const text = addToPod(pod, secrets) ?? "";
    expect(text).toContain("# mine");
    expect(text).toContain("# kept");
    const [target] = readBody(text).targets;
    expect(target?.pod.metadata).toMatchObject({ labels: { "inject-flyte-secrets": "true" } });
    const value = /flyte\.secrets\/s4: (\S+)/.exec(text)?.[1] ?? "";
    expect(decodeRequest(value, "s4", webPorts.decodeUtf8)).toMatchObject({ ...secrets[0] });
  });

  test("become items of the plain form, behind those that it has, and make a form where there is none", () => {
    expect(readBody(addToPlainForm("", secrets)).targets).toHaveLength(1);
    const text = addToPlainForm("# two\nsecrets:\n  - group: x\n    key: y\nproject: p\n", secrets);
    expect(text).toContain("# two");
    expect(text.indexOf("group: x")).toBeLessThan(text.indexOf("group: secret/data/a"));
    expect(text).toContain("project: p");
    expect(addToPlainForm("just words", secrets)).not.toContain("words");
  });

  test("do not become annotations of what is not a pod", () => {
    expect(addToPod("kind: Deployment\napiVersion: apps/v1\n", secrets)).toBeUndefined();
    expect(addToPod("a: [", secrets)).toBeUndefined();
  });
});

test("addLabel puts the label on the pod at a place, and leaves the other documents", () => {
  const text = "a: 1\n---\nkind: List\nitems:\n  - kind: Pod # this\n";
  expect(addLabel(text, 1, ["items", "0"])).toBe(
    'a: 1\n---\nkind: List\nitems:\n  - kind: Pod # this\n    metadata:\n      labels:\n        inject-flyte-secrets: "true"\n',
  );
  expect(addLabel(text, 2, [])).toBeUndefined();
});

describe("readInputs", () => {
  test("a blank text is empty, whatever else there is", () => {
    expect(readInputs(ofPod(" \n", { config: "a: b" })).kind).toBe("empty");
  });

  test("a text that the server would refuse is unreadable, with the same issues", () => {
    for (const text of ["a: [", "kind: ConfigMap\napiVersion: v1\n", "secrets: {}\n", "secretz: []\n"]) {
      const here = readInputs(ofPod(text));
      const there = readPreviewInput(text, { encodeUtf8 });
      expect(here.kind === "unreadable" && !there.ok && here.issues).toEqual(there.ok ? [] : there.issues);
    }
  });

  test("the body is the text itself where nothing is added", () => {
    const text = "# comment\nsecrets: [{ group: a, key: b }]";
    expect(readReady({ ...EMPTY_INPUTS, secrets: text, subject: "secrets" }).body).toBe(text);
  });

  test("answers to what if are in every pod of the body, and the namespace with them", () => {
    const whatIf = { namespace: "ns-x", project: "p-x", domain: "d-x", serviceAccount: "sa-x" };
    for (const [apiVersion, name, rest] of WORKLOAD_CASES) {
      const object = { apiVersion, kind: name, metadata: { name: "w" }, ...rest };
      const before = readReady(ofPod(JSON.stringify(object)));
      const after = readBody(readReady(ofPod(JSON.stringify(object), { whatIf })).body);
      expect([name, after.targets.length]).toEqual([name, before.targets.length]);
      expect([name, after.targets.map(describeWhatIf)]).toEqual([name, after.targets.map(() => whatIf)]);
    }
  });

  test("a candidate configuration travels as text, and changes no document", () => {
    const config = "policy:\n  strict: true # why\n";
    for (const text of [
      "secrets: [{ group: a, key: b }]",
      "kind: Pod\napiVersion: v1\n---\nkind: Pod\napiVersion: v1\n",
    ]) {
      const reading = readReady(ofPod(text, { config }));
      const sent = readBody(reading.body);
      expect(sent.config).toBe(config);
      expect(sent.targets.map(({ pod }) => pod)).toEqual(reading.targets.map(({ pod }) => pod));
    }
  });
});

describe("a shared link", () => {
  const text = fc.string({ unit: "grapheme" });
  const anyInputs: fc.Arbitrary<Inputs> = fc.record({
    ...{ pod: text, secrets: text, config: text },
    subject: fc.constantFrom("pod", "secrets"),
    whatIf: fc.record({ namespace: text, project: text, domain: text, serviceAccount: text }),
    flyte: fc.constantFrom("v1", "v2"),
  });

  test("brings back what was typed", async () => {
    await fc.assert(
      fc.asyncProperty(anyInputs, async (inputs) => {
        expect(await decodeShare(await encodeShare(inputs))).toEqual(inputs);
      }),
    );
  });

  test("that is damaged, cut, or none of ours brings nothing", async () => {
    const whole = await encodeShare(ofPod("kind: Pod"));
    for (const bad of [
      "",
      "#",
      "#a",
      "#s=",
      "#s=%%%",
      whole.slice(0, -4),
      `${whole.slice(0, 12)}AAAA`,
      "#s=e30",
    ]) {
      expect([bad, await decodeShare(bad)]).toEqual([bad, undefined]);
    }
    await fc.assert(
      fc.asyncProperty(fc.string(), async (part) => {
        await decodeShare(`#s=${part}`);
      }),
    );
  });

  test("that unpacks to more than an input can be brings nothing", async () => {
    const bomb = await encodeShare(ofPod("x".repeat(4 * 1024 * 1024)));
    expect(bomb.length).toBeLessThan(20_000);
    expect(await decodeShare(bomb)).toBeUndefined();
  });
});

describe("copy as", () => {
  test.each(COPY_FORMS)("%s hands the shell the text, whatever its lines are", async (form) => {
    const hostile = "a: |\n  YAML\n  YAML_\nb: $(touch /tmp/x) `id` 'q' \"d\" \\\n";
    for (const text of [hostile, "YAML\nYAML_\nYAML__\n", "no end"]) {
      const ready: ReadyInput = {
        kind: "ready",
        text,
        documents: [],
        targets: [],
        plain: new Map(),
        body: text,
      };
      const command = renderCommand(form, ready, "http://127.0.0.1:1", false);
      const script = `curl() { cat; }; flyte-vault-webhook() { cat; }\n${command}`;
      const { stdout } = Bun.spawnSync(["bash", "-c", script]);
      expect(stdout.toString()).toBe(text.endsWith("\n") ? text : `${text}\n`);
    }
  });

  test("never holds a token, only where it is read from", () => {
    const command = renderCommand("curl", readReady(EXAMPLES[0]?.inputs ?? EMPTY_INPUTS), "http://x", true);
    expect(command).toContain("$PREVIEW_TOKEN");
  });
});

test("every example can be read, and its names are different", () => {
  for (const { name, inputs } of EXAMPLES) expect([name, readInputs(inputs).kind]).toEqual([name, "ready"]);
  expect(new Set(EXAMPLES.map(({ name }) => name)).size).toBe(EXAMPLES.length);
  for (const { inputs } of EXAMPLES) expect(subjectOf(inputs)).not.toBe("");
});
