/** Values of a patch compared and copied. */
import { type JsonNode, JsonScalar } from "./go-json.ts";
import { Misfit } from "./json-patch-location.ts";

/**
 * Most values that all copy operations of a patch may create. The library has no limit: thirty copies of a list into itself
 * would exhaust the memory.
 */
const MOST_COPIED = 100_000;

/** Number of values that may still be copied. */
export interface Budget {
  left: number;
}

/** @returns the budget of one patch */
export function createBudget(): Budget {
  return { left: MOST_COPIED };
}

/** Compares values. Scalars are equal if their texts are; values nested deeper than any container are never equal. */
export function isEqual(a: JsonNode, b: JsonNode, depth = 0): boolean {
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
export function clone(node: JsonNode, budget: Budget): JsonNode {
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
