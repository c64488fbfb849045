/** Asks as a person types: after a pause, one question at a time, again by itself where the server is busy or gone. */
import { type Inputs, subjectOf } from "../input/inputs.ts";
import { readInputs } from "../input/read.ts";
import type { Action } from "../state.ts";
import { askPreview } from "./client.ts";

/** Shorter than the pause between two words, longer than the one between two keys. */
const PAUSE_MS = 120;
/** What is answered sooner needs no progress mark. */
const SLOW_MS = 150;

/**
 * Reads the inputs, and asks about them.
 *
 * @returns what stops it, for the next inputs
 */
export function follow(inputs: Inputs, token: string, dispatch: (action: Action) => void): () => void {
  const abort = new AbortController();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const after = (ms: number, run: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
    }, ms);
    timers.add(timer);
  };
  after(subjectOf(inputs) === "" ? 0 : PAUSE_MS, () => void start());

  async function start(): Promise<void> {
    const reading = readInputs(inputs);
    dispatch({ kind: "read", reading });
    if (reading.kind !== "ready") return;
    dispatch({ kind: "status", status: { kind: "asking" } });
    after(SLOW_MS, () => dispatch({ kind: "status", status: { kind: "slow" } }));
    try {
      const reply = await askPreview(reading.body, token, abort.signal);
      if (abort.signal.aborted) return;
      clear();
      if (reply.kind === "problem") return dispatch({ kind: "refused", problem: reply.problem });
      if (reply.kind === "answer") {
        // The document with the candidate configuration makes no result.
        const isCandidate = inputs.config.trim() !== "";
        return dispatch({ kind: "answered", shown: { input: reading, answer: reply.answer, isCandidate } });
      }
      dispatch({ kind: "status", status: { kind: "retrying", why: reply.why } });
      after(reply.ms, () => void start());
    } catch (error) {
      if (!abort.signal.aborted) throw error;
    }
  }

  function clear(): void {
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
  }

  return () => {
    clear();
    abort.abort();
  };
}
