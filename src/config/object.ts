/** Reads a plain object, such as an embedder passes, into a tree. */
import { configIssues } from "../core/issue/config.ts";
import { failure, type Result, success } from "../core/result.ts";
import { type Entry, type Leaf, type Path, type Tree, toDotted } from "./tree.ts";

const DEEPEST = 64;

/** The first value that JSON cannot represent. */
class NotData extends Error {
  readonly path: Path;
  readonly got: string;
  constructor(path: Path, got: string) {
    super(got);
    this.path = path;
    this.got = got;
  }
}

/** Reads an object; a value that JSON cannot represent (function, date, cycle) is an issue. */
export function fromObject(value: object): Result<readonly Tree[]> {
  try {
    return success([toTree(value, [])]);
  } catch (thrown) {
    if (!(thrown instanceof NotData)) throw thrown;
    const path = toDotted(thrown.path);
    return failure([
      configIssues["config.not-data"](
        { at: "", path: path || "The configuration", got: thrown.got },
        { path },
      ),
    ]);
  }
}

function toTree(value: unknown, path: Path): Tree {
  if (path.length > DEEPEST) throw new NotData(path.slice(0, 3), `nested deeper than ${DEEPEST} levels`);
  if (Array.isArray(value)) {
    const items = value.map((item: unknown, index) => toTree(item, [...path, index]));
    return { kind: "list", items, place: undefined };
  }
  if (isPlainObject(value)) {
    const entries = Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .map(([name, part]): [string, Entry] => [
        name,
        { tree: toTree(part, [...path, name]), place: undefined },
      ]);
    return { kind: "map", entries: new Map(entries), place: undefined };
  }
  return toLeaf(value, path);
}

function toLeaf(value: unknown, path: Path): Leaf {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
      return { kind: "leaf", value, source: String(value), place: undefined };
    case "undefined":
      return { kind: "leaf", value: null, source: "", place: undefined };
    default:
      if (value === null) return { kind: "leaf", value, source: "null", place: undefined };
      throw new NotData(path, typeof value === "object" ? "an object of a class" : `a ${typeof value}`);
  }
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
