/** All that the page knows, and what changes it. Views show it; nothing else is remembered anywhere. */
import type { Answer, Problem } from "./answer.ts";
import { type EditorTab, EMPTY_INPUTS, type Inputs, type WhatIf } from "./input/inputs.ts";
import type { Reading, ReadyInput } from "./input/read.ts";

/** The tabs of the result. */
export type Pane = "annotations" | "files" | "diff" | "injected" | "patch" | "json";

/** What became of the newest question to the server. */
export type Status =
  | { readonly kind: "idle" }
  | { readonly kind: "asking" }
  /** It takes long enough to say so. */
  | { readonly kind: "slow" }
  /** It will be asked again by itself. */
  | { readonly kind: "retrying"; readonly why: "busy" | "gone" };

/** An answer, and the input that it answers. */
export interface Shown {
  readonly input: ReadyInput;
  readonly answer: Answer;
  /** Whether it was made with a candidate configuration. */
  readonly isCandidate: boolean;
}

/** Everything that the page shows depends on this state; {@link Action}s are the only way to change it. */
export interface State {
  readonly inputs: Inputs;
  /**
   * Grows whenever a text comes from elsewhere than its editor, which then takes it over. What an editor reports is not handed
   * back to it: by then it may have a newer text.
   */
  readonly edition: number;
  readonly tab: EditorTab;
  /** Of the newest inputs. */
  readonly reading: Reading;
  readonly status: Status;
  /** The last good answer; it stays while a newer input cannot be answered. */
  readonly shown?: Shown | undefined;
  /** Why the server refused the newest input as a whole. */
  readonly problem?: Problem | undefined;
  /** Index of the result that is open. */
  readonly open: number;
  readonly pane: Pane;
  /** Id of the only source that is shown. */
  readonly filter?: string | undefined;
  /** Kept in memory only. */
  readonly token: string;
  /** What just happened, for screen readers and the eye. */
  readonly notice: string;
}

/** The state before anything is typed or opened. */
export const INITIAL_STATE: State = {
  inputs: EMPTY_INPUTS,
  edition: 0,
  tab: "pod",
  reading: { kind: "empty" },
  status: { kind: "idle" },
  open: 0,
  pane: "annotations",
  token: "",
  notice: "",
};

/** What a person, an editor or an answer of the server did. */
export type Action =
  /** In the editor itself. */
  | { readonly kind: "typed"; readonly tab: EditorTab; readonly text: string }
  /** By a fix, a paste or a file. */
  | { readonly kind: "wrote"; readonly tab: EditorTab; readonly text: string }
  | { readonly kind: "loaded"; readonly inputs: Inputs }
  | { readonly kind: "answered what if"; readonly field: keyof WhatIf; readonly text: string }
  | { readonly kind: "chose"; readonly flyte: Inputs["flyte"] }
  | { readonly kind: "turned"; readonly tab: EditorTab }
  | { readonly kind: "read"; readonly reading: Reading }
  | { readonly kind: "status"; readonly status: Status }
  | { readonly kind: "answered"; readonly shown: Shown }
  | { readonly kind: "refused"; readonly problem: Problem }
  | { readonly kind: "opened"; readonly index: number }
  | { readonly kind: "looked"; readonly pane: Pane }
  | { readonly kind: "filtered"; readonly filter: string | undefined }
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "noted"; readonly notice: string };

/** @returns the next state */
export function reduce(state: State, action: Action): State {
  switch (action.kind) {
    case "typed":
      return type(state, action.tab, action.text);
    case "wrote":
      return { ...type(state, action.tab, action.text), tab: action.tab, edition: state.edition + 1 };
    case "loaded":
      return load(state, action.inputs);
    case "answered what if":
      return withInputs(state, { whatIf: { ...state.inputs.whatIf, [action.field]: action.text } });
    case "chose":
      return withInputs(state, { flyte: action.flyte });
    case "turned":
      return turn(state, action.tab);
    case "read":
      return read(state, action.reading);
    case "status":
      return { ...state, status: action.status };
    case "answered":
      return answer(state, action.shown);
    case "refused":
      return { ...state, problem: action.problem, status: { kind: "idle" } };
    case "opened":
      return { ...state, open: action.index, filter: undefined };
    case "looked":
      return { ...state, pane: action.pane };
    case "filtered":
      return { ...state, filter: action.filter === state.filter ? undefined : action.filter };
    case "token":
      return { ...state, token: action.token, problem: undefined };
    case "noted":
      return { ...state, notice: action.notice };
  }
}

function withInputs(state: State, inputs: Partial<Inputs>): State {
  return { ...state, inputs: { ...state.inputs, ...inputs }, notice: "" };
}

function type(state: State, tab: EditorTab, text: string): State {
  if (state.inputs[tab] === text) return state;
  return withInputs(state, { [tab]: text, ...(tab !== "config" && { subject: tab }) });
}

function load(state: State, inputs: Inputs): State {
  const next = { tab: inputs.subject, open: 0, filter: undefined, edition: state.edition + 1 };
  return { ...withInputs(state, inputs), ...next };
}

/** Selecting a tab previews its text; an empty tab is about to be filled, so it is not previewed. */
function turn(state: State, tab: EditorTab): State {
  const next = { ...state, tab };
  if (tab === "config" || state.inputs[tab].trim() === "") return next;
  return withInputs(next, { subject: tab });
}

function forget({ shown: _shown, problem: _problem, filter: _filter, ...rest }: State): State {
  return { ...rest, open: 0, notice: "" };
}

function read(state: State, reading: Reading): State {
  if (reading.kind === "empty") return { ...forget(state), reading, status: { kind: "idle" } };
  const isIdle = reading.kind === "unreadable";
  return { ...state, reading, ...(isIdle && { problem: undefined, status: { kind: "idle" } }) };
}

function answer(state: State, shown: Shown): State {
  const open = Math.min(state.open, Math.max(0, shown.answer.results.length - 1));
  const hasModel = shown.answer.results.some(({ injected }) => injected);
  const pane = state.pane === "injected" && !hasModel ? "annotations" : state.pane;
  return { ...state, shown, problem: undefined, status: { kind: "idle" }, open, pane };
}

/** @returns whether what is shown answers an older input than the newest */
export function isOutdated({ shown, reading, problem, status }: State): boolean {
  return (
    shown !== undefined && (shown.input !== reading || problem !== undefined || status.kind === "retrying")
  );
}

/** @returns whether a token would help */
export function wantsToken({ code, status }: Problem): boolean {
  return status === 401 || code === "http.candidate-config";
}
