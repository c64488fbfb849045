/** From an issue to the characters of the text that it is about. */
import {
  appendPointer,
  isJsonPointer,
  type JsonPointer,
  joinPointers,
  parsePointer,
} from "../../core/patch/pointer.ts";
import { REQUEST_PREFIX } from "../../core/secret/request.ts";
import type { PreviewTarget } from "../../preview/input/input.ts";
import { createLocator, type Locator, type Position } from "../../preview/input/locate.ts";
import type { Issue } from "../answer.ts";
import type { ReadyInput } from "../input/read.ts";

/** A word of the text: line and column from 1; `length` is 0 where no word of the text is meant. */
export interface TextSpan extends Position {
  readonly length: number;
}

/** Finds the word that an issue of one result is about; `undefined` where the text does not have it. */
export type FindSpan = (issue: Issue, target: PreviewTarget) => TextSpan | undefined;

/** Prepares to find places in an input. */
export function createFinder(input: ReadyInput): FindSpan {
  const locate = createLocator(input.text);
  const lines = input.text.split("\n");
  return (issue, target) => {
    const found = toPointers(issue, target, input).map((pointer) => locate(target.document, pointer));
    const position = found.find((each) => each !== undefined);
    return position && measure(position, lines[position.line - 1] ?? "");
  };
}

/** The places of an issue, the most exact one first; each is found, or the nearest one around it. */
function toPointers(issue: Issue, target: PreviewTarget, input: ReadyInput): JsonPointer[] {
  const whole = isJsonPointer(issue.path) ? [issue.path] : [];
  const annotations = joinPointers(
    target.pointer,
    target.form === "spark" ? "/annotations" : "/metadata/annotations",
  );
  const { annotation } = issue;
  const own = annotation === undefined ? [] : [appendPointer(annotations, annotation)];
  const pointers: JsonPointer[] = [...own, ...whole, target.pointer];
  const plain = input.plain.get(target.document);
  if (!plain) return pointers;
  const number = annotation?.startsWith(REQUEST_PREFIX)
    ? Number(annotation.slice(REQUEST_PREFIX.length))
    : Number.NaN;
  const isAdded = Number.isInteger(number) && number >= plain.firstSecret;
  return [
    ...(isAdded ? [appendPointer("/secrets", number - plain.firstSecret)] : []),
    ...pointers.map((path) => joinPointers("/pod", path)),
    "/secrets",
  ];
}

/** A place is a word where it is a key or a value; a key may be quoted. */
function measure(position: Position, line: string): TextSpan {
  const word =
    /^(?:"[^"]*"|'[^']*'|[^\s:,\]}]+(?::[^\s:,\]}]+)*)/.exec(line.slice(position.column - 1))?.[0] ?? "";
  return { ...position, length: word.length };
}

/**
 * Finds the place of a dotted path of the configuration, whose keys may have dots themselves.
 *
 * @param path such as `webhook.vaultSecretManager.annotations.vault.hashicorp.com/role` or `plugins[0].with`
 */
export function findConfigSpan(text: string, path: string): TextSpan | undefined {
  const locate: Locator = createLocator(text);
  const steps = path.split(/\.|(?=\[)/).map((step) => step.replace(/^\[(\d+)\]$/, "$1"));
  let pointer: JsonPointer = "";
  let found: Position | undefined;
  for (let from = 0; from < steps.length; ) {
    const next = findStep(steps, from, pointer, locate, found);
    if (!next) break;
    ({ pointer, found } = next);
    from = next.to;
  }
  return found && measure(found, text.split("\n")[found.line - 1] ?? "");
}

/** The shortest run of steps that leads to another place is the next key. */
function findStep(
  steps: readonly string[],
  from: number,
  pointer: JsonPointer,
  locate: Locator,
  before: Position | undefined,
) {
  for (let to = from + 1; to <= steps.length; to++) {
    const next = appendPointer(pointer, steps.slice(from, to).join("."));
    const found = locate(0, next);
    if (found && (found.line !== before?.line || found.column !== before?.column))
      return { pointer: next, found, to };
  }
  return undefined;
}

/** @returns the last step of an issue's path: the name that is wrong */
export function lastStep({ path, annotation }: Issue): string | undefined {
  if (annotation !== undefined) return annotation;
  return path?.startsWith("/") ? parsePointer(path).at(-1) : path?.split(".").at(-1);
}
