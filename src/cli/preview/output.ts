/** Reviews as text: YAML, JSON, JSON Patches, a diff or tables. */

import { applyPatch, type Operation } from "../../core/patch/apply.ts";
import { renderYaml } from "../../core/yaml.ts";
import { type PreviewAnswer, renderMutatedYaml } from "../../preview/answer.ts";
import { renderDiff } from "../../preview/output/diff.ts";
import { renderTable } from "../../preview/output/table.ts";
import type { Previewed } from "./review.ts";

/** What can be printed. */
export const OUTPUTS = ["yaml", "json", "patch", "diff", "table"] as const;

/** One of them. */
export type Output = (typeof OUTPUTS)[number];

/** Whether an output has the issues in it. */
export function showsIssues(output: Output): boolean {
  return output === "json" || output === "table";
}

/** Whether one of a file's pods would be refused. */
export function isRefused({ answer }: Previewed): boolean {
  return answer.results.some(({ allowed }) => !allowed);
}

/**
 * Renders the files in their order.
 *
 * @param injected whether YAML shows the pods after the injector, rather than the documents after the webhook
 * @returns nothing for `yaml` and `patch` where a pod is refused: half of the input must not be applied
 */
export function renderOutput(output: Output, previewed: readonly Previewed[], injected = false): string {
  const refused = previewed.some(isRefused);
  if (injected && output === "yaml") {
    return refused
      ? ""
      : renderYaml(previewed.flatMap(({ stored }) => stored.filter((pod) => pod !== undefined)));
  }
  switch (output) {
    case "yaml":
      return refused ? "" : renderDocuments(previewed);
    case "patch":
      return refused ? "" : previewed.flatMap(toPatches).map(renderPatchLine).join("");
    case "diff":
      return previewed.map(renderFileDiff).join("");
    case "json":
      return `${JSON.stringify(toAnswer(previewed), null, 2)}\n`;
    case "table":
      return renderTable(toAnswer(previewed));
  }
}

function renderDocuments(previewed: readonly Previewed[]): string {
  return previewed
    .map(({ input, answer }) => renderMutatedYaml(input, answer))
    .flatMap((yaml) => (yaml.ok && yaml.value !== "" ? [yaml.value] : []))
    .join("---\n");
}

/** Every file was reviewed under the one configuration. */
function toAnswer(previewed: readonly Previewed[]): PreviewAnswer {
  const results = previewed.flatMap(({ answer }) => answer.results);
  return { version: 1, configHash: previewed[0]?.answer.configHash ?? "", results };
}

/** @returns the operations of each document, those of all its pods together. */
function toPatches({ input, answer }: Previewed): Operation[][] {
  const patches = input.documents.map((): Operation[] => []);
  input.targets.forEach(({ document }, i) => {
    patches[document]?.push(...(answer.results[i]?.patch ?? []));
  });
  return patches;
}

function renderPatchLine(patch: readonly Operation[]): string {
  return `${JSON.stringify(patch)}\n`;
}

function renderFileDiff(source: Previewed): string {
  const { documents } = source.input;
  const patches = toPatches(source);
  const after = documents.map((document, i) => applyPatch(document, patches[i] ?? []));
  return renderDiff(source.name.replace(/^\/+/, ""), renderYaml(documents), renderYaml(after));
}
