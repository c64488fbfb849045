/** The editor of one tab, in a shadow root: there its styles are adopted sheets, which the page's policy allows. */
import { closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, isolateHistory } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, indentUnit } from "@codemirror/language";
import { lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  placeholder,
} from "@codemirror/view";
import type { EditorTab } from "../input/inputs.ts";
import type { Mark } from "../mark/marks.ts";
import { completeExtension } from "./complete.ts";
import { marksExtension, type Shown, showMarks } from "./marks.ts";
import { replaceSelections } from "./replace.ts";
import { theme } from "./theme.ts";

/** What an editor is for, and the callbacks through which it reports changes. */
export interface EditorOptions {
  readonly tab: EditorTab;
  /** For screen readers. */
  readonly label: string;
  readonly placeholder: string;
  readonly onChange: (text: string) => void;
  readonly onFix: (mark: Mark) => void;
}

/** One editor. */
export interface Editor {
  /** Replaces the text, in one step of its history; nothing happens where it is the same. */
  readonly setText: (text: string) => void;
  readonly show: (shown: Shown) => void;
  /** Puts the cursor at a place, in sight, and the focus with it. */
  readonly reveal: (line: number, column: number) => void;
  readonly focus: () => void;
  readonly destroy: () => void;
}

/** Makes an editor inside an element. */
export function createEditor(parent: HTMLElement, text: string, options: EditorOptions): Editor {
  const root = parent.shadowRoot ?? parent.attachShadow({ mode: "open" });
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({ doc: text, extensions: extend(options) }),
  });
  return {
    setText: (next) => setText(view, next),
    show: (shown) => show(view, shown),
    reveal: (line, column) => reveal(view, line, column),
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}

function extend({ tab, label, placeholder: hint, onChange, onFix }: EditorOptions) {
  return [
    lineNumbers(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    history(),
    drawSelection(),
    bracketMatching(),
    closeBrackets(),
    replaceSelections,
    highlightSelectionMatches(),
    indentUnit.of("  "),
    EditorState.tabSize.of(2),
    yaml(),
    theme,
    marksExtension(onFix),
    completeExtension(tab),
    placeholder(hint),
    // Tab leaves the editor, so keyboard users are never trapped in it (WCAG 2.1.2).
    keymap.of([
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...defaultKeymap,
      ...historyKeymap,
      ...searchKeymap,
      ...lintKeymap,
    ]),
    EditorView.contentAttributes.of({
      "aria-label": label,
      tabindex: "0",
      spellcheck: "false",
      autocapitalize: "off",
    }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) onChange(update.state.doc.toString());
    }),
  ];
}

function setText(view: EditorView, next: string): void {
  const { doc } = view.state;
  if (doc.toString() === next) return;
  // A separate step in the history, even right after typing.
  const annotations = isolateHistory.of("full");
  view.dispatch({ changes: { from: 0, to: doc.length, insert: next }, annotations });
}

/** The editor's own list of diagnostics gives F8 and the panel of problems; the notes are drawn by `marks.ts`. */
function show(view: EditorView, shown: Shown): void {
  const { doc } = view.state;
  const diagnostics = shown.marks.flatMap(({ place, issue }) => {
    if (!place || place.line > doc.lines) return [];
    const line = doc.line(place.line);
    const from = Math.min(line.to, line.from + place.column - 1);
    const severity = issue.severity === "deny" ? ("error" as const) : issue.severity;
    return [
      {
        from,
        to: Math.min(line.to, from + place.length),
        severity,
        message: `${issue.message}. ${issue.help}`,
      },
    ];
  });
  view.dispatch({ effects: showMarks.of(shown) });
  view.dispatch(setDiagnostics(view.state, diagnostics));
}

function reveal(view: EditorView, line: number, column: number): void {
  const { doc } = view.state;
  const found = doc.line(Math.min(Math.max(1, line), doc.lines));
  const at = Math.min(found.to, found.from + column - 1);
  view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
  view.focus();
}
