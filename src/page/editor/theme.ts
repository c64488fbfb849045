/** How editors look. The colours are the page's own custom properties, which reach into shadow roots. */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const MONO = "var(--mono)";

const look = EditorView.theme({
  "&": { height: "100%", backgroundColor: "var(--panel)", color: "var(--ink)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { font: `12.5px/1.6 ${MONO}`, overflow: "auto", containerType: "inline-size" },
  ".cm-content": { padding: "12px 0 40px", caretColor: "var(--ink)" },
  ".cm-placeholder": { color: "var(--dim)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-line": { padding: "0 14px 0 6px" },
  ".cm-gutters": { backgroundColor: "var(--panel)", color: "var(--faint)", border: "0" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "36px", padding: "0 4px 0 8px" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine:not(.line-bad, .line-warn)": { backgroundColor: "var(--active)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--selection) !important",
  },
  ".cm-severity": { width: "14px" },
  ".cm-severity .cm-gutterElement": { textAlign: "center", fontWeight: "700", cursor: "default" },
  ".mark-bad": { color: "var(--bad)" },
  ".mark-warn": { color: "var(--warn)" },
  ".mark-info": { color: "var(--dim)" },
  ".line-bad": { backgroundColor: "var(--bad-bg)" },
  ".line-warn": { backgroundColor: "var(--warn-bg)" },
  ".word-bad": { textDecoration: "underline wavy var(--bad)", textUnderlineOffset: "3px" },
  ".word-warn": { textDecoration: "underline wavy var(--warn)", textUnderlineOffset: "3px" },
  ".note": {
    font: "12.5px/1.5 var(--sans)",
    padding: "0 14px 5px 6px",
    // Beside the gutters and as wide as what is in sight, however long the lines are.
    position: "sticky",
    left: "50px",
    width: "calc(100cqw - 50px)",
    boxSizing: "border-box",
    whiteSpace: "normal",
    overflowWrap: "anywhere",
  },
  ".note-bad": { backgroundColor: "var(--bad-bg)", color: "var(--bad)" },
  ".note-warn": { backgroundColor: "var(--warn-bg)", color: "var(--warn)" },
  ".note button": {
    font: "inherit",
    color: "var(--accent)",
    background: "none",
    border: "0",
    padding: "0 2px",
    marginLeft: "4px",
    cursor: "pointer",
    textDecoration: "underline",
  },
  ".hint": { color: "var(--dim)", whiteSpace: "pre" },
  // The notes of marks.ts say it in words; the editor's own underlines would lie over theirs.
  ".cm-lintRange": { backgroundImage: "none !important" },
  ".cm-tooltip": {
    backgroundColor: "var(--panel)",
    color: "var(--ink)",
    border: "1px solid var(--line)",
    borderRadius: "8px",
    boxShadow: "0 6px 24px rgb(0 0 0 / 18%)",
    overflow: "hidden",
    maxWidth: "min(460px, 90vw)",
  },
  ".cm-tooltip-hover": { padding: "8px 12px", font: "13px/1.45 var(--sans)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { font: `12.5px/1.6 ${MONO}`, maxHeight: "16em" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    backgroundColor: "var(--accent)",
    color: "var(--on-accent)",
  },
  ".cm-completionDetail": { fontStyle: "normal", fontFamily: "var(--sans)", opacity: "0.8" },
  ".cm-completionInfo": {
    padding: "8px 12px",
    font: "13px/1.45 var(--sans)",
    width: "max-content",
    maxWidth: "320px",
  },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-panels": { backgroundColor: "var(--bg)", color: "var(--ink)", borderColor: "var(--line)" },
  ".cm-panel input, .cm-panel button": { font: "inherit", color: "inherit" },
  ".cm-changedLine": { backgroundColor: "var(--ok-bg) !important" },
  ".cm-changedText": { background: "none !important", fontWeight: "600" },
  ".cm-deletedChunk": { backgroundColor: "var(--bad-bg)", paddingLeft: "6px" },
  ".cm-deletedText": { background: "none !important", fontWeight: "600" },
  ".cm-collapsedLines": {
    background: "var(--bg)",
    color: "var(--dim)",
    font: "12.5px var(--sans)",
    padding: "4px 14px",
    cursor: "pointer",
  },
  // The editor's own sign is in few fonts.
  ".cm-collapsedLines:before, .cm-collapsedLines:after": { content: '"…" !important' },
});

const colours = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: "var(--config)" },
  { tag: [tags.comment, tags.meta], color: "var(--dim)" },
  { tag: [tags.keyword, tags.bool, tags.null], color: "var(--secret)" },
  { tag: tags.invalid, color: "var(--bad)" },
]);

/** The look and the colours of the syntax. */
export const theme: Extension = [look, syntaxHighlighting(colours)];
