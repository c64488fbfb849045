/** Splits YAML text at the lines where the items of a block list begin, as `kubectl` writes Lists. */
import { previewIssues } from "../../core/issue/preview.ts";
import { isObject } from "../../core/json.ts";
import { failure, type Result, success } from "../../core/result.ts";
import { type ItemSplitter, LONGEST_ITEM } from "./splitter.ts";
import { parseYaml } from "./yaml.ts";

const ITEMS_LINE = /^items:\s*(?:#.*)?$/;
const DOCUMENT_LINE = /^(?:---|\.\.\.)(?:\s|$)/;
const BLANK_LINE = /^\s*(?:#.*)?$/;

/**
 * Splits YAML documents. All lines of an item are indented deeper than its dash (YAML 1.1, "Block Sequences"), so indentation
 * alone shows where an item ends.
 */
export class YamlItems implements ItemSplitter {
  /** Text of the last line, which has no line feed yet. */
  #rest: string[] = [];
  /** Lines of the unfinished item or document. */
  #lines: string[] = [];
  #length = 0;
  /** Number of blanks before an item's dash; `-1` before the first item, `undefined` outside `items`. */
  #indent: number | undefined;
  #inItem = false;
  /** Lines of the document before its items. */
  #around: string[] = [];
  #count = 0;

  push(text: string): Result<readonly unknown[]> {
    const found: unknown[] = [];
    const lines = text.split("\n");
    const last = lines.pop() ?? "";
    if (lines.length > 0) {
      lines[0] = this.#rest.join("") + (lines[0] ?? "");
      this.#rest = [];
    }
    this.#rest.push(last);
    this.#length += last.length;
    for (const line of lines) {
      const failed = this.#read(line, found);
      if (failed) return failed;
    }
    return this.#length > LONGEST_ITEM
      ? failure([previewIssues["preview.too-large"]({ limit: LONGEST_ITEM })])
      : success(found);
  }

  end(): Result<readonly unknown[]> {
    const found: unknown[] = [];
    const failed = this.#read(this.#rest.join(""), found) ?? this.#closeDocument(found);
    return failed ?? success(found);
  }

  #read(line: string, found: unknown[]): Result<never> | undefined {
    if (DOCUMENT_LINE.test(line)) {
      const failed = this.#closeDocument(found);
      // A value on the marker's own line belongs to the next document.
      if (!failed && line.startsWith("---")) this.#add(line.slice(3));
      return failed;
    }
    if (this.#indent === undefined) {
      if (ITEMS_LINE.test(line)) this.#openList();
      else this.#add(line);
      return undefined;
    }
    return BLANK_LINE.test(line) ? this.#keepBlank(line) : this.#readListLine(line, this.#indent, found);
  }

  #readListLine(line: string, indent: number, found: unknown[]): Result<never> | undefined {
    const column = line.search(/\S/);
    const isDash = /^\s*-(?:\s|$)/.test(line);
    if (isDash && (indent < 0 || column === indent)) {
      const failed = this.#closeItem(found);
      this.#indent = column;
      this.#inItem = true;
      this.#add(`${line.slice(0, column)} ${line.slice(column + 1)}`);
      return failed;
    }
    if (this.#inItem && column > indent) {
      this.#add(line);
      return undefined;
    }
    const failed = this.#closeItem(found);
    this.#indent = undefined;
    this.#lines = this.#around;
    this.#around = [];
    this.#add(line);
    return failed;
  }

  #keepBlank(line: string): undefined {
    if (this.#inItem) this.#add(line);
  }

  #openList(): void {
    this.#around = this.#lines;
    this.#lines = [];
    this.#indent = -1;
  }

  #add(line: string): void {
    this.#lines.push(line);
    this.#length += line.length + 1;
  }

  #take(): string {
    const text = this.#lines.join("\n");
    this.#lines = [];
    this.#length = 0;
    return text;
  }

  #closeItem(found: unknown[]): Result<never> | undefined {
    if (!this.#inItem) return undefined;
    this.#inItem = false;
    this.#count++;
    const parsed = parseYaml(`${this.#take()}\n`);
    if (!parsed.ok) return this.#fail(parsed.issues[0].message);
    const [item] = parsed.value;
    found.push(isObject(item) ? { ...readInherited(this.#around), ...item } : item);
    return undefined;
  }

  #closeDocument(found: unknown[]): Result<never> | undefined {
    const failed = this.#closeItem(found);
    if (failed) return failed;
    const hadList = this.#indent !== undefined || this.#count > 0;
    if (this.#indent !== undefined) this.#lines = this.#around;
    this.#indent = undefined;
    this.#around = [];
    const text = this.#take();
    if (text.trim() === "") return undefined;
    const parsed = parseYaml(`${text}\n`);
    if (!parsed.ok) return parsed;
    const documents = parsed.value.filter((document) => document !== null && document !== undefined);
    for (const document of documents) {
      const isHead = isObject(document) && isList(document.kind);
      // A list in flow style is not split by lines, so its items are taken from the parsed document.
      if (isHead && Array.isArray(document.items)) found.push(...document.items);
      else if (!isHead || !hadList) found.push(document);
    }
    return undefined;
  }

  #fail(reason: string): Result<never> {
    return failure([previewIssues["preview.item"]({ item: this.#count, reason })]);
  }
}

function isList(kind: unknown): boolean {
  return kind === undefined || (typeof kind === "string" && kind.endsWith("List"));
}

function readInherited(around: readonly string[]): Readonly<Record<string, string>> {
  const textOf = (key: string) => around.find((line) => line.startsWith(`${key}: `))?.slice(key.length + 2);
  const kind = textOf("kind");
  if (kind === undefined || kind === "List" || !kind.endsWith("List")) return {};
  return { apiVersion: textOf("apiVersion") ?? "v1", kind: kind.slice(0, -"List".length) };
}
