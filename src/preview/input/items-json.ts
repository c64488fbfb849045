/** Splits JSON text into the items of its lists, in one pass over the characters. */
import { previewIssues } from "../../core/issue/preview.ts";
import { isObject } from "../../core/json.ts";
import { failure, type Result, success } from "../../core/result.ts";
import { type ItemSplitter, LONGEST_ITEM } from "./splitter.ts";

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;

const ITEMS_KEY = '"items"';
const LIST_KIND = /"kind"\s*:\s*"(\w+)List"/;
const LIST_VERSION = /"apiVersion"\s*:\s*"([\w./-]+)"/;

/** The text of an unfinished value, in pieces from several pushes. */
class Pieces {
  #texts: string[] = [];
  #length = 0;

  add(text: string): void {
    if (text === "") return;
    this.#texts.push(text);
    this.#length += text.length;
  }

  get length(): number {
    return this.#length;
  }

  /** @returns the whole text, and clears the pieces */
  take(): string {
    const text = this.#texts.length === 1 ? (this.#texts[0] ?? "") : this.#texts.join("");
    this.#texts = [];
    this.#length = 0;
    return text;
  }
}

/** Splits JSON: one document, or several in sequence. */
export class JsonItems implements ItemSplitter {
  /** Text of an item, or between two items. */
  readonly #item = new Pieces();
  /** Text of the document without its items. */
  readonly #around = new Pieces();
  #depth = 0;
  #inText = false;
  #isEscaped = false;
  /** Depth of the list whose elements are items; 0 outside such a list. */
  #listDepth = 0;
  #inItem = false;
  /** The last string at depth 1, cut to a length that is enough to recognise `items`. */
  #key = "";
  #inherited: Readonly<Record<string, string>> = {};
  #count = 0;
  #hasList = false;

  push(text: string): Result<readonly unknown[]> {
    const found: unknown[] = [];
    let from = 0;
    let at = this.#inText ? this.#skipText(text, 0) : 0;
    while (at < text.length) {
      // Inside an item only braces, brackets and quotes matter, so a faster loop skips the other characters.
      if (this.#inItem) at = this.#skipInside(text, at);
      if (at >= text.length) break;
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.#inText = true;
        if (this.#depth === 1) this.#key = '"';
        at = this.#skipText(text, at + 1);
        continue;
      }
      if (code === OPEN_BRACE || code === OPEN_BRACKET) from = this.#open(code, text, from, at);
      else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
        const end = this.#close();
        const failed = end && this.#finish(end, text.slice(from, at + 1), found);
        if (failed) return failed;
        if (end) from = at + 1;
      }
      at++;
    }
    (this.#listDepth > 0 ? this.#item : this.#around).add(text.slice(from));
    const isLong = Math.max(this.#item.length, this.#around.length) > LONGEST_ITEM;
    return isLong ? failure([previewIssues["preview.too-large"]({ limit: LONGEST_ITEM })]) : success(found);
  }

  /** @returns the index after the string, or the end of the text */
  #skipText(text: string, from: number): number {
    let at = from;
    if (this.#isEscaped) {
      this.#isEscaped = false;
      at++;
    }
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.#inText = false;
        at++;
        break;
      }
      // An escaped character cannot end the string; it may be the first one of the next piece.
      if (code === BACKSLASH && ++at === text.length) this.#isEscaped = true;
    }
    const end = Math.min(at, text.length);
    if (this.#depth === 1) this.#key = (this.#key + text.slice(from, end)).slice(0, ITEMS_KEY.length + 1);
    return end;
  }

  /** @returns the index of the brace that closes the item, or the end of the text */
  #skipInside(text: string, from: number): number {
    const { length } = text;
    let depth = this.#depth;
    for (let at = from; at < length; at++) {
      const code = text.charCodeAt(at);
      // Braces and brackets are above "Z", so one comparison skips blanks, digits, commas and capital letters.
      if (code < OPEN_BRACKET && code !== QUOTE) continue;
      if (code === QUOTE) {
        const end = findStringEnd(text, at + 1);
        if (end >= length) return this.#leaveOpen(text, depth, end > length);
        at = end;
      } else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++;
      else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
        if (depth - 1 <= this.#listDepth) {
          this.#depth = depth;
          return at;
        }
        depth--;
      }
    }
    this.#depth = depth;
    return length;
  }

  /** Saves the state when the text ends inside a string of an item. */
  #leaveOpen({ length }: string, depth: number, isEscaped: boolean): number {
    this.#depth = depth;
    this.#inText = true;
    this.#isEscaped = isEscaped;
    return length;
  }

  end(): Result<readonly unknown[]> {
    const rest = this.#item.take() + this.#around.take();
    if (rest.trim() === "") return success([]);
    return this.#fail(this.#depth > 0 ? "the text ends inside an object or a list" : "unexpected text");
  }

  /** @returns the index of the first character that is not stored yet */
  #open(code: number, text: string, from: number, at: number): number {
    this.#depth++;
    if (this.#inItem) return from;
    if (this.#listDepth === 0) {
      const isItems = this.#depth === 2 && code === OPEN_BRACKET && this.#key === ITEMS_KEY;
      const isArray = this.#depth === 1 && code === OPEN_BRACKET;
      if (!isItems && !isArray) return from;
      this.#openList(text.slice(from, at + 1));
      return at + 1;
    }
    if (this.#depth !== this.#listDepth + 1) return from;
    // Drop the commas between items, because the items themselves are removed from the document.
    const between = this.#item.take() + text.slice(from, at);
    if (/[^\s,]/.test(between)) this.#around.add(between);
    this.#inItem = true;
    return at;
  }

  #openList(text: string): void {
    this.#listDepth = this.#depth;
    this.#hasList = true;
    const around = this.#around.take() + text;
    this.#around.add(around);
    this.#inherited = this.#depth === 2 ? readInherited(around) : {};
  }

  #close(): "item" | "document" | undefined {
    this.#depth--;
    if (this.#inItem && this.#depth === this.#listDepth) return "item";
    if (this.#listDepth > 0 && this.#depth < this.#listDepth) {
      this.#listDepth = 0;
      this.#around.add(this.#item.take());
    }
    return this.#depth <= 0 ? "document" : undefined;
  }

  #finish(end: "item" | "document", text: string, found: unknown[]): Result<never> | undefined {
    const whole = end === "item" ? this.#item : this.#around;
    whole.add(text);
    const parsed = parse(whole.take());
    if (typeof parsed === "string") return this.#fail(parsed);
    if (end === "item") {
      this.#inItem = false;
      this.#count++;
      found.push(this.#complete(parsed.value));
      return undefined;
    }
    // The objects of a list are already out; what is left of `items` is passed on, and reported by the reader of the items.
    if (this.#hasList) found.push(...readItems(parsed.value));
    else found.push(parsed.value);
    this.#hasList = false;
    this.#depth = 0;
    this.#key = "";
    return undefined;
  }

  #complete(item: unknown): unknown {
    if (!isObject(item) || (item.kind !== undefined && item.apiVersion !== undefined)) return item;
    return { ...this.#inherited, ...item };
  }

  #fail(reason: string): Result<never> {
    return failure([previewIssues["preview.item"]({ item: this.#count + 1, reason })]);
  }
}

function readItems(document: unknown): readonly unknown[] {
  const items = isObject(document) ? document.items : document;
  return Array.isArray(items) ? items : [];
}

function parse(text: string): { readonly value: unknown } | string {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Searches with `indexOf`, which is several times faster than a loop in JavaScript.
 *
 * @param from index after the opening quote
 * @returns the index of the closing quote; the length of the text if it is not there yet, and one more if the text ends
 *   between a backslash and the character that it escapes
 */
function findStringEnd(text: string, from: number): number {
  for (let at = from; ; ) {
    const quote = text.indexOf('"', at);
    const end = quote < 0 ? text.length : quote;
    let first = end;
    while (first > at && text.charCodeAt(first - 1) === BACKSLASH) first--;
    const isEscaped = (end - first) % 2 === 1;
    if (quote < 0) return isEscaped ? end + 1 : end;
    if (!isEscaped) return quote;
    at = quote + 1;
  }
}

/** The API server omits kind and version of a typed list's items, and writes those of the list before them. */
function readInherited(around: string): Readonly<Record<string, string>> {
  const kind = LIST_KIND.exec(around)?.[1];
  if (kind === undefined) return {};
  return { apiVersion: LIST_VERSION.exec(around)?.[1] ?? "v1", kind };
}
