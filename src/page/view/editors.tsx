/** The left side: three editors in tabs, of which one is in sight. */
import { useEffect, useRef } from "preact/hooks";
import { createEditor, type Editor } from "../editor/editor.ts";
import type { EditorTab } from "../input/inputs.ts";
import { hintRequests, type Mark } from "../mark/marks.ts";
import type { Action, State } from "../state.ts";
import { Tabs } from "./tabs.tsx";

const TABS = [
  { id: "pod", label: "Pod" },
  { id: "secrets", label: "Secrets" },
  { id: "config", label: "Configuration" },
] as const;

const PLACEHOLDERS: Readonly<Record<EditorTab, string>> = {
  pod: "# a Pod, a Deployment, a RayCluster,\n# a List, several documents…\n# as YAML or JSON",
  secrets: "secrets:\n  - group: secret/data/team\n    key: api-key",
  config: "webhook:\n  vaultSecretManager:\n    role: another-role",
};

/** What a mark requests of its editor. */
export interface EditorHandle {
  readonly reveal: (tab: EditorTab, mark: Mark) => void;
}

interface Props {
  readonly state: State;
  readonly dispatch: (action: Action) => void;
  readonly marks: readonly Mark[];
  /** The tab whose text the marks are about. */
  readonly marked: EditorTab;
  readonly onFix: (mark: Mark) => void;
  readonly handle: { current: EditorHandle | undefined };
}

/** The three editors. They stay mounted when another tab is chosen, so that undo history and scroll position survive. */
export function Editors({ state, dispatch, marks, marked, onFix, handle }: Props) {
  const editors = useRef(new Map<EditorTab, Editor>());
  const pending = useRef<{ readonly tab: EditorTab; readonly mark: Mark } | undefined>(undefined);
  handle.current = {
    reveal: (tab, mark) => {
      pending.current = { tab, mark };
      dispatch({ kind: "turned", tab });
      requestAnimationFrame(() => {
        const place = pending.current?.mark.place;
        if (place) editors.current.get(tab)?.reveal(place.line, place.column);
        pending.current = undefined;
      });
    },
  };
  return (
    <section class="left" aria-label="Input">
      <Tabs<EditorTab>
        label="Input"
        panel="editor"
        tabs={TABS}
        chosen={state.tab}
        onChoose={(tab) => dispatch({ kind: "turned", tab })}
      />
      <div id="editor" role="tabpanel" aria-labelledby={`editor-${state.tab}`} class="editors">
        {TABS.map(({ id, label }) => (
          <EditorHost
            key={id}
            tab={id}
            label={label}
            text={state.inputs[id]}
            edition={state.edition}
            isOpen={state.tab === id}
            marks={marked === id ? marks : NO_MARKS}
            dispatch={dispatch}
            onFix={onFix}
            editors={editors.current}
          />
        ))}
      </div>
      <Footer tab={state.tab} dispatch={dispatch} hasConfig={state.inputs.config.trim() !== ""} />
    </section>
  );
}

const NO_MARKS: readonly Mark[] = [];

interface HostProps extends Pick<Props, "dispatch" | "marks" | "onFix"> {
  readonly tab: EditorTab;
  readonly label: string;
  readonly text: string;
  /** Grows with every text that is not the editor's own. */
  readonly edition: number;
  readonly isOpen: boolean;
  readonly editors: Map<EditorTab, Editor>;
}

function EditorHost({ tab, label, text, edition, isOpen, marks, dispatch, onFix, editors }: HostProps) {
  const host = useRef<HTMLDivElement>(null);
  const fix = useRef(onFix);
  fix.current = onFix;
  useEffect(() => {
    if (!host.current) return undefined;
    const editor = createEditor(host.current, text, {
      tab,
      label,
      placeholder: PLACEHOLDERS[tab],
      onChange: (next) => dispatch({ kind: "typed", tab, text: next }),
      onFix: (mark) => fix.current(mark),
    });
    editors.set(tab, editor);
    return () => editor.destroy();
  }, []);
  useEffect(() => editors.get(tab)?.setText(text), [editors, tab, edition]);
  useEffect(() => {
    editors.get(tab)?.show({ marks, hints: tab === "pod" ? hintRequests(text) : [] });
  }, [editors, tab, text, marks]);
  return <div ref={host} class="editor" hidden={!isOpen} />;
}

interface FooterProps extends Pick<Props, "dispatch"> {
  readonly tab: EditorTab;
  readonly hasConfig: boolean;
}

function Footer({ tab, dispatch, hasConfig }: FooterProps) {
  if (tab !== "config") {
    return (
      <p class="foot">
        Drop a manifest here, or paste <code>flyte.Secret("api-key", group="team")</code>. Nothing leaves this
        page but the call to /preview.
      </p>
    );
  }
  return (
    <p class="foot">
      A configuration to try: previews use it instead of the server's own.{" "}
      {hasConfig && (
        <button
          type="button"
          class="link"
          onClick={() => dispatch({ kind: "wrote", tab: "config", text: "" })}
        >
          Use the server's own
        </button>
      )}
    </p>
  );
}
