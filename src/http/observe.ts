/** What the app reports about its reviews, for metrics, log and traces. */
import type { AdmissionRequest } from "../core/admission/request.ts";
import type { Outcome } from "../core/outcome.ts";

/** One review that was answered in the admission protocol. */
export interface ReviewRecord {
  readonly request: AdmissionRequest;
  readonly outcome: Outcome;
  /** When the request arrived, milliseconds of `performance.now`. */
  readonly start: number;
  /** From then until the answer was rendered, milliseconds. */
  readonly ms: number;
  /** The API server's trace (W3C `traceparent`); `null` if it sent none. */
  readonly traceparent: string | null;
}

/** Called once for each review, after its answer is rendered; must not throw. */
export type ReviewObserver = (review: ReviewRecord) => void;
