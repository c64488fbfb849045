/** Applies a JSON Patch (RFC 6902), limited to `add`, `replace` and `remove`. */
import { isObject } from "../json.ts";
import { parseIndex, parsePointer } from "./pointer.ts";

/** One operation of a JSON Patch. */
export type Operation =
  | { readonly op: "add" | "replace"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string };

/**
 * Applies operations in order.
 *
 * @param document is not changed; the result shares its unpatched parts
 * @returns the patched document
 * @throws if an operation does not fit the document; the webhook makes the patches, so this is a defect
 */
export function applyPatch(document: unknown, operations: readonly Operation[]): unknown {
  const patching = new Patching();
  return operations.reduce(
    (result, operation) => patching.change(result, parsePointer(operation.path), operation),
    document,
  );
}

/** Copies each list and object on a path once, and changes the copies. */
class Patching {
  // The copies made so far. A list or object that is not in here belongs to the document or an operation: copy it first.
  readonly #lists = new WeakMap<object, unknown[]>();
  readonly #objects = new WeakMap<object, Record<string, unknown>>();

  change(target: unknown, [segment, ...rest]: readonly string[], operation: Operation): unknown {
    if (segment === undefined) return operation.op === "remove" ? undefined : operation.value;
    if (Array.isArray(target)) return this.#changeList(this.#ownList(target), segment, rest, operation);
    if (isObject(target)) return this.#changeObject(this.#ownObject(target), segment, rest, operation);
    throw new Error(`${operation.path} does not fit the document`);
  }

  #changeList(list: unknown[], segment: string, rest: readonly string[], operation: Operation): unknown[] {
    const inserts = rest.length === 0 && operation.op === "add";
    const index = inserts && segment === "-" ? list.length : parseIndex(segment);
    if (index === undefined || index > list.length || (index === list.length && !inserts)) {
      throw new Error(`${operation.path} is not in the list`);
    }
    if (inserts) list.splice(index, 0, operation.value);
    else if (rest.length === 0 && operation.op === "remove") list.splice(index, 1);
    else list[index] = this.change(list[index], rest, operation);
    return list;
  }

  #changeObject(
    object: Record<string, unknown>,
    segment: string,
    rest: readonly string[],
    operation: Operation,
  ): Record<string, unknown> {
    const last = rest.length === 0;
    if (!Object.hasOwn(object, segment) && !(last && operation.op === "add")) {
      throw new Error(`${operation.path} is not in the object`);
    }
    if (last && operation.op === "remove") {
      delete object[segment];
      return object;
    }
    const value = this.change(object[segment], rest, operation);
    // Plain assignment to "__proto__" would set the prototype.
    return Object.defineProperty(object, segment, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }

  #ownList(given: readonly unknown[]): unknown[] {
    const own = this.#lists.get(given) ?? [...given];
    this.#lists.set(own, own);
    return own;
  }

  #ownObject(given: object): Record<string, unknown> {
    const own = this.#objects.get(given) ?? { ...given };
    this.#objects.set(own, own);
    return own;
  }
}
