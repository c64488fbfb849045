/** Corrections that need no thought: a mistyped name, a label that is missing. */
import { parsePointer } from "../../core/patch/pointer.ts";
import type { PreviewTarget } from "../../preview/input/input.ts";
import type { Issue } from "../answer.ts";
import { addLabel } from "../input/add-secrets.ts";
import { lastStep, type TextSpan } from "./locate.ts";

/** A correction: the text as it would be. */
export interface Fix {
  readonly label: string;
  /** What it does, in a few words. */
  readonly effect: string;
  readonly apply: (text: string) => string;
}

/** Every issue that knows the name that was meant says it in this form. */
const MEANT = /[Dd]id you mean ["']?([^\s"'?]+)["']?\?/;

/** @returns the correction of an issue, or `undefined` where a person has to decide */
export function toFix(
  issue: Issue,
  place: TextSpan | undefined,
  target: PreviewTarget | undefined,
): Fix | undefined {
  if (issue.code === "pod.label-missing" && target && target.form === "pod") return toLabelFix(target);
  const meant = MEANT.exec(issue.help)?.[1] ?? MEANT.exec(issue.message)?.[1];
  const wrong = lastStep(issue);
  if (meant === undefined || wrong === undefined || !place) return undefined;
  const name = meant.split(".").at(-1);
  const right = wrong.includes("/") || !meant.includes(".") ? meant : (name ?? meant);
  return { label: "Fix", effect: `Write ${right}`, apply: (text) => replaceAt(text, place, wrong, right) };
}

function toLabelFix(target: PreviewTarget): Fix {
  const pod = parsePointer(target.pointer);
  return {
    label: "Fix",
    effect: "Add the label",
    apply: (text) => addLabel(text, target.document, pod) ?? text,
  };
}

/** Nothing is replaced where the text has changed since the issue was found. */
function replaceAt(text: string, { line, column }: TextSpan, wrong: string, right: string): string {
  const lines = text.split("\n");
  const found = lines[line - 1] ?? "";
  const start = found.indexOf(wrong, column - 1);
  if (start < 0 || start > column) return text;
  lines[line - 1] = found.slice(0, start) + right + found.slice(start + wrong.length);
  return lines.join("\n");
}
