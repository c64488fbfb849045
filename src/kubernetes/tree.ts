/** Manifests as immutable JSON trees; changes return a new tree. */

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | JsonMap;

/** A map of names to values. */
export interface JsonMap {
  readonly [name: string]: Json;
}

/** @returns whether a value is a map */
export function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @returns the value at a path; `undefined` if there is none */
export function valueAt(tree: Json | undefined, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((part, name) => {
    if (Array.isArray(part)) return part[Number(name)];
    return isMap(part) ? part[name] : undefined;
  }, tree);
}

/**
 * Changes the value at a path. If the parent does not exist nothing changes; the last name may be new.
 *
 * @param path names and indices; `*` is every item of a list, `-` the position after its end
 * @param change gets the old value and returns the new one
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

/** Merges two maps recursively; the upper one wins. */
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
