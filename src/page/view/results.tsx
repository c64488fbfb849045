/** The right side: the verdict first, then issues, then the details in tabs. */
import type { Result } from "../answer.ts";
import type { Mark } from "../mark/marks.ts";
import {
  type Action,
  isOutdated,
  type Pane,
  type Shown,
  type State,
  type Status,
  wantsToken,
} from "../state.ts";
import { listFiles } from "../text/files.ts";
import { judge } from "../text/verdict.ts";
import { Annotations } from "./annotations.tsx";
import { Diff } from "./diff.tsx";
import { Files } from "./files.tsx";
import { AfterInjector } from "./injected.tsx";
import { Issues } from "./issues.tsx";
import { Json, Patch } from "./raw.tsx";
import { Refusal, TokenForm, Unreadable } from "./refusal.tsx";
import { HowToAsk, Start } from "./start.tsx";
import { type Tab, Tabs } from "./tabs.tsx";
import { Plain } from "./text.tsx";

interface Props {
  readonly state: State;
  readonly dispatch: (action: Action) => void;
  /** Of the open result, or of the text that cannot be read. */
  readonly marks: readonly Mark[];
  readonly onReveal: (mark: Mark) => void;
  readonly onFix: (mark: Mark) => void;
  readonly onCopy: (text: string) => void;
}

/** The right side for the current state: a start page, a refusal, or the results. */
export function Results(props: Props) {
  const { state, dispatch } = props;
  const { shown, reading, problem } = state;
  return (
    <section class="right" aria-label="Result" aria-busy={state.status.kind === "slow"}>
      <Progress status={state.status} />
      {reading.kind === "empty" && <Start dispatch={dispatch} />}
      <div role="status" aria-live="polite">
        <Obstacle {...props} />
        {shown && !problem && reading.kind === "ready" && <Verdict shown={shown} state={state} />}
      </div>
      {shown && isLeftAlone(shown, state.open) && <HowToAsk />}
      {reading.kind !== "empty" && (
        <Issues marks={props.marks} onReveal={props.onReveal} onFix={props.onFix} />
      )}
      {shown && <Details {...props} shown={shown} />}
      {problem && wantsToken(problem) && (
        <TokenForm
          problem={problem}
          hasToken={state.token !== ""}
          onToken={(token) => dispatch({ kind: "token", token })}
        />
      )}
    </section>
  );
}

function isLeftAlone({ answer: { results } }: Shown, open: number): boolean {
  const result = results[open];
  return result?.allowed === true && result.requests.length === 0;
}

const PROGRESS: Readonly<Record<Status["kind"], string>> = {
  idle: "",
  asking: "",
  slow: "Working…",
  retrying: "",
};

function Progress({ status }: { readonly status: Status }) {
  const text =
    status.kind !== "retrying"
      ? PROGRESS[status.kind]
      : status.why === "busy"
        ? "The server is busy; asking again by itself"
        : "The server does not answer; asking again by itself";
  return <p class={text === "" ? "progress" : `progress on ${status.kind}`}>{text}</p>;
}

function Obstacle({ state: { reading, problem } }: Props) {
  if (reading.kind === "unreadable") return <Unreadable reasons={reading.issues.length} />;
  return problem && !wantsToken(problem) ? <Refusal problem={problem} /> : null;
}

function Verdict({ shown, state }: { readonly shown: Shown; readonly state: State }) {
  const result = shown.answer.results[state.open];
  if (!result) return null;
  const { tone, word, sentence } = judge(result);
  return (
    <div class={`verdict ${tone}${isOutdated(state) ? " outdated" : ""}`}>
      <strong>{word}</strong>
      <p>
        <Plain text={sentence} />
      </p>
    </div>
  );
}

function Details(props: Props & { readonly shown: Shown }) {
  const { state, dispatch, shown } = props;
  const result = shown.answer.results[state.open];
  if (!result) return null;
  return (
    <div class={isOutdated(state) ? "details outdated" : "details"}>
      {shown.answer.results.length > 1 && <ResultList shown={shown} open={state.open} dispatch={dispatch} />}
      <Tabs<Pane>
        label="Details"
        panel="pane"
        tabs={listPanes(result)}
        chosen={state.pane}
        onChoose={(pane) => dispatch({ kind: "looked", pane })}
      />
      <div id="pane" role="tabpanel" aria-labelledby={`pane-${state.pane}`} class="pane">
        <PaneContent {...props} result={result} />
      </div>
    </div>
  );
}

function listPanes(result: Result): Tab<Pane>[] {
  return [
    { id: "annotations", label: "Annotations", count: result.annotations.length },
    { id: "files", label: "Files", count: listFiles(result).length },
    { id: "diff", label: "Diff" },
    ...(result.injected ? [{ id: "injected" as const, label: "After the injector" }] : []),
    { id: "patch", label: "Patch", count: result.patch.length },
    { id: "json", label: "JSON" },
  ];
}

function PaneContent({
  state,
  dispatch,
  shown,
  result,
  onCopy,
}: Props & { readonly shown: Shown; readonly result: Result }) {
  switch (state.pane) {
    case "annotations":
      return (
        <Annotations
          result={result}
          filter={state.filter}
          onFilter={(filter) => dispatch({ kind: "filtered", filter })}
        />
      );
    case "files":
      return <Files result={result} flyte={state.inputs.flyte} onCopy={onCopy} />;
    case "diff":
      return <Diff shown={shown} open={state.open} />;
    case "injected":
      return result.injected ? <AfterInjector injected={result.injected} /> : null;
    case "patch":
      return <Patch patch={result.patch} onCopy={onCopy} />;
    case "json":
      return <Json result={result} onCopy={onCopy} />;
  }
}

interface ListProps extends Pick<Props, "dispatch"> {
  readonly shown: Shown;
  readonly open: number;
}

/** Several objects: a verdict for each, and one of them open. */
function ResultList({ shown, open, dispatch }: ListProps) {
  return (
    <ul class="results" aria-label={`${shown.answer.results.length} objects`}>
      {shown.answer.results.map((result, index) => {
        const { tone, word } = judge(result);
        const target = shown.input.targets[index];
        return (
          <li key={index}>
            <button
              type="button"
              aria-current={index === open ? "true" : undefined}
              onClick={() => dispatch({ kind: "opened", index })}
            >
              <span class={`word ${tone}`}>{word}</span>
              <span class="object">
                <Plain text={`${result.kind} ${result.namespace}/${result.name || "(no name)"}`} />
              </span>
              {target && target.pointer !== target.owner && (
                <span class="dim">
                  <Plain text={target.pointer.slice(target.owner.length)} />
                </span>
              )}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
