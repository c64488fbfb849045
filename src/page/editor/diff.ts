/** The difference between a document and its mutated form, read-only, in a shadow root as the editors are. */
import { yaml } from "@codemirror/lang-yaml";
import { unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { theme } from "./theme.ts";

/** Shows a difference inside an element; `destroy` ends it. */
export function createDiff(parent: HTMLElement, before: string, after: string): EditorView {
  const root = parent.shadowRoot ?? parent.attachShadow({ mode: "open" });
  return new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: after,
      extensions: [
        lineNumbers(),
        yaml(),
        theme,
        EditorState.readOnly.of(true),
        EditorView.editable.of(false),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": "Difference", tabindex: "0" }),
        unifiedMergeView({
          original: before,
          mergeControls: false,
          gutter: true,
          highlightChanges: false,
          syntaxHighlightDeletions: true,
          collapseUnchanged: { margin: 3, minSize: 6 },
          // Longer texts are compared by lines, and not at all costs.
          diffConfig: { scanLimit: 500, timeout: 200 },
        }),
      ],
    }),
  });
}
