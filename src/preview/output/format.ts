/** The formats of a preview. A new one needs a name and a row here, which the command line's help shows, and a file with its renderer. */
import type { Issue } from "../../core/issue/issue.ts";
import { previewIssues } from "../../core/issue/preview.ts";
import { failure, isNonEmpty, type Result, success } from "../../core/result.ts";
import { renderDiffs } from "./diff.ts";
import { joinAnswers, renderJson } from "./json.ts";
import { renderPatches } from "./patch.ts";
import type { Previewed } from "./previewed.ts";
import { renderTable } from "./table.ts";
import { renderInjectedYaml, renderMutatedYaml } from "./yaml.ts";

/** Names of formats, as `preview --output` accepts them. */
export const OUTPUTS = ["yaml", "json", "patch", "diff", "table"] as const;

/** A format: one of the outputs, or YAML of the pods after injection. */
export type PreviewFormat = (typeof OUTPUTS)[number] | "yaml-injected";

interface FormatRow {
  /** What the format shows, for the command line's help. */
  readonly about: string;
  /** Whether nothing is rendered if a pod is refused, because half of an input must not be applied. */
  readonly isAllOrNothing: boolean;
  /** Whether the text contains the issues. */
  readonly showsIssues: boolean;
  readonly render: (previewed: readonly Previewed[], isForPeople: boolean) => string;
}

/** Renderer and properties of each format. */
export const PREVIEW_FORMATS: Readonly<Record<PreviewFormat, FormatRow>> = {
  yaml: {
    about: "the documents as the webhook leaves them; nothing if one of them is refused",
    isAllOrNothing: true,
    showsIssues: false,
    render: renderMutatedYaml,
  },
  "yaml-injected": {
    about: "the pods as the Vault Agent Injector will leave them",
    isAllOrNothing: true,
    showsIssues: false,
    render: renderInjectedYaml,
  },
  json: {
    about: "everything: annotations and who set them, variables, files, issues, patches",
    isAllOrNothing: false,
    showsIssues: true,
    render: renderJson,
  },
  patch: {
    about: "one JSON Patch (RFC 6902) for each document, one per line; nothing if one of them is refused",
    isAllOrNothing: true,
    showsIssues: false,
    render: renderPatches,
  },
  diff: {
    about: "what changes in the documents, as YAML",
    isAllOrNothing: false,
    showsIssues: false,
    render: renderDiffs,
  },
  table: {
    about: "the annotations and issues of each pod, for reading",
    isAllOrNothing: false,
    showsIssues: true,
    render: (all) => renderTable(joinAnswers(all)),
  },
};

/**
 * Renders inputs in order.
 *
 * @param isForPeople whether JSON is indented
 * @returns the text; for an all-or-nothing format with refused pods, the issues of each refused object, after an issue that
 *   names the object
 */
export function renderPreview(
  format: PreviewFormat,
  previewed: readonly Previewed[],
  isForPeople: boolean,
): Result<string> {
  const { isAllOrNothing, render } = PREVIEW_FORMATS[format];
  const refusals = isAllOrNothing ? previewed.flatMap(listRefusals) : [];
  return isNonEmpty(refusals) ? failure(refusals) : success(render(previewed, isForPeople));
}

function listRefusals({ answer }: Previewed): Issue[] {
  return answer.results
    .filter(({ allowed }) => !allowed)
    .flatMap((result) => [previewIssues["preview.refused"](result), ...result.issues]);
}
