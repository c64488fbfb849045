/** From a JSON Pointer to the line and column where its place stands in the text, for messages. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
} from "yaml";
import { parseIndex, parsePointer } from "../../core/patch/pointer.ts";
import { toPosition } from "./scan.ts";

/** Line and column, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Finds a place, or the nearest one around it that is there; `undefined` where not even its first step is. */
export type Locator = (document: number, pointer: string) => Position | undefined;

/**
 * Prepares to find places in a text; it is parsed when the first one is asked for.
 *
 * @param text that {@link readPreviewInput} has accepted; documents are counted as it counts them
 */
export function createLocator(text: string): Locator {
  const lines = new LineCounter();
  let documents: readonly Document[] | undefined;
  return (document, pointer) => {
    documents ??= parse(text, lines);
    const found = documents[document];
    const offset = found && findOffset(found, parsePointer(pointer));
    return offset === undefined ? undefined : toPosition(offset, lines);
  };
}

function parse(text: string, lineCounter: LineCounter): Document[] {
  const options = { lineCounter, prettyErrors: false, uniqueKeys: false, logLevel: "error" } as const;
  const documents = [...parseAllDocuments(text, options)];
  return documents.filter(
    ({ contents }) => contents !== null && !(isScalar(contents) && contents.value === null),
  );
}

/** Of a map's member the offset of its name, of a list's element its own. */
function findOffset(document: Document, steps: readonly string[]): number | undefined {
  let node: unknown = document.contents;
  let offset = steps.length === 0 ? document.contents?.range?.[0] : undefined;
  for (const step of steps) {
    if (isAlias(node)) node = node.resolve(document);
    const next = descend(node, step);
    if (next === undefined) break;
    offset = next.at.range?.[0] ?? offset;
    node = next.value;
  }
  return offset;
}

function descend(node: unknown, step: string): { readonly at: Node; readonly value: unknown } | undefined {
  if (isSeq<Node>(node)) {
    const item = node.items[parseIndex(step) ?? -1];
    return item && { at: item, value: item };
  }
  if (!isMap<Node, Node>(node)) return undefined;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
  return pair && { at: pair.key, value: pair.value };
}
