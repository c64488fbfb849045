/**
 * Reads a value that stands on one line of a plain configuration (plain.ts): a scalar, or a list or map in brackets. What it
 * does not know for certain, it leaves to the YAML library.
 */
import type { Entry, FilePosition, Leaf, Tree } from "./tree.ts";

/** Turns a column of the line, counted from 0, into a position in the file. */
type ToPlace = (column: number) => FilePosition;

/** Thrown to leave a text to the library. */
export class NotPlain extends Error {}

/** What is nested more deeply is left to the library. */
export const DEEPEST = 16;

const KEY = /([A-Za-z_][\w./-]*):(?= |$)/y;
/** What may follow a value. */
const END = / *(?: #.*)?$/y;
const SPACES = / */y;
const COMMA = / *,(?! *[\]}])/y;
const OPENING = { list: /\[/y, map: /\{/y } as const;
const CLOSING = { list: / *\]/y, map: / *\}/y } as const;
const DOUBLE_QUOTED = /"([ !#-[\]-~]*)"/y;
const SINGLE_QUOTED = /'([ -&(-~]*)'/y;
/** Begins with a letter or slash, so it is a text unless it is one of the core schema's words (YAML 1.2, section 10.3.2). */
const PLAIN = /[A-Za-z_/](?:[\w./@*=+-]|:(?=[\w/.*-])| (?=[\w./@*=+-]))*/y;
const WORD = /^(?:true|false|null)$/i;
const NUMBER = /(?:0|[1-9]\d{0,14})(?![\w.:@*=+-])/y;
/** Versions, addresses and durations: too many dots for a number, or letters that none has. */
const NUMBERED = /\d+(?:(?:\.\d+){2,3}|ms|s)(?![\w.:@*=+-])/y;

/** @returns the key that begins in a column, if a colon follows it */
export function matchKey(line: string, column: number): string | undefined {
  return match(KEY, line, column);
}

/** @returns whether nothing but a comment follows from a column on */
export function isEnd(line: string, column: number): boolean {
  return match(END, line, column) !== undefined;
}

/**
 * Reads the value that begins in a column, after spaces; nothing but a comment may follow it.
 *
 * @param depth how deeply the value is nested
 */
export function readLineValue(line: string, column: number, depth: number, toPlace: ToPlace): Tree {
  const reader = new ValueReader(line, column, toPlace);
  const tree = reader.readValue(depth);
  if (!reader.isAtEnd()) throw new NotPlain();
  return tree;
}

/** @returns the first group of a match at a position, or the whole match */
function match(pattern: RegExp, line: string, at: number): string | undefined {
  pattern.lastIndex = at;
  const found = pattern.exec(line);
  return found ? (found[1] ?? found[0]) : undefined;
}

class ValueReader {
  readonly #line: string;
  readonly #toPlace: ToPlace;
  #at: number;

  constructor(line: string, at: number, toPlace: ToPlace) {
    this.#line = line;
    this.#at = at;
    this.#toPlace = toPlace;
  }

  isAtEnd(): boolean {
    return isEnd(this.#line, this.#at);
  }

  readValue(depth: number): Tree {
    if (depth > DEEPEST) throw new NotPlain();
    this.#take(SPACES);
    const place = this.#toPlace(this.#at);
    if (this.#skip(OPENING.list)) return { kind: "list", items: this.#readItems(depth), place };
    if (this.#skip(OPENING.map)) return { kind: "map", entries: this.#readEntries(depth), place };
    return this.#readScalar(place);
  }

  #readItems(depth: number): Tree[] {
    const items: Tree[] = [];
    if (this.#skip(CLOSING.list)) return items;
    do items.push(this.readValue(depth + 1));
    while (this.#skip(COMMA));
    if (!this.#skip(CLOSING.list)) throw new NotPlain();
    return items;
  }

  #readEntries(depth: number): Map<string, Entry> {
    const entries = new Map<string, Entry>();
    if (this.#skip(CLOSING.map)) return entries;
    do {
      this.#take(SPACES);
      const place = this.#toPlace(this.#at);
      const key = this.#take(KEY);
      if (key === undefined || entries.has(key)) throw new NotPlain();
      entries.set(key, { tree: this.readValue(depth + 1), place });
    } while (this.#skip(COMMA));
    if (!this.#skip(CLOSING.map)) throw new NotPlain();
    return entries;
  }

  #readScalar(place: FilePosition): Leaf {
    const quoted = this.#take(DOUBLE_QUOTED) ?? this.#take(SINGLE_QUOTED);
    if (quoted !== undefined) return { kind: "leaf", value: quoted, source: quoted, place };
    const text = this.#take(PLAIN) ?? this.#take(NUMBERED);
    if (text !== undefined) return { kind: "leaf", value: toValue(text), source: text, place };
    const number = this.#take(NUMBER);
    if (number === undefined) throw new NotPlain();
    return { kind: "leaf", value: Number(number), source: number, place };
  }

  /** @returns what matches at the current position, which then is behind it */
  #take(pattern: RegExp): string | undefined {
    const text = match(pattern, this.#line, this.#at);
    if (text !== undefined) this.#at = pattern.lastIndex;
    return text;
  }

  #skip(pattern: RegExp): boolean {
    return this.#take(pattern) !== undefined;
  }
}

function toValue(text: string): string | boolean {
  if (text === "true" || text === "false") return text === "true";
  if (WORD.test(text)) throw new NotPlain();
  return text;
}
