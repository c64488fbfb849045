/**
 * Merges files as Flyte's reader does (viper `mergeMaps`): maps name by name; any other value is replaced by the later file's.
 * A name without a value replaces nothing.
 */
import type { Dictionary, Entry, Tree } from "./tree.ts";

/** Merges two trees; the later one wins. */
function merge(earlier: Tree, later: Tree): Tree {
  if (later.kind === "leaf" && later.value === null) return earlier;
  if (earlier.kind !== "map" || later.kind !== "map") return later;
  return mergeMaps(earlier, later);
}

/** Merges two maps; names keep the order in which they first appear. */
export function mergeMaps(earlier: Dictionary, later: Dictionary): Dictionary {
  const entries = new Map<string, Entry>(earlier.entries);
  for (const [name, entry] of later.entries) {
    const before = entries.get(name);
    const tree = before ? merge(before.tree, entry.tree) : entry.tree;
    entries.set(name, before && tree === before.tree ? before : { tree, place: entry.place });
  }
  return { kind: "map", entries, place: later.place ?? earlier.place };
}
