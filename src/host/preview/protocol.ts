/**
 * What the thread of previews and the one of admissions say to each other. Texts cross, not objects: a text is copied in a
 * fraction of the time (STACK §4), and each side parses no more than one pod at once.
 */
import type { AdmissionRequest } from "../../core/admission/request.ts";
import type { Issue } from "../../core/issue/issue.ts";
import type { Explanation, Outcome } from "../../core/outcome.ts";
import type { PreviewText } from "../../preview/job.ts";

/** To the thread of previews. */
export type ToThread =
  | { readonly kind: "read"; readonly text: string }
  | { readonly kind: "answer"; readonly configHash: string; readonly yaml: boolean }
  /** The outcome of the review that was asked for, as JSON text; nothing where it failed. */
  | { readonly kind: "reviewed"; readonly outcome: string | undefined };

/** From the thread of previews. */
export type FromThread =
  | { readonly kind: "input"; readonly config: unknown; readonly issues: readonly Issue[] }
  | { readonly kind: "refused"; readonly issues: readonly Issue[] }
  /** A review is wanted, as JSON text of an AdmissionRequest. */
  | { readonly kind: "review"; readonly request: string }
  | { readonly kind: "answered"; readonly answer: PreviewText }
  | { readonly kind: "failed"; readonly reason: string };

/** An outcome without its functions. */
export interface PlainOutcome extends Omit<Outcome, "explain" | "measure"> {
  readonly explanation: Explanation;
}

/** @returns an outcome as text. */
export function renderOutcome({ explain, measure: _, ...outcome }: Outcome): string {
  const plain: PlainOutcome = { ...outcome, explanation: explain() };
  return JSON.stringify(plain);
}

/** @returns the outcome again; the text has to be `renderOutcome`'s. */
export function readOutcome(text: string): Outcome {
  const { explanation, ...outcome }: PlainOutcome = JSON.parse(text);
  return { ...outcome, explain: () => explanation };
}

/** @returns a review's request; the text has to be this side's own. */
export function readRequest(text: string): AdmissionRequest {
  return JSON.parse(text);
}
