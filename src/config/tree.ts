/**
 * A configuration as plain data in which every part has its position in the text. Reading, merging and substituting work on
 * it; at the end it becomes the plain value that the schema validates.
 */

/** A position in a file; lines and columns start at 1. */
export interface FilePosition {
  readonly file: string | undefined;
  readonly line: number;
  readonly column: number;
}

/** A value without parts. */
export interface Leaf {
  readonly kind: "leaf";
  readonly value: string | number | boolean | null;
  /** The text in the file, which may differ from the value: `0644`, `${env:NAME}`. */
  readonly source: string;
  readonly place: FilePosition | undefined;
  /** Position of the first line of a YAML block (`|`). */
  readonly text?: FilePosition | undefined;
}

/** A list. */
export interface List {
  readonly kind: "list";
  readonly items: readonly Tree[];
  readonly place: FilePosition | undefined;
}

/** A named part of a map. */
export interface Entry {
  readonly tree: Tree;
  /** Position of the name. */
  readonly place: FilePosition | undefined;
}

/** A map; a JavaScript Map, so that names such as `__proto__` are not special. */
export interface Dictionary {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, Entry>;
  readonly place: FilePosition | undefined;
}

/** Any value. */
export type Tree = Leaf | List | Dictionary;

/** Names and list positions from the top to a part. */
export type Path = readonly (string | number)[];

/** A map without entries. */
export const EMPTY: Dictionary = { kind: "map", entries: new Map(), place: undefined };

/** @returns the plain value, as from JSON.parse. Object.fromEntries defines properties, so `__proto__` is an ordinary name. */
export function toPlain(tree: Tree): unknown {
  if (tree.kind === "leaf") return tree.value;
  if (tree.kind === "list") return tree.items.map(toPlain);
  return Object.fromEntries([...tree.entries].map(([name, entry]) => [name, toPlain(entry.tree)]));
}

/** @returns the part at a path, and its position, or if it is absent, that of its nearest existing parent */
export function find(
  tree: Tree,
  path: Path,
): { readonly tree: Tree | undefined; readonly place: FilePosition | undefined } {
  let here: Tree | undefined = tree;
  let { place } = tree;
  for (const step of path) {
    const entry: Entry | undefined = here && stepInto(here, step);
    place = entry?.place ?? place;
    here = entry?.tree;
  }
  return { tree: here, place };
}

function stepInto(tree: Tree, step: string | number): Entry | undefined {
  if (tree.kind === "map") return tree.entries.get(String(step));
  const item = tree.kind === "list" ? tree.items[Number(step)] : undefined;
  return item && { tree: item, place: item.place };
}

/** @returns the beginning of a message: `FILE:LINE:COLUMN: `, or empty for an object without a text */
export function at(place: FilePosition | undefined): string {
  return place === undefined ? "" : `${place.file ?? "config"}:${place.line}:${place.column}: `;
}

const PLAIN_NAME = /^[A-Za-z_][\w-]*$/;

/** @returns a path as text: `plugins[0].use`, `webhook.vaultSecretManager.annotations["a.b/c"]` */
export function toDotted(path: Path): string {
  return path
    .map((step) => {
      if (typeof step === "number") return `[${step}]`;
      return PLAIN_NAME.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
    })
    .join("")
    .replace(/^\./, "");
}

/** @returns a description of a part for messages: a string as written, at most 80 characters; "a map", "a list" */
export function describe(tree: Tree | undefined): string {
  if (tree === undefined) return "nothing";
  if (tree.kind === "list") return "a list";
  if (tree.kind === "map") return "a map";
  if (tree.value === null) return "empty";
  return typeof tree.value === "string" ? JSON.stringify(tree.source.slice(0, 80)) : tree.source;
}
