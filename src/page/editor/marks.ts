/** Shows marks and hints in an editor: words underlined, lines coloured, notes below them, a sign in the gutter. */
import { type Extension, RangeSet, StateEffect, StateField, type Text } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  EditorView,
  GutterMarker,
  gutter,
  WidgetType,
} from "@codemirror/view";
import type { Severity } from "../answer.ts";
import type { Fix } from "../mark/fix.ts";
import type { Hint, Mark } from "../mark/marks.ts";
import { endSentence } from "../text/sentence.ts";

/** What an editor is given to show. */
export interface Shown {
  readonly marks: readonly Mark[];
  readonly hints: readonly Hint[];
}

/** Replaces what is shown. */
export const showMarks = StateEffect.define<Shown>();

type Tone = "bad" | "warn" | "info";

const TONES: Readonly<Record<Severity, Tone>> = { deny: "bad", error: "bad", warning: "warn", info: "info" };
const SIGNS: Readonly<Record<Tone, string>> = { bad: "✕", warn: "▲", info: "i" };
const WORST: readonly Tone[] = ["info", "warn", "bad"];

interface Rendered {
  readonly shown: Shown;
  /** The line with the cursor, whose hidden part is shown so that it can be edited. */
  readonly line: number;
  readonly decorations: DecorationSet;
  readonly signs: RangeSet<GutterMarker>;
}

const NOTHING: Rendered = {
  shown: { marks: [], hints: [] },
  line: 1,
  decorations: Decoration.none,
  signs: RangeSet.empty,
};

/** @param onFix called with the mark whose correction was asked for */
export function marksExtension(onFix: (mark: Mark) => void): Extension {
  const field = StateField.define<Rendered>({
    create: () => NOTHING,
    update: (value, { state, effects, docChanged, changes }) => {
      const line = state.doc.lineAt(state.selection.main.head).number;
      const next = effects.find((effect) => effect.is(showMarks));
      if (next) return render(state.doc, next.value, line, onFix);
      if (!docChanged) return line === value.line ? value : render(state.doc, value.shown, line, onFix);
      return { ...value, decorations: value.decorations.map(changes), signs: value.signs.map(changes) };
    },
    provide: (self) => EditorView.decorations.from(self, ({ decorations }) => decorations),
  });
  return [field, gutter({ class: "cm-severity", markers: (view) => view.state.field(field).signs })];
}

function render(doc: Text, shown: Shown, line: number, onFix: (mark: Mark) => void): Rendered {
  const placed = shown.marks.filter(({ place }) => place !== undefined && place.line <= doc.lines);
  const decorations = [
    ...placed.flatMap((mark) => decorate(doc, mark, onFix)),
    ...shown.hints.filter((hint) => hint.line <= doc.lines).map((hint) => decorateHint(doc, hint, line)),
  ];
  const signs = placed.map(({ place, issue }) =>
    new Sign(TONES[issue.severity]).range(doc.line(place?.line ?? 1).from),
  );
  return {
    shown,
    line,
    decorations: Decoration.set(decorations, true),
    signs: RangeSet.of(worstOfEachLine(signs), true),
  };
}

function decorateHint(doc: Text, { line, text, hidden }: Hint, current: number) {
  const { from, to, length } = doc.line(line);
  const isHidden = line !== current && hidden.to <= length && hidden.from < hidden.to;
  const widget = new HintWidget(`${isHidden ? "…" : ""}  ← ${text}`);
  if (!isHidden) return Decoration.widget({ widget, side: 1 }).range(to);
  return Decoration.replace({ widget }).range(from + hidden.from, from + hidden.to);
}

function worstOfEachLine(signs: readonly ReturnType<Sign["range"]>[]) {
  const worst = new Map<number, (typeof signs)[number]>();
  for (const sign of signs) {
    const known = worst.get(sign.from)?.value;
    if (!known || rank(sign.value) > rank(known)) worst.set(sign.from, sign);
  }
  return [...worst.values()];
}

function rank(marker: GutterMarker): number {
  return marker instanceof Sign ? WORST.indexOf(marker.tone) : -1;
}

/** Information appears as a sign in the gutter only; its sentence is shown with the result. */
function decorate(doc: Text, mark: Mark, onFix: (mark: Mark) => void) {
  const { place, issue } = mark;
  const tone = TONES[issue.severity];
  if (!place || tone === "info") return [];
  const line = doc.line(place.line);
  const from = Math.min(line.to, line.from + place.column - 1);
  const to = Math.min(line.to, from + place.length);
  const word = to > from ? [Decoration.mark({ class: `word-${tone}` }).range(from, to)] : [];
  const widget = new NoteWidget(mark, tone, onFix);
  return [
    Decoration.line({ class: `line-${tone}` }).range(line.from),
    ...word,
    Decoration.widget({ widget, block: true, side: 2 }).range(line.to),
  ];
}

class Sign extends GutterMarker {
  readonly tone: Tone;

  constructor(tone: Tone) {
    super();
    this.tone = tone;
    this.elementClass = `mark-${tone}`;
  }

  override eq(other: GutterMarker): boolean {
    return other instanceof Sign && other.tone === this.tone;
  }

  override toDOM(): Node {
    return document.createTextNode(SIGNS[this.tone]);
  }
}

class HintWidget extends WidgetType {
  readonly #text: string;

  constructor(text: string) {
    super();
    this.#text = text;
  }

  override eq(other: HintWidget): boolean {
    return other.#text === this.#text;
  }

  override toDOM(): HTMLElement {
    const element = document.createElement("span");
    element.className = "hint";
    element.textContent = this.#text;
    return element;
  }
}

class NoteWidget extends WidgetType {
  readonly #mark: Mark;
  readonly #tone: Tone;
  readonly #onFix: (mark: Mark) => void;

  constructor(mark: Mark, tone: Tone, onFix: (mark: Mark) => void) {
    super();
    this.#mark = mark;
    this.#tone = tone;
    this.#onFix = onFix;
  }

  override eq(other: NoteWidget): boolean {
    return (
      other.#mark.issue.message === this.#mark.issue.message &&
      other.#mark.fix?.label === this.#mark.fix?.label
    );
  }

  override toDOM(): HTMLElement {
    const note = document.createElement("div");
    note.className = `note note-${this.#tone}`;
    const { issue, fix } = this.#mark;
    const message = endSentence(issue.message);
    note.append(fix ? `${message} ` : `${message} ${issue.help}`);
    if (fix) note.append(this.#makeButton(fix));
    return note;
  }

  #makeButton({ label, effect }: Fix): HTMLElement {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.title = effect;
    button.addEventListener("click", () => this.#onFix(this.#mark));
    return button;
  }

  override ignoreEvent(): boolean {
    return true;
  }
}
