/**
 * Applies JSON patches to the agent's containers as the injector does (github.com/evanphx/json-patch v5.9.11, without its
 * module v5): less strict than RFC 6902, and with the library's error messages.
 */
import { type JsonNode, JsonScalar, parseJson, toText } from "./go-json.ts";
import { find, type Holder, insert, MISSING, Misfit, read, take, toIndex } from "./json-patch-location.ts";
import { type Budget, clone, createBudget, isEqual } from "./json-patch-value.ts";

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
  const budget = createBudget();
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
