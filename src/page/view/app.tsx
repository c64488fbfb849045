/** The page: its state, what follows from it, and what a person does to it. */
import { useEffect, useMemo, useReducer, useRef } from "preact/hooks";
import type { SecretRequest } from "../../core/secret/request.ts";
import { follow } from "../browser/live.ts";
import { listenForDrops, listenForPastes } from "../browser/outside.ts";
import { addToPlainForm, addToPod } from "../input/add-secrets.ts";
import { type CopyForm, renderCommand } from "../input/copy.ts";
import type { EditorTab, Inputs } from "../input/inputs.ts";
import { decodeShare, encodeShare } from "../input/share.ts";
import { type Mark, markResult, markText } from "../mark/marks.ts";
import { INITIAL_STATE, reduce, type State, wantsToken } from "../state.ts";
import { type EditorHandle, Editors } from "./editors.tsx";
import { Header, WhatIfBar } from "./header.tsx";
import { Results } from "./results.tsx";

/** @param initial what a shared link brought, if there was one */
export function App({ initial }: { readonly initial: Inputs | undefined }) {
  const [state, dispatch] = useReducer(reduce, toInitialState(initial));
  const editor = useRef<EditorHandle | undefined>(undefined);
  const latest = useRef(state);
  latest.current = state;
  const { inputs, token } = state;
  // The client that reads the files changes nothing about the answer.
  const { flyte: _flyte, ...asked } = inputs;
  const question = JSON.stringify(asked);
  useEffect(() => follow(inputs, token, dispatch), [question, token]);
  useEffect(() => {
    const onHash = async () => {
      const shared = await decodeShare(location.hash);
      if (shared) dispatch({ kind: "loaded", inputs: shared });
    };
    addEventListener("hashchange", onHash);
    return () => removeEventListener("hashchange", onHash);
  }, []);
  useEffect(() => {
    const stops = [
      listenForPastes((requests) => {
        dispatch({ kind: "wrote", ...addRequests(latest.current, requests) });
        const notice = requests.length === 1 ? "Request added" : `${requests.length} requests added`;
        dispatch({ kind: "noted", notice });
      }),
      listenForDrops((text, name) => {
        dispatch({ kind: "wrote", tab: latest.current.tab === "config" ? "config" : "pod", text });
        dispatch({ kind: "noted", notice: `${name} loaded` });
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, []);

  const { marks, marked } = useMemo(
    () => findMarks(state),
    [state.reading, state.shown, state.problem, state.open],
  );
  const copy = async (text: string, notice: string) => {
    const isCopied = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
    dispatch({ kind: "noted", notice: isCopied ? notice : "The browser does not let this page copy" });
  };
  const share = async () => {
    const fragment = await encodeShare(inputs);
    history.replaceState(null, "", fragment);
    await copy(location.href, "Link copied");
  };
  const copyAs = async (form: CopyForm) => {
    if (state.reading.kind !== "ready") return;
    await copy(renderCommand(form, state.reading, location.origin, token !== ""), `Copied as ${form}`);
  };
  const fix = (mark: Mark) => {
    if (mark.fix) dispatch({ kind: "wrote", tab: marked, text: mark.fix.apply(inputs[marked]) });
  };

  return (
    <>
      <Header state={state} dispatch={dispatch} onShare={share} onCopy={copyAs} />
      <WhatIfBar state={state} dispatch={dispatch} />
      <main>
        <Editors
          state={state}
          dispatch={dispatch}
          marks={marks}
          marked={marked}
          onFix={fix}
          handle={editor}
        />
        <Results
          state={state}
          dispatch={dispatch}
          marks={marks}
          onReveal={(mark) => editor.current?.reveal(marked, mark)}
          onFix={fix}
          onCopy={(text) => copy(text, "Copied")}
        />
      </main>
    </>
  );
}

function toInitialState(initial: Inputs | undefined): State {
  return initial ? reduce(INITIAL_STATE, { kind: "loaded", inputs: initial }) : INITIAL_STATE;
}

/** The issues that are shown: of the newest text where it cannot be read, else of the newest answer. */
function findMarks({ reading, shown, problem, open, inputs }: State): {
  readonly marks: readonly Mark[];
  readonly marked: EditorTab;
} {
  if (reading.kind === "unreadable")
    return { marks: markText(reading.text, reading.issues), marked: inputs.subject };
  // The form that asks for the token says it all.
  if (problem && wantsToken(problem)) return { marks: [], marked: "config" };
  if (problem) return { marks: markText(inputs.config, problem.issues), marked: "config" };
  // An older answer's places are not the newer text's.
  if (!shown || shown.input !== reading) return { marks: [], marked: inputs.subject };
  return { marks: markResult(shown.input, shown.answer.results, open), marked: inputs.subject };
}

/** A pod in sight gets an annotation; otherwise the plain form, which people can read, gets an item. */
function addRequests({ inputs, tab }: State, requests: readonly SecretRequest[]) {
  const pod = tab === "pod" && inputs.pod.trim() !== "" ? addToPod(inputs.pod, requests) : undefined;
  if (pod !== undefined) return { tab: "pod" as const, text: pod };
  return { tab: "secrets" as const, text: addToPlainForm(inputs.secrets, requests) };
}
