/**
 * A configuration as read: plain data in which every part still knows where it stands in the text. Reading, merging and
 * substituting work on it; only at the end does it become the plain value that the schema sees.
 */

/** Where something stands; lines and columns begin at 1. */
export interface FilePosition {
  readonly file: string | undefined;
  readonly line: number;
  readonly column: number;
}

/** A value without parts. */
export interface Leaf {
  readonly kind: "leaf";
  readonly value: string | number | boolean | null;
  /** As it was written, where that may say more than the value: `0644`, `${env:NAME}`. */
  readonly source: string;
  readonly place: FilePosition | undefined;
  /** Of a YAML block (`|`): where its text begins, each line of which stands in a line of the file. */
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
  /** Where the name stands. */
  readonly place: FilePosition | undefined;
}

/** A map; a real Map, so that no name (`__proto__`) can be special. */
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

/** The plain value, as JSON.parse would give it. Object.fromEntries defines, never assigns: `__proto__` stays a name. */
export function toPlain(tree: Tree): unknown {
  if (tree.kind === "leaf") return tree.value;
  if (tree.kind === "list") return tree.items.map(toPlain);
  return Object.fromEntries([...tree.entries].map(([name, entry]) => [name, toPlain(entry.tree)]));
}

/** The part at a path, and the best place for it: its own, or that of the nearest part above which is there. */
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

/** The beginning of a message, the one form for all of them: `FILE:LINE:COLUMN: `, or nothing for an object. */
export function at(place: FilePosition | undefined): string {
  return place === undefined ? "" : `${place.file ?? "config"}:${place.line}:${place.column}: `;
}

const PLAIN_NAME = /^[A-Za-z_][\w-]*$/;

/** A path in words: `plugins[0].use`, `webhook.vaultSecretManager.annotations["a.b/c"]`. */
export function toDotted(path: Path): string {
  return path
    .map((step) => {
      if (typeof step === "number") return `[${step}]`;
      return PLAIN_NAME.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
    })
    .join("")
    .replace(/^\./, "");
}

/** What a part is, for messages: short texts are shown, as written in the file, others named. */
export function describe(tree: Tree | undefined): string {
  if (tree === undefined) return "nothing";
  if (tree.kind === "list") return "a list";
  if (tree.kind === "map") return "a map";
  if (tree.value === null) return "empty";
  return typeof tree.value === "string" ? JSON.stringify(tree.source.slice(0, 80)) : tree.source;
}
