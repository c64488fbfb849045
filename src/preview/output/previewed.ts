/** The input of all renderers. */
import { applyPatch, type Operation } from "../../core/patch/apply.ts";
import type { PreviewAnswer } from "../answer.ts";
import type { PreviewInput } from "../input/input.ts";

/** An input and its answer. */
export interface Previewed {
  /** File name or other name of the input, for messages. */
  readonly name: string;
  readonly input: PreviewInput;
  readonly answer: PreviewAnswer;
  /** For each result: the pod as it will be stored, or `undefined` if it is refused. */
  readonly stored: readonly unknown[];
}

/** @returns the operations for each document, from all of its pods */
export function toPatches({ input, answer }: Previewed): Operation[][] {
  const patches = input.documents.map((): Operation[] => []);
  input.targets.forEach(({ document }, i) => {
    patches[document]?.push(...(answer.results[i]?.patch ?? []));
  });
  return patches;
}

/** @returns the documents after the webhook */
export function toMutatedDocuments(previewed: Previewed): unknown[] {
  const patches = toPatches(previewed);
  return previewed.input.documents.map((document, i) => applyPatch(document, patches[i] ?? []));
}
