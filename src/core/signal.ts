/** How work is told to stop: the web standard's AbortSignal, and a time limit that aborts one. */

declare global {
  /** The part of the web standard's AbortSignal that the core listens to; runtimes' own types add the rest. */
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
  /** Ends the timer; call it when the call has ended. */
  readonly cancel: () => void;
}
