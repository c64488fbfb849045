/** Everything that is known, as JSON. */
import type { PreviewAnswer } from "../answer.ts";
import type { Previewed } from "./previewed.ts";

/** One answer for all inputs, which were reviewed under the same configuration. */
export function joinAnswers(previewed: readonly Previewed[]): PreviewAnswer {
  const results = previewed.flatMap(({ answer }) => answer.results);
  return { version: 1, configHash: previewed[0]?.answer.configHash ?? "", results };
}

/** @returns one line without its end for programs; indented and with the last line ended for people. */
export function renderJson(previewed: readonly Previewed[], isForPeople: boolean): string {
  const answer = joinAnswers(previewed);
  return isForPeople ? `${JSON.stringify(answer, null, 2)}\n` : JSON.stringify(answer);
}
