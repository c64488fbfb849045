/**
 * Applies JSON patches to the agent's containers as the injector does (github.com/evanphx/json-patch v5.9.11, without its
 * module v5): less strict than RFC 6902, and with the library's error messages.
 */
import { refuseInteger } from "./go-error.ts";
import { type JsonNode, JsonScalar, parseJson, toText } from "./go-json.ts";

/** A decoded patch, or the library's error message. */
export type DecodedPatch =
  | { readonly operations: readonly Operation[]; readonly error?: undefined }
  | { readonly error: string };

/** One operation; `null` in the list counts as an operation without members. */
type Operation = ReadonlyMap<string, JsonNode>;

/** @returns the operations of a patch; none for `null` */
export function decodeJsonPatch(text: string): DecodedPatch {
  const parsed = parseJson(text);
  if ("error" in parsed) return parsed;
  const { node } = parsed;
  if (node === null) return { operations: [] };
  if (!Array.isArray(node)) return { error: refuseType(node, "jsonpatch.Patch") };
  const stray = node.find((item) => item !== null && !(item instanceof Map));
  if (stray !== undefined) return { error: refuseType(stray, "jsonpatch.Operation") };
  return { operations: node.map((item) => (item instanceof Map ? item : new Map())) };
}

function refuseType(node: JsonNode, type: string): string {
  return `json: cannot unmarshal ${describe(node)} into Go value of type ${type}`;
}

function describe(node: JsonNode): string {
  if (node instanceof Map) return "object";
  if (Array.isArray(node)) return "array";
  if (node?.raw.startsWith('"')) return "string";
  return node?.raw === "true" || node?.raw === "false" ? "bool" : "number";
}

/** Why an operation does not apply; thrown and caught within this file only. */
class Misfit {
  readonly error: string;
  constructor(error: string) {
    this.error = error;
  }
}

/**
 * Most values that all copy operations of a patch may create. The library has no limit: thirty copies of a list into itself
 * would exhaust the memory.
 */
const MOST_COPIED = 100_000;

/** Number of values that may still be copied. */
interface Budget {
  left: number;
}

type Holder = Map<string, JsonNode> | JsonNode[];

const MISSING = "missing value";

/**
 * Applies a patch to a document, and changes the document.
 *
 * @returns the document, or the library's error message
 */
export function applyJsonPatch(
  operations: readonly Operation[],
  document: Holder,
): { readonly document: Holder } | { readonly error: string } {
  let root = document;
  const budget = { left: MOST_COPIED };
  try {
    for (const operation of operations) root = applyOperation(operation, root, budget);
    return { document: root };
  } catch (misfit) {
    if (misfit instanceof Misfit) return { error: misfit.error };
    throw misfit;
  }
}

function applyOperation(operation: Operation, root: Holder, budget: Budget): Holder {
  const kind = readText(operation.get("op")) ?? "unknown";
  switch (kind) {
    case "add":
      add(operation, root);
      return root;
    case "remove":
      remove(operation, root);
      return root;
    case "replace":
      return replace(operation, root);
    case "move":
      move(operation, root);
      return root;
    case "test":
      test(operation, root);
      return root;
    case "copy":
      copy(operation, root, budget);
      return root;
    default:
      throw new Misfit(`Unexpected kind: ${kind}`);
  }
}

function add(operation: Operation, root: Holder): void {
  const path = readText(operation.get("path"));
  if (path === undefined) throw new Misfit(`add operation failed to decode path: ${MISSING}`);
  const place = find(root, path);
  if (!place) throw new Misfit(`add operation does not apply: doc is missing path: "${path}": ${MISSING}`);
  explainAs(`error in add for path: '${path}'`, () => insert(place, operation.get("value") ?? null));
}

function remove(operation: Operation, root: Holder): void {
  const path = readText(operation.get("path"));
  if (path === undefined) throw new Misfit(`remove operation failed to decode path: ${MISSING}`);
  const place = find(root, path);
  if (!place) throw new Misfit(`remove operation does not apply: doc is missing path: "${path}": ${MISSING}`);
  explainAs(`error in remove for path: '${path}'`, () => take(place));
}

function replace(operation: Operation, root: Holder): Holder {
  const path = needText(operation, "path", "replace operation failed to decode path");
  const value = operation.get("value") ?? null;
  if (path === "") {
    if (value instanceof Map || Array.isArray(value)) return value;
    throw new Misfit("replace operation value must be object or array: %!w(<nil>)");
  }
  const place = find(root, path);
  if (!place) throw new Misfit(`replace operation does not apply: doc is missing path: ${path}: ${MISSING}`);
  const { holder, key } = place;
  if (holder instanceof Map) {
    holder.set(key, value);
    return root;
  }
  const index = toIndex(key, holder.length);
  if (index === undefined || index >= holder.length) {
    throw new Misfit(`replace operation does not apply: doc is missing key: ${path}: ${MISSING}`);
  }
  holder[index] = value;
  return root;
}

function move(operation: Operation, root: Holder): void {
  const from = needText(operation, "from", "move operation failed to decode from");
  const source = find(root, from);
  if (!source)
    throw new Misfit(`move operation does not apply: doc is missing from path: ${from}: ${MISSING}`);
  const value = explainAs(`error in move for path: '${source.key}'`, () => {
    const found = read(source);
    take(source);
    return found;
  });
  const path = needText(operation, "path", "move operation failed to decode path");
  const place = find(root, path);
  if (!place) {
    throw new Misfit(`move operation does not apply: doc is missing destination path: ${path}: ${MISSING}`);
  }
  explainAs(`error in move for path: '${path}'`, () => insert(place, value ?? null));
}

function test(operation: Operation, root: Holder): void {
  const path = needText(operation, "path", "test operation failed to decode path");
  const expected = operation.get("value") ?? null;
  const failed = `testing value ${path} failed: test failed`;
  if (path === "") {
    if (!isEqual(root, expected)) throw new Misfit(failed);
    return;
  }
  const place = find(root, path);
  if (!place) throw new Misfit(`test operation does not apply: is missing path: ${path}: ${MISSING}`);
  const found = explainAs(`error in test for path: '${path}'`, () => read(place));
  if (!isEqual(found ?? null, expected)) throw new Misfit(failed);
}

function copy(operation: Operation, root: Holder, budget: Budget): void {
  const from = needText(operation, "from", "copy operation failed to decode from");
  const source = find(root, from);
  if (!source)
    throw new Misfit(`copy operation does not apply: doc is missing from path: ${from}: ${MISSING}`);
  const value = explainAs(`error in copy for from: '${from}'`, () => read(source));
  const path = readText(operation.get("path"));
  if (path === undefined) throw new Misfit(`copy operation failed to decode path: ${MISSING}`);
  const place = find(root, path);
  if (!place) {
    throw new Misfit(`copy operation does not apply: doc is missing destination path: ${path}: ${MISSING}`);
  }
  explainAs("error while adding value during copy", () => insert(place, clone(value ?? null, budget)));
}

/** Location of a value: its list or object, and its key there. */
interface TargetLocation {
  readonly holder: Holder;
  readonly key: string;
}

/** Resolves a pointer as the library does: text before the first slash is ignored. */
function find(root: Holder, path: string): TargetLocation | undefined {
  const [, ...keys] = path
    .split("/")
    .map((part) => part.replace(/~[01]/g, (escaped) => (escaped === "~1" ? "/" : "~")));
  const key = keys.pop();
  if (key === undefined) return undefined;
  let holder = root;
  for (const step of keys) {
    const next = step === undefined ? undefined : look(holder, step);
    if (!(next instanceof Map) && !Array.isArray(next)) return undefined;
    holder = next;
  }
  return { holder, key };
}

function look(holder: Holder, key: string): JsonNode | undefined {
  if (holder instanceof Map) return holder.get(key);
  const index = toIndex(key, holder.length);
  return index === undefined ? undefined : holder[index];
}

function read({ holder, key }: TargetLocation): JsonNode | undefined {
  if (holder instanceof Map) return holder.get(key);
  const index = needIndex(key, holder.length);
  if (index >= holder.length) throw new Misfit(refuseIndex(index));
  return holder[index];
}

function insert({ holder, key }: TargetLocation, value: JsonNode): void {
  if (holder instanceof Map) {
    holder.set(key, value);
    return;
  }
  if (key === "-") {
    holder.push(value);
    return;
  }
  if (parseIndex(key) === undefined) {
    throw new Misfit(`value was not a proper array index: '${key}': ${refuseInteger("Atoi", key)}`);
  }
  const index = needIndex(key, holder.length + 1);
  if (index > holder.length) throw new Misfit(refuseIndex(index));
  holder.splice(index, 0, value);
}

function take({ holder, key }: TargetLocation): void {
  if (holder instanceof Map) {
    if (!holder.delete(key)) throw new Misfit(`Unable to remove nonexistent key: ${key}: ${MISSING}`);
    return;
  }
  const index = needIndex(key, holder.length);
  if (index >= holder.length) throw new Misfit(refuseIndex(index));
  holder.splice(index, 1);
}

function parseIndex(key: string): number | undefined {
  return /^[+-]?\d{1,18}$/.test(key) ? Number(key) : undefined;
}

/** Negative indices count from the end. */
function toIndex(key: string, length: number): number | undefined {
  const index = parseIndex(key);
  if (index === undefined || index < -length) return undefined;
  return index < 0 ? index + length : index;
}

function needIndex(key: string, length: number): number {
  const index = parseIndex(key);
  if (index === undefined) throw new Misfit(refuseInteger("Atoi", key));
  return toIndex(key, length) ?? fail(refuseIndex(index));
}

function fail(error: string): never {
  throw new Misfit(error);
}

function refuseIndex(index: number): string {
  return `Unable to access invalid index: ${index}: invalid index referenced`;
}

function explainAs<T>(prefix: string, step: () => T): T {
  try {
    return step();
  } catch (misfit) {
    throw misfit instanceof Misfit ? new Misfit(`${prefix}: ${misfit.error}`) : misfit;
  }
}

function readText(node: JsonNode | undefined): string | undefined {
  return node instanceof JsonScalar && node.raw.startsWith('"') ? toText(node.raw) : undefined;
}

function needText(operation: Operation, member: "path" | "from", prefix: string): string {
  const node = operation.get(member) ?? null;
  const found = readText(node);
  if (found !== undefined) return found;
  const comma = member === "from" ? "," : "";
  const why =
    node === null ? `operation${comma} missing ${member} field: ${MISSING}` : refuseType(node, "string");
  throw new Misfit(`${prefix}: ${why}`);
}

/** Compares values. Scalars are equal if their texts are; values nested deeper than any container are never equal. */
function isEqual(a: JsonNode, b: JsonNode, depth = 0): boolean {
  if (a === null || b === null || depth > 1_000) return a === b;
  if (a instanceof JsonScalar || b instanceof JsonScalar) {
    return a instanceof JsonScalar && b instanceof JsonScalar && a.raw === b.raw;
  }
  if (a instanceof Map) {
    if (!(b instanceof Map) || a.size !== b.size) return false;
    return [...a].every(([key, value]) => b.has(key) && isEqual(value, b.get(key) ?? null, depth + 1));
  }
  if (!Array.isArray(b) || a.length !== b.length) return false;
  return a.every((item, i) => isEqual(item, b[i] ?? null, depth + 1));
}

/** Copies a value without recursion, so that deeply nested values cannot exhaust the call stack. */
function clone(node: JsonNode, budget: Budget): JsonNode {
  if (node === null || node instanceof JsonScalar) return node;
  const result: JsonNode = node instanceof Map ? new Map() : [];
  const open: (readonly [JsonNode, JsonNode])[] = [[node, result]];
  for (let next = open.pop(); next; next = open.pop()) {
    copyInto(next[0], next[1], open);
    budget.left -= next[0] instanceof Map ? next[0].size : Array.isArray(next[0]) ? next[0].length : 1;
    if (budget.left < 0) throw new Misfit(`the copies have more than ${MOST_COPIED} values`);
  }
  return result;
}

function copyInto(from: JsonNode, to: JsonNode, open: (readonly [JsonNode, JsonNode])[]): void {
  const start = (value: JsonNode): JsonNode => {
    if (value === null || value instanceof JsonScalar) return value;
    const copied: JsonNode = value instanceof Map ? new Map() : [];
    open.push([value, copied]);
    return copied;
  };
  if (from instanceof Map && to instanceof Map) for (const [key, value] of from) to.set(key, start(value));
  if (Array.isArray(from) && Array.isArray(to)) for (const value of from) to.push(start(value));
}
