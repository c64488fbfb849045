/**
 * Reads and writes JSON as Go's encoding/json does: invalid texts get the same error messages, and numbers and strings keep
 * their spelling, which JSON patches compare.
 */

import { encodeUtf8, quoteGo } from "./go-error.ts";

/** A parsed value whose scalars keep their text. */
export type JsonNode = null | JsonScalar | JsonNode[] | Map<string, JsonNode>;

/** A string, number or boolean with its original text. */
export class JsonScalar {
  readonly raw: string;
  constructor(raw: string) {
    this.raw = raw;
  }
}

/** @returns the value, or Go's error message */
export function parseJson(text: string): { readonly node: JsonNode } | { readonly error: string } {
  return new Parser(text).parse();
}

const MOST_NESTED = 10_000;
const END = "unexpected end of JSON input";

type Open =
  | { readonly kind: "array"; readonly items: JsonNode[] }
  | { readonly kind: "object"; readonly members: Map<string, JsonNode>; key: string };

/** Thrown and caught within the parser only; `parse` returns the error. */
class Refused {
  readonly error: string;
  constructor(error: string) {
    this.error = error;
  }
}

class Parser {
  readonly #text: string;
  #at = 0;
  readonly #open: Open[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  /** Keeps open lists and objects in a list instead of recursing, so that a pod cannot exhaust the call stack. */
  parse(): { readonly node: JsonNode } | { readonly error: string } {
    try {
      for (;;) {
        const node = this.#readValue();
        if (node === undefined) continue;
        const whole = this.#close(node);
        if (whole === undefined) continue;
        this.#skip();
        if (this.#at < this.#text.length) this.#refuse("after top-level value");
        return { node: whole };
      }
    } catch (refused) {
      if (refused instanceof Refused) return { error: refused.error };
      throw refused;
    }
  }

  /** @returns a complete value; `undefined` if a list or object was opened */
  #readValue(): JsonNode | undefined {
    this.#skip();
    const char = this.#text[this.#at];
    if (char === "[") return this.#openArray();
    if (char === "{") return this.#openObject();
    if (char === '"') return new JsonScalar(this.#readString());
    if (char === "t") return this.#readLiteral("true");
    if (char === "f") return this.#readLiteral("false");
    if (char === "n") return this.#readLiteral("null");
    if (char === "-" || isDigit(this.#text.charCodeAt(this.#at))) return this.#readNumber();
    return this.#refuse("looking for beginning of value");
  }

  #push(open: Open): void {
    this.#open.push(open);
    if (this.#open.length > MOST_NESTED) throw new Refused("exceeded max depth");
  }

  #openArray(): JsonNode | undefined {
    this.#at++;
    const items: JsonNode[] = [];
    this.#push({ kind: "array", items });
    this.#skip();
    if (this.#text[this.#at] !== "]") return undefined;
    this.#at++;
    this.#open.pop();
    return items;
  }

  #openObject(): JsonNode | undefined {
    this.#at++;
    const members = new Map<string, JsonNode>();
    const open: Open = { kind: "object", members, key: "" };
    this.#push(open);
    this.#skip();
    if (this.#text[this.#at] === "}") {
      this.#at++;
      this.#open.pop();
      return members;
    }
    open.key = this.#readKey();
    return undefined;
  }

  #readKey(): string {
    this.#skip();
    if (this.#text[this.#at] !== '"') this.#refuse("looking for beginning of object key string");
    const key = toText(this.#readString());
    this.#skip();
    if (this.#text[this.#at] !== ":") this.#refuse("after object key");
    this.#at++;
    return key;
  }

  /** Adds a complete value to its list or object, and, if that is complete too, continues with the enclosing one. */
  #close(finished: JsonNode): JsonNode | undefined {
    let node = finished;
    for (let open = this.#open.at(-1); open; open = this.#open.at(-1)) {
      if (open.kind === "array") open.items.push(node);
      else open.members.set(open.key, node);
      this.#skip();
      const char = this.#text[this.#at];
      if (char === ",") {
        this.#at++;
        if (open.kind === "object") open.key = this.#readKey();
        return undefined;
      }
      if (char !== (open.kind === "array" ? "]" : "}")) {
        this.#refuse(open.kind === "array" ? "after array element" : "after object key:value pair");
      }
      this.#at++;
      this.#open.pop();
      node = open.kind === "array" ? open.items : open.members;
    }
    return node;
  }

  #readString(): string {
    const start = this.#at++;
    for (;;) {
      if (this.#at >= this.#text.length) throw new Refused(END);
      const unit = this.#text.charCodeAt(this.#at);
      if (unit < 0x20) this.#refuse("in string literal");
      this.#at++;
      if (unit === 0x22) return this.#text.slice(start, this.#at);
      if (unit === 0x5c) this.#readEscape();
    }
  }

  #readEscape(): void {
    const char = this.#text[this.#at];
    if (char === undefined || !/["\\/bfnrtu]/.test(char)) this.#refuse("in string escape code");
    this.#at++;
    if (char !== "u") return;
    for (let i = 0; i < 4; i++, this.#at++) {
      if (!/[\da-fA-F]/.test(this.#text[this.#at] ?? " "))
        this.#refuse("in \\u hexadecimal character escape");
    }
  }

  #readLiteral(literal: string): JsonNode {
    for (let i = 1; i < literal.length; i++) {
      this.#at++;
      const expected = literal[i] ?? "";
      if (this.#text[this.#at] !== expected) this.#refuse(`in literal ${literal} (expecting '${expected}')`);
    }
    this.#at++;
    return literal === "null" ? null : new JsonScalar(literal);
  }

  #readNumber(): JsonNode {
    const start = this.#at;
    if (this.#text[this.#at] === "-") this.#at++;
    if (this.#text[this.#at] === "0") this.#at++;
    else this.#readDigits("in numeric literal");
    if (this.#text[this.#at] === ".") {
      this.#at++;
      this.#readDigits("after decimal point in numeric literal");
    }
    if (this.#isAt("e") || this.#isAt("E")) {
      this.#at++;
      if (this.#isAt("-") || this.#isAt("+")) this.#at++;
      this.#readDigits("in exponent of numeric literal");
    }
    return new JsonScalar(this.#text.slice(start, this.#at));
  }

  #readDigits(context: string): void {
    if (!isDigit(this.#text.charCodeAt(this.#at))) this.#refuse(context);
    while (isDigit(this.#text.charCodeAt(this.#at))) this.#at++;
  }

  #isAt(char: string): boolean {
    return this.#text[this.#at] === char;
  }

  #skip(): void {
    while (isBlank(this.#text.charCodeAt(this.#at))) this.#at++;
  }

  /** At the end of the text, Go reads one more blank, which is an error inside literals and numbers. */
  #refuse(context: string): never {
    const isEnd = this.#at >= this.#text.length;
    if (isEnd && !/^in |numeric literal$/.test(context)) throw new Refused(END);
    const char = isEnd ? "' '" : quoteChar(this.#text, this.#at);
    throw new Refused(`invalid character ${char} ${context}`);
  }
}

/** Takes a UTF-16 unit. Past the end of a text the unit is `NaN`, which is neither a blank nor a digit. */
function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

/** Go reads bytes, so its message has only the first byte of a character. */
function quoteChar(text: string, at: number): string {
  const [byte = 0] = encodeUtf8(String.fromCodePoint(text.codePointAt(at) ?? 0));
  const char = String.fromCharCode(byte);
  if (char === "'") return "'\\''";
  return char === '"' ? "'\"'" : `'${quoteGo(char).slice(1, -1)}'`;
}

/** @returns the text of a JSON string, with its escapes decoded */
export function toText(raw: string): string {
  return String(JSON.parse(raw)).toWellFormed();
}

/** Characters that Go always writes as escapes. */
const ESCAPED = /[<>&\u2028\u2029]/g;

/** @returns JSON text as Go writes it: without blanks, and with HTML's special characters escaped */
export function renderJson(value: unknown): string {
  return JSON.stringify(value).replace(
    ESCAPED,
    (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}
