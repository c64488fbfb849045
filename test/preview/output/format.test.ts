import { describe, expect, test } from "bun:test";
import { parseAllDocuments } from "yaml";
import { type PreviewAnswer, previewDocuments } from "../../../src/preview/answer.ts";
import type { PreviewInput } from "../../../src/preview/input/input.ts";
import { type PreviewFormat, renderPreview } from "../../../src/preview/output/format.ts";
import { allowed, applyIndependently, createReview, FORMS, POD, readGood, refused } from "../fixtures.ts";

function preview(input: PreviewInput, review = createReview().review): Promise<PreviewAnswer> {
  return previewDocuments(input, { review, configHash: "hash" });
}

function render(format: PreviewFormat, input: PreviewInput, answer: PreviewAnswer) {
  return renderPreview(format, [{ name: "", input, answer, stored: [] }], false);
}

describe("renderPreview", () => {
  test.each(FORMS)("renders a %s as YAML with the patches of all of its pods", async (_, form) => {
    const input = readGood(form);
    const answer = await preview(input);
    const rendered = render("yaml", input, answer);
    if (!rendered.ok) throw new Error("refused");
    const wanted = input.documents.map((document, i) => {
      const patches = answer.results.filter((_result, j) => input.targets[j]?.document === i);
      return applyIndependently(
        document,
        patches.flatMap(({ patch }) => patch),
      );
    });
    expect(parseAllDocuments(rendered.value, { version: "1.1" }).map((document) => document.toJS())).toEqual(
      wanted,
    );
  });

  test("renders several documents, and text so that every reader takes it for text", async () => {
    const annotations = {
      a: "yes",
      b: "0644",
      c: "0o17",
      d: "1:30",
      e: "2024-01-01",
      f: "null",
      g: "two\nlines",
      h: "1_0",
    };
    const input = readGood(
      [POD, { ...POD, metadata: { annotations } }].map((pod) => JSON.stringify(pod)).join("\n---\n"),
    );
    const rendered = render("yaml", input, await preview(input, createReview(() => allowed([])).review));
    if (!rendered.ok) throw new Error("refused");
    expect(rendered.value).toContain("\n---\n");
    expect(readGood(rendered.value).documents).toEqual([...input.documents]);
  });

  test.each(["yaml", "yaml-injected", "patch"] as const)(
    "fails for %s with the issues of every refused object",
    async (format) => {
      const input = readGood([POD, POD]);
      const answer = await preview(input, createReview(() => refused()).review);
      const rendered = render(format, input, answer);
      const group = ["preview.refused", "secret.base32", "secret.base32"];
      expect<string[]>(rendered.issues.map(({ code }) => code)).toEqual([...group, ...group]);
      expect(rendered.issues[0]?.message).toBe("Pod default/a would be refused, for the reasons below");
    },
  );

  test.each(["json", "table", "diff"] as const)("renders refused objects as %s", async (format) => {
    const input = readGood([POD, POD]);
    const rendered = render(format, input, await preview(input, createReview(() => refused()).review));
    expect(rendered.ok).toBe(true);
  });

  test("joins the answers of several inputs, indented for people only", async () => {
    const [a, b] = [readGood(POD), readGood([POD, POD])];
    const previewed = [
      { name: "a", input: a, answer: await preview(a), stored: [] },
      { name: "b", input: b, answer: await preview(b), stored: [] },
    ];
    const [line, indented] = [false, true].map((isForPeople) =>
      renderPreview("json", previewed, isForPeople),
    );
    if (!line?.ok || !indented?.ok) throw new Error("refused");
    expect(line.value).not.toContain("\n");
    expect(indented.value.endsWith("}\n")).toBe(true);
    expect(JSON.parse(line.value)).toEqual(JSON.parse(indented.value));
    expect(JSON.parse(line.value)).toMatchObject({ version: 1, configHash: "hash", results: { length: 3 } });
  });
});
