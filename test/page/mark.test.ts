/** Where an issue stands in the text, what corrects it, and what an encoded request asks for. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseConfig } from "../../src/config/parse.ts";
import type { Issue, Result } from "../../src/page/answer.ts";
import { EXAMPLES } from "../../src/page/input/examples.ts";
import { EMPTY_INPUTS } from "../../src/page/input/inputs.ts";
import { type ReadyInput, readInputs } from "../../src/page/input/read.ts";
import { findConfigSpan } from "../../src/page/mark/locate.ts";
import { hintRequests, markResult, markText } from "../../src/page/mark/marks.ts";
import { previewDocuments } from "../../src/preview/answer.ts";
import { createTestEngine } from "../fixtures/engine.ts";

const engine = await createTestEngine();

async function mark(text: string, index = 0) {
  const reading = readInputs({ ...EMPTY_INPUTS, pod: text });
  if (reading.kind !== "ready") return markText(text, reading.kind === "unreadable" ? reading.issues : []);
  return markResult(reading, await answer(reading), index);
}

async function answer({ documents, targets }: ReadyInput): Promise<Result[]> {
  const { results } = await previewDocuments(
    { documents, targets },
    { review: (request) => engine.review(request), configHash: engine.hash },
  );
  return JSON.parse(JSON.stringify(results));
}

/** The word that a mark underlines. */
function wordOf(
  text: string,
  place: { line: number; column: number; length: number } | undefined,
): string | undefined {
  return place && text.split("\n")[place.line - 1]?.slice(place.column - 1, place.column - 1 + place.length);
}

const REQUEST = "m4zg54lqhiqce32fmnzgk4bpmrqxiyjporswc2jcbjvwk5j1eargc3djfvvwk5jcbi";

/** A pod with a request, and one more annotation in line 8. */
const withAnnotation = (line: string) => `# a comment
apiVersion: v1
kind: Pod
metadata:
  labels:
    inject-flyte-secrets: "true"
  annotations:
    ${line}
    flyte.secrets/s9: ${REQUEST}
spec: {}
`;

describe("markResult", () => {
  test.each([
    [
      'vault.hashicorp.com/agent-limits-cpuu: "1"',
      "annotation.unknown",
      "vault.hashicorp.com/agent-limits-cpuu",
    ],
    [
      '"vault.hashicorp.com/agent-inject": "yes please"',
      "annotation.value-injector",
      '"vault.hashicorp.com/agent-inject"',
    ],
    ["flyte.secrets/s0: '!!!'", "secret.base32", "flyte.secrets/s0"],
  ])("finds %s", async (line, code, word) => {
    const text = withAnnotation(line);
    const found = (await mark(text)).find(({ issue }) => issue.code === code);
    expect([found?.place?.line, wordOf(text, found?.place)]).toEqual([8, word]);
  });

  test("finds the item of a secret in the plain form, also behind those of its pod", async () => {
    const bad = "{ group: '', key: '' }";
    const plain = `secrets:\n  - { group: secret/data/a, key: k }\n  - ${bad}\n`;
    const denied = (marks: Awaited<ReturnType<typeof mark>>) =>
      marks.find(({ issue }) => issue.severity === "deny");
    expect(denied(await mark(plain))?.place?.line).toBe(3);
    const pod = "pod:\n  metadata:\n    annotations:\n      flyte.secrets/s7: '!!!'\n";
    const both = await mark(`${plain}${pod}`);
    const lines = both.filter(({ issue }) => issue.severity === "deny").map(({ place }) => place?.line);
    expect(new Set(lines)).toEqual(new Set([3, 7]));
  });

  test("finds the second document's lines, not the first's", async () => {
    const one = withAnnotation("a.example/b: c");
    const text = `${one}---\n${withAnnotation('vault.hashicorp.com/rolle: "x"')}`;
    const found = (await mark(text, 1)).find(({ issue }) => issue.code === "annotation.unknown");
    expect(found?.place?.line).toBe(one.split("\n").length + 8);
  });

  test("puts the worst first", async () => {
    const text = withAnnotation("flyte.secrets/s0: '!!!'\n    vault.hashicorp.com/rolle: x");
    const severities = (await mark(text)).map(({ issue }) => issue.severity);
    expect(severities[0]).toBe("deny");
    expect(severities).toEqual(
      severities.toSorted((a, b) => "dewi".indexOf(a[0] ?? "") - "dewi".indexOf(b[0] ?? "")),
    );
  });

  test("gives a place to whatever any example is told", async () => {
    for (const { name, inputs } of EXAMPLES) {
      const reading = readInputs({ ...inputs, config: "" });
      if (reading.kind !== "ready") throw new Error(name);
      const results = await answer(reading);
      for (const [i] of results.entries()) {
        for (const { issue, place } of markResult(reading, results, i)) {
          expect([name, issue.code, place !== undefined]).toEqual([name, issue.code, true]);
        }
      }
    }
  });
});

describe("fixes", () => {
  test("a mistyped annotation is corrected, also where it is quoted, and the issue is gone", async () => {
    for (const key of ["vault.hashicorp.com/agent-limits-cpuu", '"vault.hashicorp.com/agent-limits-cpuu"']) {
      const text = withAnnotation(`${key}: "1"`);
      const { fix } = (await mark(text)).find(({ issue }) => issue.code === "annotation.unknown") ?? {};
      const fixed = fix?.apply(text) ?? "";
      expect(fixed).toBe(text.replace("cpuu", "cpu"));
      expect((await mark(fixed)).map(({ issue }) => issue.code)).not.toContain("annotation.unknown");
    }
  });

  test("a missing label is added to the right pod", async () => {
    const text = withAnnotation("a.example/b: c").replace(
      '  labels:\n    inject-flyte-secrets: "true"\n',
      "",
    );
    const { fix } = (await mark(text)).find(({ issue }) => issue.code === "pod.label-missing") ?? {};
    const fixed = fix?.apply(text) ?? "";
    expect(fixed).toContain("# a comment");
    expect((await mark(fixed)).map(({ issue }) => issue.code)).not.toContain("pod.label-missing");
  });

  test("a mistyped name of the plain form is corrected", async () => {
    const text = "secrets:\n  - gruop: a\n    key: b\n";
    const [{ fix } = {}] = await mark(text);
    expect(fix?.apply(text)).toBe(text.replace("gruop", "group"));
  });

  test("nothing is replaced in a text that has changed since", async () => {
    const text = withAnnotation('vault.hashicorp.com/agent-limits-cpuu: "1"');
    const { fix } = (await mark(text)).find(({ issue }) => issue.code === "annotation.unknown") ?? {};
    for (const other of ["", "kind: Pod\n", `\n\n${text}`]) expect(fix?.apply(other)).toBe(other);
  });
});

describe("markText", () => {
  test.each([
    ["a: b\nc: [", "preview.syntax"],
    ["kind: Pod\napiVersion: v1\nkind: Pod\n", "preview.duplicate-key"],
  ])("finds the line in the words of %j", async (text, code) => {
    const [found] = await mark(text);
    expect([found?.issue.code, (found?.place?.line ?? 0) >= 2]).toEqual([code, true]);
  });

  test("finds a configuration's mistyped name, whatever form its place has", () => {
    const text = "webhook:\n  vaultSecretManager:\n    role: a\npolicy:\n  idz: stable\n";
    const parsed = parseConfig(text);
    expect(parsed.ok).toBe(false);
    const marks = markText(text, parsed.ok ? [] : parsed.issues);
    expect(marks[0]?.place?.line).toBe(5);
    expect(marks[0]?.fix?.apply(text)).toBe(text.replace("idz", "ids"));
  });
});

describe("findConfigSpan", () => {
  const text = `webhook:
  vaultSecretManager:
    annotations:
      vault.hashicorp.com/role: x
plugins:
  - use: namespace
    with: { namespace: a }
`;
  test.each([
    ["webhook.vaultSecretManager.annotations.vault.hashicorp.com/role", 4],
    ["plugins[0].with.namespace", 7],
    ["plugins[0]", 6],
    ["webhook.vaultSecretManager.nothing", 2],
  ])("%s is in line %i", (path, line) => {
    expect(findConfigSpan(text, path)?.line).toBe(line);
  });

  test("of what is not there is nowhere", () => {
    expect(findConfigSpan(text, "policy.ids")).toBeUndefined();
  });
});

describe("hintRequests", () => {
  const value = REQUEST;

  test("says what a request asks for, and hides the end of its value only", () => {
    for (const line of [`flyte.secrets/s0: ${value}`, `  "flyte.secrets/s0": '${value}'  `]) {
      const [hint] = hintRequests(`a: b\n${line}`);
      expect(hint).toMatchObject({ line: 2, text: "secret/data/team · api-key" });
      expect(line.slice(hint?.hidden.from, hint?.hidden.to)).toBe(value.slice(16));
    }
  });

  test("says nothing about what is none, and never throws", () => {
    expect(hintRequests("flyte.secrets/s0: abc\nother: abc\n")).toEqual([]);
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => void hintRequests(`flyte.secrets/s0: ${text}`)),
    );
  });
});

test("a mark's issue may have no place at all", () => {
  const issue: Issue = { code: "x", severity: "deny", message: "m", help: "h" };
  expect(markText("a: b", [issue])).toEqual([{ issue, place: undefined, fix: undefined }]);
});
