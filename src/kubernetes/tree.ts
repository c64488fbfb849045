/** Manifests as trees of JSON, and changes at places in them. Nothing is changed in place. */

/** A value as YAML and JSON have it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonMap;

/** A map of names to values. */
export interface JsonMap {
  readonly [name: string]: Json;
}

/** @returns whether a value is a map. */
export function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @returns the value at a path, or nothing where the path leads nowhere. */
export function valueAt(tree: Json | undefined, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((part, name) => {
    if (Array.isArray(part)) return part[Number(name)];
    return isMap(part) ? part[name] : undefined;
  }, tree);
}

/**
 * Changes what is at a path. A path that leads nowhere changes nothing, but its last name may be new in a map.
 *
 * @param path names and indices; `*` is every item of a list, `-` behind a list is what comes after its end
 * @param change gets what is there; what it answers is put there
 */
export function changeAt(
  tree: Json,
  path: readonly string[],
  change: (value: Json | undefined) => Json | undefined,
): Json {
  const [name, ...rest] = path;
  if (name === undefined) return change(tree) ?? null;
  const next = (part: Json | undefined) => {
    if (rest.length === 0) return change(part);
    return part === undefined ? undefined : changeAt(part, rest, change);
  };
  if (Array.isArray(tree)) return changeItems(tree, name, next);
  if (!isMap(tree)) return tree;
  const value = next(tree[name]);
  return value === undefined ? tree : { ...tree, [name]: value };
}

/** Lays a map over another, maps inside them included; the upper one wins. */
export function mergeOver(lower: Json | undefined, upper: Json): Json {
  if (!isMap(lower) || !isMap(upper)) return upper;
  const merged = Object.entries(upper).map(([name, value]) => [name, mergeOver(lower[name], value)] as const);
  return { ...lower, ...Object.fromEntries(merged) };
}

function changeItems(
  list: readonly Json[],
  name: string,
  next: (part: Json | undefined) => Json | undefined,
): Json {
  if (name === "-") {
    const item = next(undefined);
    return item === undefined ? list : [...list, item];
  }
  return list.map((item, index) => (name === "*" || name === `${index}` ? (next(item) ?? item) : item));
}
