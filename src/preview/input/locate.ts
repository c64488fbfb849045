/** Finds line and column of a JSON Pointer in a text, for messages. */
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

/** Line and column, counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Finds the value at a pointer, or else the nearest enclosing one; `undefined` if not even the pointer's first step exists. */
export type Locator = (document: number, pointer: string) => Position | undefined;

/**
 * Creates a locator for a text, which is parsed on first use.
 *
 * @param text a text that {@link readPreviewInput} has accepted; documents have the same indices
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

/** @returns the offset of a map member's key or of a list element */
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
