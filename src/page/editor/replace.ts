/**
 * Typing over a selection. Left to itself, Chromium gives what is typed the style of what was there, as a style attribute,
 * which the page's policy refuses with a line on the console; so the editor replaces the text itself.
 */
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

/** Replaces selections by what is typed, without the browser's help. */
export const replaceSelections: Extension = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    const { main } = view.state.selection;
    const text = event.data;
    if (event.inputType !== "insertText" || text === null || main.empty || view.composing) return false;
    event.preventDefault();
    const insert = () =>
      view.state.update(view.state.replaceSelection(text), { userEvent: "input.type", scrollIntoView: true });
    const isTaken = view.state
      .facet(EditorView.inputHandler)
      .some((handle) => handle(view, main.from, main.to, text, insert));
    if (!isTaken) view.dispatch(insert());
    return true;
  },
});
