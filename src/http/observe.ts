/** What a server tells about its reviews, for metrics, the log and traces. */
import type { AdmissionRequest } from "../core/admission/request.ts";
import type { Outcome } from "../core/outcome.ts";

/** One review that was answered in the protocol. */
export interface ReviewRecord {
  readonly request: AdmissionRequest;
  readonly outcome: Outcome;
  /** Monotonic milliseconds (`performance.now`) at which the request was taken up. */
  readonly start: number;
  /** From then until the answer was rendered, milliseconds. */
  readonly ms: number;
  /** The API server's own trace (W3C `traceparent`), where it sent one. */
  readonly traceparent: string | null;
}

/** Told once for each review, after its answer was rendered; must not throw. */
export type ReviewObserver = (review: ReviewRecord) => void;
