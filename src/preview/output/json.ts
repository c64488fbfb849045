/** Renders the complete answer as JSON. */
import type { PreviewAnswer } from "../answer.ts";
import type { Previewed } from "./previewed.ts";

/** @returns one answer for all inputs, which must have been reviewed under the same configuration */
export function joinAnswers(previewed: readonly Previewed[]): PreviewAnswer {
  const results = previewed.flatMap(({ answer }) => answer.results);
  return { version: 1, configHash: previewed[0]?.answer.configHash ?? "", results };
}

/** @returns for people, indented text with a final line feed; for programs, one line without a line feed */
export function renderJson(previewed: readonly Previewed[], isForPeople: boolean): string {
  const answer = joinAnswers(previewed);
  return isForPeople ? `${JSON.stringify(answer, null, 2)}\n` : JSON.stringify(answer);
}
