/** What every format is rendered from. */
import { applyPatch, type Operation } from "../../core/patch/apply.ts";
import type { PreviewAnswer } from "../answer.ts";
import type { PreviewInput } from "../input/input.ts";

/** An input, and the answer to it. */
export interface Previewed {
  /** File name or other name by which messages call the input. */
  readonly name: string;
  readonly input: PreviewInput;
  readonly answer: PreviewAnswer;
  /** The pods as they will be stored, for each result; `undefined` where one is refused. */
  readonly stored: readonly unknown[];
}

/** @returns the operations of each document, those of all its pods together. */
export function toPatches({ input, answer }: Previewed): Operation[][] {
  const patches = input.documents.map((): Operation[] => []);
  input.targets.forEach(({ document }, i) => {
    patches[document]?.push(...(answer.results[i]?.patch ?? []));
  });
  return patches;
}

/** @returns the documents as the webhook leaves them. */
export function toMutatedDocuments(previewed: Previewed): unknown[] {
  const patches = toPatches(previewed);
  return previewed.input.documents.map((document, i) => applyPatch(document, patches[i] ?? []));
}
