/**
 * Checks names against the schema. In our sections an unknown name is an error; in `webhook`, whose names Flyte reads
 * case-insensitively, a warning. Returns a tree with the schema's spelling, without unknown and empty names.
 */
import type * as v from "valibot";
import { configIssues } from "../core/issue/config.ts";
import type { Issue } from "../core/issue/issue.ts";
import { nearest } from "../core/nearest.ts";
import { findMeant } from "./flyte-names.ts";
import { shapeOf, unwrap } from "./shape.ts";
import {
  at,
  type Dictionary,
  describe,
  EMPTY,
  type Entry,
  type Leaf,
  type List,
  type Path,
  type Tree,
  toDotted,
} from "./tree.ts";

/** How names are read: Flyte's case-insensitively and with warnings, ours strictly. */
export type Reading = "flyte" | "ours";

/** Checks one section. `found` collects the issues. */
export function checkNames(
  section: Tree,
  name: string,
  schema: v.GenericSchema,
  reading: Reading,
  found: Issue[],
): Tree {
  return new Walk(reading, found).walk(section, schema, [name]);
}

class Walk {
  readonly #reading: Reading;
  readonly #found: Issue[];

  constructor(reading: Reading, found: Issue[]) {
    this.#reading = reading;
    this.#found = found;
  }

  walk(tree: Tree, schema: v.GenericSchema, path: Path): Tree {
    const shape = shapeOf(schema);
    switch (shape.kind) {
      case "names":
        if (tree.kind === "list") return this.#notMap(tree, schema, path);
        return tree.kind === "map" ? this.#walkNames(tree, shape.entries, path) : tree;
      case "record":
        return this.#walkRecord(tree, schema, shape.value, path);
      case "list":
        return this.#walkList(tree, shape.item, path);
      case "other":
        return tree;
    }
  }

  #walkNames(map: Dictionary, schemas: ReadonlyMap<string, v.GenericSchema>, path: Path): Dictionary {
    const entries = new Map<string, Entry>();
    for (const [written, entry] of map.entries) {
      const known = this.#knownName(written, schemas);
      const schema = known === undefined ? undefined : schemas.get(known);
      if (known === undefined || schema === undefined) {
        this.#report(this.#unknown(written, entry, schemas, path));
        continue;
      }
      if (entries.has(known)) this.#report(this.#twice(written, known, entry, path));
      // A name without a value counts as absent (viper's AllSettings leaves nulls out).
      if (entry.tree.kind === "leaf" && entry.tree.value === null) continue;
      entries.set(known, { ...entry, tree: this.walk(entry.tree, schema, [...path, known]) });
    }
    return { ...map, entries };
  }

  // For a map, Flyte also accepts a list of maps (flytestdlib `sliceToMapHook`), and null as an empty text.
  #walkRecord(tree: Tree, record: v.GenericSchema, schema: v.GenericSchema, path: Path): Tree {
    const map = tree.kind === "list" ? joinMaps(tree) : tree;
    if (map === undefined) return this.#notMap(tree, record, path);
    if (map.kind !== "map") return tree;
    if (tree.kind === "list") this.#reportTwice(tree, path);
    const entries = [...map.entries].map(([name, entry]): [string, Entry] => {
      const value = this.#reading === "flyte" ? nullToText(entry.tree) : entry.tree;
      return [name, { ...entry, tree: this.walk(value, schema, [...path, name]) }];
    });
    return { ...map, entries: new Map(entries) };
  }

  /** Maps of a list are joined, and the last one wins (flytestdlib `sliceToMapHook`). */
  #reportTwice({ items }: List, path: Path): void {
    const seen = new Set<string>();
    for (const [name, { place }] of items.flatMap((item) => (item.kind === "map" ? [...item.entries] : []))) {
      const where = { path: toDotted([...path, name]) };
      if (seen.has(name))
        this.#report(configIssues["config.annotation-twice"]({ at: at(place), key: name }, where));
      seen.add(name);
    }
  }

  // For a list, Flyte also accepts a text with commas (mapstructure StringToSliceHookFunc) or a single value.
  #walkList(tree: Tree, schema: v.GenericSchema, path: Path): Tree {
    const list = this.#reading === "flyte" ? toList(tree) : tree;
    if (list.kind !== "list") return tree;
    return { ...list, items: list.items.map((item, index) => this.walk(item, schema, [...path, index])) };
  }

  // valibot accepts a list as an object, so it would count as an empty map.
  #notMap(tree: Tree, schema: v.GenericSchema, path: Path): Dictionary {
    const expected = expectedBy(unwrap(schema));
    const facts = { at: at(tree.place), path: toDotted(path), got: describe(tree), expected };
    this.#report(configIssues["config.value"](facts, { path: facts.path }));
    return { ...EMPTY, place: tree.place };
  }

  #knownName(written: string, schemas: ReadonlyMap<string, v.GenericSchema>): string | undefined {
    if (schemas.has(written) || this.#reading === "ours") return schemas.has(written) ? written : undefined;
    const folded = written.toLowerCase();
    return [...schemas.keys()].find((known) => known.toLowerCase() === folded);
  }

  #unknown(written: string, entry: Entry, schemas: ReadonlyMap<string, unknown>, path: Path): Issue {
    const near = nearest(written, schemas.keys());
    const name = toDotted([...path, written]);
    const meant = this.#reading === "flyte" && isVaultPath(path) ? findMeant(written, path) : undefined;
    if (meant !== undefined)
      return configIssues["config.misplaced"]({ at: at(entry.place), name, meant }, { path: name });
    const code = this.#reading === "ours" ? "config.name-unknown" : "config.webhook-name-unknown";
    return configIssues[code](
      { at: at(entry.place), name, nearest: near === undefined ? undefined : toDotted([...path, near]) },
      { path: name },
    );
  }

  #twice(written: string, known: string, entry: Entry, path: Path): Issue {
    const name = toDotted([...path, written]);
    return configIssues["config.name-twice"]({ at: at(entry.place), name, other: known }, { path: name });
  }

  #report(issue: Issue): void {
    this.#found.push(issue);
  }
}

/** The sections whose names decide a pod's identity: `webhook` and `webhook.vaultSecretManager`. */
function isVaultPath([section, part, ...deeper]: Path): boolean {
  return (
    section === "webhook" && deeper.length === 0 && (part === undefined || part === "vaultSecretManager")
  );
}

// The messages in the schemas name the expected value.
function expectedBy(schema: v.GenericSchema): string {
  return "message" in schema && typeof schema.message === "string" ? schema.message : "a map";
}

function joinMaps(list: List): Dictionary | undefined {
  const maps = list.items.filter((item) => item.kind === "map");
  if (maps.length < list.items.length) return undefined;
  return { ...EMPTY, place: list.place, entries: new Map(maps.flatMap((map) => [...map.entries])) };
}

function nullToText(tree: Tree): Tree {
  return tree.kind === "leaf" && tree.value === null ? { ...tree, value: "" } : tree;
}

function toList(tree: Tree): Tree {
  if (tree.kind !== "leaf" || tree.value === null) return tree;
  const items = typeof tree.value === "string" ? splitCommas(tree, tree.value) : [tree];
  return { kind: "list", items, place: tree.place };
}

function splitCommas(leaf: Leaf, text: string): Leaf[] {
  if (text === "") return [];
  return text.split(",").map((part) => ({ ...leaf, value: part, source: part }));
}
