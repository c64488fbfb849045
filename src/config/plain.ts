/**
 * Reads YAML as configurations are usually written: maps, lists and scalars on one line each, with comments. It takes a tenth
 * of the library's time at a cold start. Whatever it does not know for certain, and every error, is left to the library
 * (read.ts), so it accepts far less than YAML and never reads it differently.
 */
import { DEEPEST, isEnd, matchKey, NotPlain, readLineValue } from "./plain-value.ts";
import type { Entry, FilePosition, Tree } from "./tree.ts";

/** Turns a position in the text, counted from 1, into one in the file. */
type ToPlace = (line: number, column: number) => FilePosition;

/** Longer texts are left to the library. */
const LONGEST = 64 * 1024;

/**
 * Reads one document.
 *
 * @param text without a byte order mark
 * @returns the map of the document; absent if the library has to read it
 */
export function readPlain(text: string, toPlace: ToPlace): Tree | undefined {
  if (text.length > LONGEST) return undefined;
  const lines = text.split("\n").flatMap((content, index): Line[] => {
    if (isEnd(content, 0) || content.startsWith("#")) return [];
    return [{ content, number: index + 1, column: content.search(/[^ ]/) }];
  });
  try {
    return new PlainReader(lines, toPlace).readDocument();
  } catch (thrown) {
    if (thrown instanceof NotPlain) return undefined;
    throw thrown;
  }
}

/** A line with something other than a comment. */
interface Line {
  readonly content: string;
  readonly number: number;
  /** Where what is left of it begins, counted from 0: its indentation. */
  readonly column: number;
}

class PlainReader {
  readonly #lines: Line[];
  readonly #toPlace: ToPlace;
  /** The line that is read next. */
  #next = 0;

  constructor(lines: Line[], toPlace: ToPlace) {
    this.#lines = lines;
    this.#toPlace = toPlace;
  }

  readDocument(): Tree {
    const [first] = this.#lines;
    if (!first || isItem(first)) throw new NotPlain();
    const tree = this.#readBlock(first, 0);
    if (this.#next < this.#lines.length) throw new NotPlain();
    return tree;
  }

  /** Reads the lines from the given one on that begin in its column. */
  #readBlock(first: Line, depth: number): Tree {
    if (depth > DEEPEST) throw new NotPlain();
    const { column } = first;
    const place = this.#placeOf(first);
    if (isItem(first)) return { kind: "list", items: this.#readItems(column, depth), place };
    const entries = new Map<string, Entry>();
    for (let line = this.#peek(); line && line.column === column; line = this.#peek()) {
      const key = matchKey(line.content, column);
      if (key === undefined || entries.has(key)) throw new NotPlain();
      const tree = this.#readBehindKey(line, column + key.length + 1, depth);
      entries.set(key, { tree, place: this.#placeOf(line) });
    }
    this.#checkEnd(column);
    return { kind: "map", entries, place };
  }

  #readItems(column: number, depth: number): Tree[] {
    const items: Tree[] = [];
    for (let line = this.#peek(); line && line.column === column && isItem(line); line = this.#peek()) {
      const rest = { ...line, column: column + 1 + line.content.slice(column + 1).search(/[^ ]/) };
      if (isItem(rest) || matchKey(rest.content, rest.column) !== undefined) {
        // A map or list that begins behind the dash.
        this.#lines[this.#next] = rest;
        items.push(this.#readBlock(rest, depth + 1));
      } else items.push(this.#readValue(line, rest.column, depth));
    }
    return items;
  }

  /** Reads what follows a key: a value on the same line, or lines that are indented further. */
  #readBehindKey(line: Line, at: number, depth: number): Tree {
    if (!isEnd(line.content, at)) return this.#readValue(line, at, depth);
    this.#next++;
    const below = this.#peek();
    if (below && below.column > line.column) return this.#readBlock(below, depth + 1);
    if (!below || below.column < line.column || !isItem(below)) throw new NotPlain();
    // A list may begin in the column of its key.
    return { kind: "list", items: this.#readItems(below.column, depth + 1), place: this.#placeOf(below) };
  }

  #readValue({ content, number, column }: Line, at: number, depth: number): Tree {
    const tree = readLineValue(content, at, depth + 1, (found) => this.#toPlace(number, found + 1));
    this.#next++;
    this.#checkEnd(column);
    return tree;
  }

  /** A line that is indented further would go on with a value, or be an error. */
  #checkEnd(column: number): void {
    if ((this.#peek()?.column ?? 0) > column) throw new NotPlain();
  }

  #peek(): Line | undefined {
    return this.#lines[this.#next];
  }

  #placeOf({ number, column }: Line): FilePosition {
    return this.#toPlace(number, column + 1);
  }
}

/** Whether what is left of a line is an item of a list. */
function isItem({ content, column }: Line): boolean {
  return content.startsWith("- ", column);
}
