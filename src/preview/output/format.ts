/** The formats of a preview. A new one is a name and a row here, and a file beside this one. */
import type { Issue } from "../../core/issue/issue.ts";
import { previewIssues } from "../../core/issue/preview.ts";
import { failure, isNonEmpty, type Result, success } from "../../core/result.ts";
import { renderDiffs } from "./diff.ts";
import { joinAnswers, renderJson } from "./json.ts";
import { renderPatches } from "./patch.ts";
import type { Previewed } from "./previewed.ts";
import { renderTable } from "./table.ts";
import { renderInjectedYaml, renderMutatedYaml } from "./yaml.ts";

/** Formats that are asked for by name, as `preview --output` takes them. */
export const OUTPUTS = ["yaml", "json", "patch", "diff", "table"] as const;

/** A format: one of the outputs, or YAML of the pods as the injector will leave them. */
export type PreviewFormat = (typeof OUTPUTS)[number] | "yaml-injected";

interface FormatRow {
  /** Whether nothing is rendered where a pod is refused: half of an input must not be applied. */
  readonly isAllOrNothing: boolean;
  /** Whether the text has the issues in it. */
  readonly showsIssues: boolean;
  readonly render: (previewed: readonly Previewed[], isForPeople: boolean) => string;
}

/** The renderer of each format, and what is particular about it. */
export const PREVIEW_FORMATS: Readonly<Record<PreviewFormat, FormatRow>> = {
  yaml: { isAllOrNothing: true, showsIssues: false, render: renderMutatedYaml },
  "yaml-injected": { isAllOrNothing: true, showsIssues: false, render: renderInjectedYaml },
  json: { isAllOrNothing: false, showsIssues: true, render: renderJson },
  patch: { isAllOrNothing: true, showsIssues: false, render: renderPatches },
  diff: { isAllOrNothing: false, showsIssues: false, render: renderDiffs },
  table: { isAllOrNothing: false, showsIssues: true, render: (all) => renderTable(joinAnswers(all)) },
};

/**
 * Renders inputs in their order.
 *
 * @param isForPeople whether JSON is indented
 * @returns the text; for `yaml`, `yaml-injected` and `patch`, where a pod is refused, the issues of every refused object, each
 *   group headed by its name
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
