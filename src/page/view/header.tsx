/** The two bars at the top: what this is, and "what if". */

import { MODELLED_VERSION } from "../../injector/flags.ts";
import { COPY_FORMS, type CopyForm } from "../input/copy.ts";
import { EXAMPLES, type Example } from "../input/examples.ts";
import { WHAT_IF_FIELDS, type WhatIf } from "../input/inputs.ts";
import { describeWhatIf } from "../input/what-if.ts";
import type { Action, State } from "../state.ts";
import { Menu } from "./menu.tsx";

interface Props {
  readonly state: State;
  readonly dispatch: (action: Action) => void;
  readonly onShare: () => void;
  readonly onCopy: (form: CopyForm) => void;
}

/** The top bar: title, hash of the configuration, modelled version, examples, copying and sharing. */
export function Header({ state, dispatch, onShare, onCopy }: Props) {
  const { shown, reading, notice } = state;
  return (
    <header>
      <h1>flyte-vault-webhook</h1>
      <p class="sub">What would this pod get, and who decided each line?</p>
      <span class="space" />
      <output class="notice">{notice}</output>
      {shown && (
        <span
          class={shown.isCandidate ? "pill candidate" : "pill"}
          title={`configuration ${shown.answer.configHash}`}
        >
          {shown.isCandidate ? "candidate" : "config"} {shown.answer.configHash.slice(0, 8)}
        </span>
      )}
      <span class="pill">models vault-k8s {MODELLED_VERSION}</span>
      <Menu<Example>
        label="Examples"
        choices={EXAMPLES}
        onChoose={({ inputs }) => dispatch({ kind: "loaded", inputs })}
      />
      <Menu
        label="Copy as"
        choices={COPY_FORMS.map((name) => ({ name }))}
        disabled={reading.kind !== "ready"}
        onChoose={({ name }) => onCopy(name)}
      />
      <button type="button" class="button" onClick={onShare} disabled={reading.kind === "empty"}>
        Share
      </button>
    </header>
  );
}

/** The bar for namespace, project and domain; empty fields show what the input itself says. */
export function WhatIfBar({ state, dispatch }: Pick<Props, "state" | "dispatch">) {
  const { inputs, reading, open } = state;
  const own = describeWhatIf(reading.kind === "ready" ? reading.targets[open] : undefined);
  return (
    <form class="what-if" aria-label="What if" onSubmit={(event) => event.preventDefault()}>
      <span class="lead">What if</span>
      {WHAT_IF_FIELDS.map(([field, label]) => (
        <label key={field}>
          {label}
          <input
            name={field}
            value={inputs.whatIf[field]}
            placeholder={own[field] || "–"}
            size={sizeOf(inputs.whatIf[field] || own[field])}
            autocomplete="off"
            spellcheck={false}
            onInput={(event) =>
              dispatch({ kind: "answered what if", field, text: event.currentTarget.value })
            }
          />
        </label>
      ))}
      <fieldset class="segments">
        <legend class="hidden">Version of Flyte</legend>
        {(["v2", "v1"] as const).map((version) => (
          <label key={version} class={inputs.flyte === version ? "on" : ""}>
            <input
              type="radio"
              name="flyte"
              checked={inputs.flyte === version}
              onChange={() => dispatch({ kind: "chose", flyte: version })}
            />
            {version === "v2" ? "Flyte v2" : "v1"}
          </label>
        ))}
      </fieldset>
      {hasAnswers(inputs.whatIf) && (
        <button
          type="button"
          class="link"
          onClick={() => {
            for (const [field] of WHAT_IF_FIELDS) dispatch({ kind: "answered what if", field, text: "" });
          }}
        >
          as written
        </button>
      )}
    </form>
  );
}

function hasAnswers(answers: WhatIf): boolean {
  return Object.values(answers).some((answer) => answer !== "");
}

function sizeOf(text: string): number {
  return Math.min(28, Math.max(8, text.length));
}
