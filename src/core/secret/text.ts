/**
 * Protobuf text format of Flyte's `Secret` message, read as golang/protobuf's parser reads it
 * (golang/protobuf v1.5.4 `proto/text_decode.go`): five fields, no nested messages.
 *
 * Input text is a binary string (one character per byte), and so are the values of string fields.
 */
import { unquote } from "./unquote.ts";

/** The fields of the message by name; string fields are binary strings, and absent fields are left out. */
export interface TextFields {
  group?: string;
  group_version?: string;
  key?: string;
  env_var?: string;
  mount_requirement?: number;
}

/** Why a text cannot be parsed, to follow "Cannot decode secret request …: ". */
export interface TextError {
  readonly reason: string;
}

type StringField = Exclude<keyof TextFields, "mount_requirement">;

const STRING_FIELDS: ReadonlySet<string> = new Set<StringField>(["group", "group_version", "key", "env_var"]);
const MOUNTS: Readonly<Record<string, number>> = { ANY: 0, ENV_VAR: 1, FILE: 2 };

interface Token {
  /** The characters as written; empty at the end of the text. */
  readonly text: string;
  /** The bytes of a string literal. */
  readonly bytes?: string;
}

/** Thrown within the parser only; it has no stack, which takes longer to collect than most texts take to parse. */
class Malformed {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/**
 * Parses the text form of one secret request.
 *
 * @param text binary string, one character per byte
 * @param isUtf8 whether a binary string is valid UTF-8
 */
export function parseText(text: string, isUtf8: (bytes: string) => boolean): TextFields | TextError {
  try {
    return new Parser(text, isUtf8).message();
  } catch (error) {
    if (error instanceof Malformed) return { reason: error.message };
    throw error;
  }
}

class Parser {
  readonly #text: string;
  readonly #isUtf8: (bytes: string) => boolean;
  #at = 0;

  constructor(text: string, isUtf8: (bytes: string) => boolean) {
    this.#text = text;
    this.#isUtf8 = isUtf8;
  }

  message(): TextFields {
    const fields: TextFields = {};
    for (let name = this.#next(); name.text !== ""; name = this.#next()) this.#field(fields, name.text);
    return fields;
  }

  #field(fields: TextFields, name: string): void {
    const isString = isStringField(name);
    if (!isString && name !== "mount_requirement") throw new Malformed(`unknown field ${show(name)}`);
    if (fields[name] !== undefined) throw new Malformed(`field ${name} is set twice`);
    const colon = this.#next().text;
    if (colon !== ":") throw new Malformed(`expected ":" after ${name}, found ${show(colon)}`);
    const value = this.#next();
    if (value.text === "") throw new Malformed(`field ${name} has no value`);
    if (isString) fields[name] = toStringValue(name, value);
    else fields.mount_requirement = toMount(value.text);
    this.#skipBlanks();
    const separator = this.#text[this.#at];
    if (separator === ";" || separator === ",") this.#at++;
  }

  #next(): Token {
    this.#skipBlanks();
    const first = this.#text.charCodeAt(this.#at);
    if (Number.isNaN(first)) return { text: "" };
    if (isQuote(first)) return this.#string();
    if ("<>{}:[];,/".includes(this.#text.charAt(this.#at))) return { text: this.#text.charAt(this.#at++) };
    const start = this.#at;
    while (isWordCharacter(this.#text.charCodeAt(this.#at))) this.#at++;
    if (this.#at === start) throw new Malformed(`unexpected byte 0x${first.toString(16).padStart(2, "0")}`);
    return { text: this.#text.slice(start, this.#at) };
  }

  /** Reads a string; adjacent literals are joined, as in C. */
  #string(): Token {
    const start = this.#at;
    let bytes = this.#literal();
    let end = this.#at;
    for (this.#skipBlanks(); isQuote(this.#text.charCodeAt(this.#at)); this.#skipBlanks()) {
      bytes += this.#literal();
      end = this.#at;
    }
    return { text: this.#text.slice(start, end), bytes };
  }

  #literal(): string {
    const quoteCode = this.#text.charCodeAt(this.#at);
    const start = this.#at + 1;
    let end = start;
    for (; end < this.#text.length; end++) {
      const code = this.#text.charCodeAt(end);
      if (code === quoteCode || code === 0x0a) break;
      if (code === 0x5c) end++;
    }
    if (this.#text.charCodeAt(end) !== quoteCode) throw new Malformed("unmatched quote");
    const literal = unquote(this.#text.slice(start, end), this.#isUtf8);
    if ("reason" in literal) throw new Malformed(`invalid string: ${literal.reason}`);
    this.#at = end + 1;
    return literal.bytes;
  }

  #skipBlanks(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d) this.#at++;
      else if (code === 0x23) this.#skipComment();
      else return;
    }
  }

  #skipComment(): void {
    const newline = this.#text.indexOf("\n", this.#at);
    this.#at = newline < 0 ? this.#text.length : newline;
  }
}

function isStringField(name: string): name is StringField {
  return STRING_FIELDS.has(name);
}

function toStringValue(name: string, token: Token): string {
  if (token.bytes === undefined)
    throw new Malformed(`expected a quoted string in field ${name}, found ${show(token.text)}`);
  return token.bytes;
}

/** Parses a name of Flyte's enum, or a number as Go's `strconv.ParseInt(text, 0, 32)` does. */
function toMount(text: string): number {
  const number = Object.hasOwn(MOUNTS, text) ? MOUNTS[text] : parseGoInt32(text);
  if (number === undefined) {
    throw new Malformed(`expected mount_requirement ANY, ENV_VAR or FILE, found ${show(text)}`);
  }
  return number;
}

const GO_INTEGER =
  /^([+-]?)(?:0[xX]((?:_?[0-9a-fA-F])+)|0[bB]((?:_?[01])+)|0[oO]?((?:_?[0-7])+)|(0|[1-9](?:_?[0-9])*))$/;

/** Limit with leading zeros and underscores, because matching and parsing n digits may take n² steps. */
const LONGEST_NUMBER = 200;

function parseGoInt32(text: string): number | undefined {
  const match = text.length > LONGEST_NUMBER ? null : GO_INTEGER.exec(text);
  if (!match) return undefined;
  const [, sign, hexadecimal, binary, octal, decimal] = match;
  const [digits, base] = hexadecimal
    ? [hexadecimal, 16]
    : binary
      ? [binary, 2]
      : octal
        ? [octal, 8]
        : [decimal ?? "", 10];
  const value = Number.parseInt(digits.replaceAll("_", ""), base) * (sign === "-" ? -1 : 1);
  return value >= -(2 ** 31) && value < 2 ** 31 ? value : undefined;
}

function isQuote(code: number): boolean {
  return code === 0x22 || code === 0x27;
}

/** Go's isIdentOrNumberChar: letters, digits, `-`, `+`, `.`, `_`. */
function isWordCharacter(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x5f ||
    code === 0x2d ||
    code === 0x2e ||
    code === 0x2b
  );
}

const LONGEST_SHOWN = 40;

function show(text: string): string {
  if (text === "") return "the end of the text";
  return JSON.stringify(text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text);
}
