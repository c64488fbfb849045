/** What a person has typed: everything that a preview depends on, and all that a shared link carries. */

/** The tabs of the editor. */
export type EditorTab = "pod" | "secrets" | "config";

/** Answers to "what if": each replaces what the documents say; empty leaves it as it is. */
export interface WhatIf {
  readonly namespace: string;
  readonly project: string;
  readonly domain: string;
  readonly serviceAccount: string;
}

/** The fields of {@link WhatIf}, in their order on the page. */
export const WHAT_IF_FIELDS = [
  ["namespace", "namespace"],
  ["project", "project"],
  ["domain", "domain"],
  ["serviceAccount", "service account"],
] as const satisfies readonly (readonly [keyof WhatIf, string])[];

/** Everything typed. */
export interface Inputs {
  readonly pod: string;
  readonly secrets: string;
  /** A candidate configuration; blank means the server's own. */
  readonly config: string;
  /** Which of the two texts is previewed. */
  readonly subject: "pod" | "secrets";
  readonly whatIf: WhatIf;
  /** The client whose code reads the files. */
  readonly flyte: "v1" | "v2";
}

/** Inputs of a page on which nothing was typed. */
export const EMPTY_INPUTS: Inputs = {
  pod: "",
  secrets: "",
  config: "",
  subject: "pod",
  whatIf: { namespace: "", project: "", domain: "", serviceAccount: "" },
  flyte: "v2",
};

/** @returns the text that is previewed */
export function subjectOf(inputs: Inputs): string {
  return inputs[inputs.subject];
}
