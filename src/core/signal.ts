/** Cancellation: the web standard's AbortSignal, and a time limit that aborts one. */

declare global {
  /** The part of the web standard's AbortSignal that the core uses; the runtimes' own types add the rest. */
  interface AbortSignal {
    readonly aborted: boolean;
    addEventListener(type: "abort", listener: () => void, options?: { readonly once: boolean }): void;
  }
}

/** A web-standard AbortSignal. */
export type Signal = AbortSignal;

/** A limit in time for one call. */
export interface Deadline {
  readonly signal: Signal;
  /** Stops the timer; must be called when the limited call has ended. */
  readonly cancel: () => void;
}
