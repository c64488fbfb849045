/** The words of the page: verdicts, sources, keys, files, sentences; and its state. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  type Annotation,
  type Operation,
  parseAnswer,
  parseProblem,
  type Result,
  type Source,
} from "../../src/page/answer.ts";
import { EMPTY_INPUTS } from "../../src/page/input/inputs.ts";
import { readInputs } from "../../src/page/input/read.ts";
import {
  type Action,
  INITIAL_STATE,
  isOutdated,
  reduce,
  type Shown,
  type State,
} from "../../src/page/state.ts";
import { listFiles } from "../../src/page/text/files.ts";
import { listParts, type Part } from "../../src/page/text/injected.ts";
import { splitKey } from "../../src/page/text/key.ts";
import { splitSentence } from "../../src/page/text/sentence.ts";
import { countSources, filterBySource, showSource } from "../../src/page/text/source.ts";
import { judge } from "../../src/page/text/verdict.ts";

const line = (key: string, source: Source, ...lost: Source[]): Annotation => ({
  ...{ key, value: "v", source },
  overrides: lost.map((each) => ({ source: each, value: "w" })),
});
const webhook: Source = { kind: "webhook" };
const plugin = (name: string, entry: number): Source => ({ kind: "plugin", name, entry });
const issue = (severity: "deny" | "error" | "warning" | "info", rest: object = {}) => ({
  ...{ code: "x", severity, message: "m", help: "h" },
  ...rest,
});
const request = (path = "secret/data/team/api-key", rest: object = {}) => ({
  ...{ annotation: "flyte.secrets/s0", group: "secret/data/team", group_version: "kv2", key: "api-key" },
  ...{ mount_requirement: "ANY", env_var: "", files: [{ id: "i", path, for: ["flyte"] }] },
  ...rest,
});
const result = (rest: Partial<Result> = {}): Result => ({
  ...{
    kind: "Pod",
    name: "p",
    namespace: "n",
    allowed: true,
    issues: [],
    requests: [request()],
    annotations: [],
  },
  ...{ env: [], warnings: [], patch: [{ op: "add", path: "/a", value: 1 }], object: {}, plugins: [] },
  ...rest,
});

describe("judge", () => {
  test.each<[string, Partial<Result>, string, string, string]>([
    ["allowed", {}, "good", "Allowed", "The task finds 1 file."],
    [
      "allowed with plugins and issues",
      {
        annotations: [line("a", plugin("x", 0)), line("b", plugin("y", 1))],
        issues: [issue("warning"), issue("info"), issue("warning")],
      },
      ...([
        "warn",
        "Allowed",
        "The task finds 1 file. 2 annotations come from plugins. 2 warnings.",
      ] as const),
    ],
    [
      "one plugin",
      { annotations: [line("a", plugin("x", 0))] },
      ...(["good", "Allowed", "The task finds 1 file. 1 annotation comes from a plugin."] as const),
    ],
    [
      "an error that is only warned about",
      { issues: [issue("error")] },
      "bad",
      "Allowed",
      "The task finds 1 file. 1 error.",
    ],
    [
      "refused for its requests",
      {
        allowed: false,
        issues: [issue("deny", { annotation: "flyte.secrets/s1" })],
        annotations: [line("flyte.secrets/s0", { kind: "pod" }), line("flyte.secrets/s1", { kind: "pod" })],
      },
      ...([
        "bad",
        "Refused",
        "1 of 2 requests cannot be served, so the API server does not create the pod. 1 reason below.",
      ] as const),
    ],
    [
      "refused for something else",
      { allowed: false, issues: [issue("deny"), issue("deny")] },
      ...(["bad", "Refused", "The API server does not create the pod. 2 reasons below."] as const),
    ],
    [
      "left alone",
      { requests: [], patch: [] },
      "quiet",
      "Left alone",
      "The pod asks for no secrets, and the webhook leaves it alone.",
    ],
    [
      "not sent",
      { issues: [issue("warning", { code: "pod.label-missing" })] },
      "warn",
      "Not sent",
      "The pod never reaches the webhook",
    ],
    ["nothing to add", { patch: [] }, "quiet", "Unchanged", "The pod has all of it already"],
    [
      "refused by the injector",
      { injected: { version: "1", allowed: false, message: "no volume", patch: [] } },
      ...([
        "bad",
        "Refused later",
        "The webhook allows the pod; the injector refuses it: no volume.",
      ] as const),
    ],
  ])("%s", (_, rest, tone, word, sentence) => {
    const verdict = judge(result(rest));
    expect([verdict.tone, verdict.word]).toEqual([tone, word] as (typeof verdict.tone)[]);
    expect(verdict.sentence).toStartWith(sentence);
  });
});

describe("listFiles", () => {
  const [KEY] = ["vault.hashicorp.com/secret-volume-path"];

  test.each([
    ["secret/data/team/api-key", {}, 'current_context().secrets.get("secret/data/team", "api-key")'],
    [
      "secret/data/team/kv2/api-key",
      {},
      'current_context().secrets.get("secret/data/team", "api-key", group_version="kv2")',
    ],
    [
      "secret/data/Team/api-key",
      { group: "secret/data/Team" },
      'Path("/etc/flyte/secrets/secret/data/Team/api-key").read_text()',
    ],
  ])("of %s flytekit reads it by what finds it", (path, rest, v1) => {
    const [file] = listFiles(result({ requests: [request(path, rest)] }));
    expect(file).toMatchObject({
      path: `/etc/flyte/secrets/${path}`,
      v1,
      v2: `Path("/etc/flyte/secrets/${path}").read_text()`,
    });
  });

  test("a moved volume is where the file is, and flytekit's call does not find it", () => {
    const annotations = [{ ...line(KEY ?? "", { kind: "pod" }), value: "/elsewhere/" }];
    const [file] = listFiles(result({ annotations }));
    expect([file?.path, file?.v1]).toEqual([
      "/elsewhere/secret/data/team/api-key",
      'Path("/elsewhere/secret/data/team/api-key").read_text()',
    ]);
  });

  test("a refused pod has none", () => {
    expect(listFiles(result({ allowed: false }))).toEqual([]);
  });
});

describe("listParts", () => {
  test.each<[Operation, Part[]]>([
    [
      {
        op: "add",
        path: "/spec/volumes/-",
        value: { name: "vault-secrets", emptyDir: { medium: "Memory" } },
      },
      [{ part: "volume", name: "vault-secrets", details: "in memory" }],
    ],
    [
      {
        op: "add",
        path: "/spec/containers/0/volumeMounts/-",
        value: { name: "v", mountPath: "/etc/flyte/secrets" },
      },
      [{ part: "mount", name: "v", details: "container 1 · /etc/flyte/secrets" }],
    ],
    [
      {
        op: "add",
        path: "/spec/initContainers",
        value: [
          { name: "vault-agent-init", image: "i" },
          { name: "own", image: "o" },
        ],
      },
      [
        { part: "init container", name: "vault-agent-init", details: "i" },
        { part: "init container", name: "own", details: "o" },
      ],
    ],
    [
      {
        op: "add",
        path: "/metadata/annotations/vault.hashicorp.com~1agent-inject-status",
        value: "injected",
      },
      [{ part: "annotation", name: "vault.hashicorp.com/agent-inject-status", details: "injected" }],
    ],
    [{ op: "remove", path: "/spec/x" }, [{ part: "removed", name: "/spec/x", details: "" }]],
    [{ op: "replace", path: "/spec/x", value: 1 }, [{ part: "replace", name: "/spec/x", details: "1" }]],
  ])("%j", (operation, parts) => {
    expect(listParts(operation)).toEqual(parts);
  });
});

describe("sources", () => {
  const annotations = [
    line("a", webhook),
    line("b", { kind: "secret", annotation: "flyte.secrets/s0" }),
    line("c", { kind: "config", path: "webhook.vaultSecretManager.role" }),
    line("d", plugin("p", 0), { kind: "config", path: "webhook.vaultSecretManager.annotations" }),
    line("e", plugin("p", 1)),
    line("f", { kind: "pod" }, plugin("p", 0)),
  ];

  test("are counted once each, and add up to all lines", () => {
    const counts = countSources(annotations);
    expect(new Set(counts.map(({ id }) => id)).size).toBe(counts.length);
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(annotations.length);
  });

  test("filter the lines that one decided, and those where it lost", () => {
    const keys = (filter: string | undefined) => filterBySource(annotations, filter).map(({ key }) => key);
    expect(keys(showSource(plugin("p", 0)).id)).toEqual(["d", "f"]);
    expect(keys("config")).toEqual(["c", "d"]);
    expect(keys(undefined)).toHaveLength(annotations.length);
  });
});

describe("splitKey and splitSentence", () => {
  test("the parts of a key are the key", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.option(fc.uuid(), { nil: "" }), (name, id) => {
        const { prefix, name: middle, id: end } = splitKey(name + id);
        expect(prefix + middle + end).toBe(name + id);
      }),
    );
    expect(splitKey("vault.hashicorp.com/agent-inject-file-cbd8dff7-c905-541a-b65f-7e0a471bd096")).toEqual({
      ...{ prefix: "vault.hashicorp.com/", name: "agent-inject-file-" },
      id: "cbd8dff7-c905-541a-b65f-7e0a471bd096",
    });
  });

  test("code is what stands between backticks, and words with a slash or an underscore", () => {
    const code = (text: string) => splitSentence(text).flatMap((part) => (part.isCode ? [part.text] : []));
    expect(
      code('The key vault.hashicorp.com/role is "secret/data/team", set `a: b`, or group_version=.'),
    ).toEqual([...["vault.hashicorp.com/role", "secret/data/team", "a: b", "group_version"]]);
    expect(code("Nothing here. And/or: no, e.g. this")).toEqual(["And/or"]);
  });

  test("the parts of a sentence without backticks are the sentence, soon", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const plain = text.replaceAll("`", "");
        expect(
          splitSentence(plain)
            .map((part) => part.text)
            .join(""),
        ).toBe(plain);
      }),
    );
    const start = performance.now();
    for (const part of ["a/", "a_", "a-", "a.", "`", "*/"]) splitSentence(part.repeat(20_000));
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});

describe("the state", () => {
  const text = "secrets: [{ group: a, key: b }]";
  const typed: Action = { kind: "typed", tab: "secrets", text };
  const reading = readInputs({ ...EMPTY_INPUTS, secrets: text, subject: "secrets" });
  if (reading.kind !== "ready") throw new Error("unreadable");
  const shown: Shown = {
    input: reading,
    isCandidate: false,
    answer: { version: 1, configHash: "h", results: [result()] },
  };
  const run = (...actions: Action[]): State => actions.reduce(reduce, INITIAL_STATE);
  const answered = run(typed, { kind: "read", reading }, { kind: "answered", shown });

  test("previews the tab that was typed in, and the one that is turned to where it has a text", () => {
    expect(answered.inputs.subject).toBe("secrets");
    expect(reduce(answered, { kind: "turned", tab: "pod" }).inputs.subject).toBe("secrets");
    const both = reduce(answered, { kind: "typed", tab: "pod", text: "kind: Pod" });
    expect(reduce(both, { kind: "turned", tab: "secrets" }).inputs.subject).toBe("secrets");
    expect(reduce(both, { kind: "turned", tab: "config" }).inputs.subject).toBe("pod");
  });

  test("keeps the last good answer, marked as outdated, while a newer text cannot be read or is refused", () => {
    expect(isOutdated(answered)).toBe(false);
    const unread = reduce(answered, {
      kind: "read",
      reading: { kind: "unreadable", text: "a: [", issues: [] },
    });
    expect([unread.shown, isOutdated(unread)]).toEqual([shown, true]);
    const problem = { title: "t", status: 400, detail: "", code: "c", issues: [] };
    const refused = reduce(answered, { kind: "refused", problem });
    expect([refused.shown, isOutdated(refused)]).toEqual([shown, true]);
    const gone = reduce(answered, { kind: "status", status: { kind: "retrying", why: "gone" } });
    expect([gone.shown, isOutdated(gone)]).toEqual([shown, true]);
  });

  test("hands an editor what comes from elsewhere, and never what it reported itself", () => {
    const after = (action: Action) => reduce(answered, action).edition - answered.edition;
    expect(after({ kind: "typed", tab: "secrets", text: "a" })).toBe(0);
    expect(after({ kind: "wrote", tab: "secrets", text: "a" })).toBe(1);
    expect(after({ kind: "loaded", inputs: EMPTY_INPUTS })).toBe(1);
  });

  test("forgets it where there is no text any more", () => {
    expect(reduce(answered, { kind: "read", reading: { kind: "empty" } }).shown).toBeUndefined();
  });

  test("a filter is switched off by its own chip, and by opening another object", () => {
    const filtered = reduce(answered, { kind: "filtered", filter: "pod" });
    expect(filtered.filter).toBe("pod");
    expect(reduce(filtered, { kind: "filtered", filter: "pod" }).filter).toBeUndefined();
    expect(reduce(filtered, { kind: "opened", index: 0 }).filter).toBeUndefined();
  });

  test("an answer with fewer objects opens one that there is, and leaves a tab that it does not have", () => {
    const far = { ...answered, open: 7, pane: "injected" as const };
    expect(reduce(far, { kind: "answered", shown })).toMatchObject({ open: 0, pane: "annotations" });
  });
});

describe("answers", () => {
  test("that this page does not know are no answers", () => {
    for (const text of [
      "",
      "null",
      "{}",
      '{"version":2,"configHash":"","results":[]}',
      '{"version":1,"configHash":"","results":[{}]}',
    ]) {
      expect([text, parseAnswer(text)]).toEqual([text, undefined]);
    }
    expect(parseAnswer('{"version":1,"configHash":"h","results":[],"more":1}')?.results).toEqual([]);
    expect(parseProblem("<html>")).toBeUndefined();
  });
});
