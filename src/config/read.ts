/** Reads text or a plain object into trees, one for each YAML document; aliases and merge keys are resolved. */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  parseAllDocuments,
  type YAMLMap,
  type YAMLParseError,
} from "yaml";
import { configIssues } from "../core/issue/config.ts";
import type { Issue } from "../core/issue/issue.ts";
import { failure, isNonEmpty, type Result, success } from "../core/result.ts";
import { fromObject } from "./object.ts";
import { readPlain } from "./plain.ts";
import { at, type Entry, type FilePosition, type Leaf, type Tree } from "./tree.ts";

// Far above any real configuration; they limit the cost of nested aliases ("billion laughs") and cycles.
const MOST_NODES = 100_000;
const DEEPEST = 64;
/** Words, blanks and signs; a dense file of 1 MiB has about 300,000. More would take hundreds of MiB to parse. */
const MOST_TOKENS = 400_000;

/** A configuration to read, and its name in messages. */
export interface ConfigSource {
  readonly content: string | object;
  readonly file?: string | undefined;
  /** Whether it is a file, which must not be empty; other texts may be. */
  readonly isFile?: boolean;
  /** Position of the text in the file, for a text inside another one; added to all positions. */
  readonly start?: FilePosition;
}

/** Most characters searched for the text of a block; beyond that, only the column in messages is wrong. */
const LONGEST_INDENTATION = 1_000;

// Later errors of a broken text are mostly consequences of the first.
const MOST_ERRORS = 5;

/** Reads a source into its documents; an empty one has none. */
export function readSource({ content, file, start }: ConfigSource): Result<readonly Tree[]> {
  if (typeof content !== "string") return fromObject(content);
  const text = content.replace(/^\uFEFF/, "");
  const [above, before] = [(start?.line ?? 1) - 1, (start?.column ?? 1) - 1];
  const toPlace = (line: number, column: number): FilePosition => {
    return { file, line: line + above, column: column + before };
  };
  const plain = readPlain(text, toPlace);
  if (plain) return success([plain]);
  const lines = new LineCounter();
  const placeOf = (offset: number): FilePosition => {
    const { line, col } = lines.linePos(offset);
    return toPlace(Math.max(line, 1), Math.max(col, 1));
  };
  try {
    return readDocuments(text, lines, placeOf);
  } catch (thrown) {
    if (thrown instanceof Unreadable) return failure([thrown.issue]);
    throw thrown;
  }
}

function readDocuments(
  text: string,
  lines: LineCounter,
  placeOf: (offset: number) => FilePosition,
): Result<readonly Tree[]> {
  if (isTooDense(text)) throw tooLarge(undefined, `${MOST_TOKENS} words and signs`);
  // `merge` enables `<<`, which Flyte's YAML reader supports as well.
  // `uniqueKeys` compares all pairs of keys; Reader finds duplicates in linear time.
  const options = { lineCounter: lines, prettyErrors: false, merge: true, uniqueKeys: false };
  const documents = [...parseAllDocuments(text, options)];
  const errors = documents.flatMap((document) => document.errors);
  const first = errors.filter(({ pos }, index) => pos[0] !== errors[index - 1]?.pos[0]).slice(0, MOST_ERRORS);
  const issues = first.map((error) => toIssue(error, placeOf(error.pos[0])));
  if (isNonEmpty(issues)) return failure(issues);
  const trees = documents
    .map(({ contents }) => contents)
    .filter((node) => node !== null)
    .map((node) => new Reader(placeOf, text).read(node, 0));
  return success(trees.filter((tree) => tree.kind !== "leaf" || tree.value !== null));
}

/** Counts tokens, which takes a small part of the time of a parse and no memory. */
function isTooDense(text: string): boolean {
  // Each token has a character.
  if (text.length <= MOST_TOKENS) return false;
  let tokens = 0;
  for (const _ of new Lexer().lex(text)) if (++tokens > MOST_TOKENS) return true;
  return false;
}

function toIssue({ code, message }: YAMLParseError, place: FilePosition): Issue {
  const reason = code === "RESOURCE_EXHAUSTION" ? `it is nested too deeply (${message})` : message;
  return configIssues["config.syntax"]({ at: at(place), reason });
}

/** Stops reading a document. */
class Unreadable extends Error {
  readonly issue: Issue;
  constructor(issue: Issue) {
    super(issue.message);
    this.issue = issue;
  }
}

function unreadable(place: FilePosition | undefined, reason: string): Unreadable {
  return new Unreadable(configIssues["config.syntax"]({ at: at(place), reason }));
}

function tooLarge(place: FilePosition | undefined, limit: string): Unreadable {
  return new Unreadable(configIssues["config.too-large"]({ at: at(place), limit }));
}

/** Walks one document and resolves aliases. Each alias is walked again, and counts towards the limits. */
class Reader {
  readonly #anchors = new Map<string, Node>();
  readonly #placeOf: (offset: number) => FilePosition;
  readonly #text: string;
  #nodes = 0;

  constructor(placeOf: (offset: number) => FilePosition, text: string) {
    this.#placeOf = placeOf;
    this.#text = text;
  }

  read(node: Node | null, depth: number): Tree {
    const place = node?.range ? this.#placeOf(node.range[0]) : undefined;
    if (++this.#nodes > MOST_NODES) throw tooLarge(place, `${MOST_NODES} values`);
    if (depth > DEEPEST) throw tooLarge(place, `${DEEPEST} levels`);
    if (isAlias(node)) return this.read(this.#anchorOf(node.source, place), depth + 1);
    if (node !== null && "anchor" in node && node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isMap<Node | null, Node | null>(node)) {
      return { kind: "map", entries: this.#readEntries(node, depth), place };
    }
    if (isSeq<Node>(node))
      return { kind: "list", items: node.items.map((item) => this.read(item, depth + 1)), place };
    const leaf = toLeaf(isScalar(node) ? node.value : null, isScalar(node) ? node.source : undefined, place);
    if (!isScalar(node) || node.type !== "BLOCK_LITERAL" || !node.range) return leaf;
    return { ...leaf, text: this.#beginOfBlock(node.range[0]) };
  }

  /** The line below the header, and the column of its first line with text; all lines share that indentation. */
  #beginOfBlock(header: number): FilePosition {
    const begin = this.#text.indexOf("\n", header) + 1;
    const indentation =
      /^(?:[ ]*\r?\n)*([ ]*)/.exec(this.#text.slice(begin, begin + LONGEST_INDENTATION))?.[1] ?? "";
    return { ...this.#placeOf(begin), column: indentation.length + 1 };
  }

  #anchorOf(name: string, place: FilePosition | undefined): Node {
    const anchor = this.#anchors.get(name);
    if (anchor !== undefined) return anchor;
    throw unreadable(place, `the alias *${name} has no anchor &${name} before it`);
  }

  #readName(key: Node | null, place: FilePosition | undefined): string {
    const scalar = isAlias(key) ? this.#anchorOf(key.source, place) : key;
    if (scalar === null) return "";
    if (!isScalar(scalar)) throw unreadable(place, "a list or a map cannot be a name");
    if (scalar.anchor !== undefined) this.#anchors.set(scalar.anchor, scalar);
    return scalar.source ?? String(scalar.value);
  }

  #readEntries(map: YAMLMap<Node | null, Node | null>, depth: number): Map<string, Entry> {
    const own = new Map<string, Entry>();
    const merged: Tree[] = [];
    for (const { key, value } of map.items) {
      const place = key?.range ? this.#placeOf(key.range[0]) : undefined;
      const name = this.#readName(key, place);
      const tree = this.read(value, depth + 1);
      if (own.has(name)) throw unreadable(place, `the key ${JSON.stringify(name)} is there twice`);
      if (isMergeKey(key)) merged.push(...(tree.kind === "list" ? tree.items : [tree]));
      else own.set(name, { tree, place: place ?? tree.place });
    }
    // The map's own entries win over merged ones, and earlier merged maps over later ones (YAML merge key type).
    for (const tree of merged) {
      if (tree.kind !== "map") continue;
      for (const [name, entry] of tree.entries) if (!own.has(name)) own.set(name, entry);
    }
    return own;
  }
}

function isMergeKey(key: Node | null): boolean {
  return isScalar(key) && typeof key.value === "symbol";
}

const GO_OCTAL = /^0[0-7]+$/;

// Flyte reads YAML with Go's yaml.v3, which reads a leading zero as octal, like YAML 1.1.
function toLeaf(value: unknown, source: string | undefined, place: FilePosition | undefined): Leaf {
  const leaf = (known: Leaf["value"]): Leaf => ({
    kind: "leaf",
    value: known,
    source: source ?? String(known),
    place,
  });
  if (typeof value === "number")
    return leaf(source && GO_OCTAL.test(source) ? Number.parseInt(source, 8) : value);
  return leaf(typeof value === "string" || typeof value === "boolean" ? value : null);
}
