/**
 * Finds where the cursor is in the structure of a YAML text. A text that is being typed does not parse, so indentation decides,
 * as for a person who reads it.
 */

/** What is being typed at the cursor, and its place in the structure. */
export interface CursorContext {
  /** Names of the maps around, outermost first; list items are `[]`. */
  readonly path: readonly string[];
  /** Whether a name or a value is being typed. */
  readonly part: "key" | "value";
  /** The name that the value belongs to; of a name, what is typed so far. */
  readonly key: string;
  /** What is typed so far of the name or the value. */
  readonly typed: string;
  /** Offset where that begins. */
  readonly from: number;
}

const LINE = /^(\s*)((?:-\s+)*)(?:("[^"]*"|'[^']*'|[^\s:#"'][^:#]*?(?::[^\s:#][^:#]*?)*)\s*:(?:\s+|$))?(.*)$/;
/** A place is looked for in this many lines above; deeper ones are not completed. */
const MOST_LINES = 2_000;

/** @returns the place of an offset */
export function findCursorContext(text: string, offset: number): CursorContext {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const line = text.slice(start, offset);
  const [, blanks = "", dashes = "", key, rest = ""] = LINE.exec(line) ?? [];
  const indent = blanks.length + dashes.length;
  const path = findParents(text, start, blanks.length, dashes);
  const name = unquote(key ?? "");
  if (key === undefined) return { path, part: "key", key: rest, typed: rest, from: start + indent };
  return { path, part: "value", key: name, typed: rest, from: offset - rest.length };
}

/** @returns the names above a line, by ever smaller indentation */
function findParents(text: string, before: number, indent: number, dashes: string): string[] {
  const path: string[] = [];
  if (dashes !== "") path.unshift("[]");
  let limit = indent;
  let isListed = dashes !== "";
  let end = before - 1;
  for (let count = 0; end > 0 && count < MOST_LINES && (limit > 0 || isListed); count++) {
    const start = text.lastIndexOf("\n", end - 1) + 1;
    const [, blanks = "", marks = "", key, rest = ""] = LINE.exec(text.slice(start, end)) ?? [];
    end = start - 1;
    if (key === undefined && marks === "") continue;
    const own = blanks.length + marks.length;
    // YAML allows the items of a list at the same indentation as the key that the list belongs to.
    const isParent = own < limit || (isListed && own === limit && marks === "");
    const isItem = marks !== "" && own === limit && !isListed;
    if (isItem) {
      path.unshift("[]");
      limit = blanks.length;
      isListed = true;
    } else if (isParent && key !== undefined && rest === "") {
      path.unshift(unquote(key));
      limit = marks === "" ? own : blanks.length;
      isListed = marks !== "";
      if (isListed) path.unshift("[]");
    }
  }
  return path;
}

function unquote(key: string): string {
  return /^(["']).*\1$/.test(key) ? key.slice(1, -1) : key;
}
