/** Completion and hover, from what the page knows about the format: the adapter between it and the editor. */
import { autocompletion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import type { Extension } from "@codemirror/state";
import { hoverTooltip } from "@codemirror/view";
import { findCursorContext } from "../complete/context.ts";
import { describe, offer } from "../complete/offer.ts";
import type { Offer } from "../complete/offered.ts";
import type { EditorTab } from "../input/inputs.ts";

/** Offers what can be written, as one types and on Ctrl-Space, and says what a name means. */
export function completeExtension(tab: EditorTab): Extension {
  return [
    autocompletion({
      override: [(context) => complete(tab, context)],
      icons: false,
      tooltipClass: () => "offers",
    }),
    hoverTooltip((view, at) => {
      const line = view.state.doc.lineAt(at);
      const word = findWord(line.text, at - line.from);
      if (!word) return null;
      const place = findCursorContext(view.state.doc.toString(), line.from + word.from);
      const text = describe(tab, place, word.text);
      if (text === undefined) return null;
      return {
        pos: line.from + word.from,
        end: line.from + word.to,
        above: true,
        create: () => makeTooltip(text),
      };
    }),
  ];
}

function makeTooltip(text: string) {
  const dom = document.createElement("div");
  dom.textContent = text;
  return { dom };
}

/** @returns the word around a column, without quotes and the colon behind it */
function findWord(line: string, column: number) {
  for (const found of line.matchAll(/[^\s"':][^\s"']*/g)) {
    const text = found[0].replace(/:$/, "");
    const to = found.index + text.length;
    if (found.index <= column && column <= to) return { text, from: found.index, to };
  }
  return undefined;
}

function complete(tab: EditorTab, context: CompletionContext): CompletionResult | null {
  const place = findCursorContext(context.state.doc.toString(), context.pos);
  if (place.typed === "" && !context.explicit && place.part === "key") return null;
  const offers = offer(tab, place);
  if (offers.length === 0) return null;
  return { from: place.from, options: offers.map(toCompletion), validFor: /^[\w./-]*$/ };
}

function toCompletion({ label, insert, detail, info }: Offer, index: number) {
  return {
    label,
    boost: -index / 1_000,
    ...(insert !== undefined && { apply: insert }),
    ...(detail !== undefined && { detail }),
    ...(info !== undefined && { info }),
  };
}
