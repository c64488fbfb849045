/** Where a JSON pointer of a patch leads, and what is read, inserted and removed there, with the library's error messages. */
import { refuseInteger } from "./go-error.ts";
import type { JsonNode } from "./go-json.ts";

/** Why an operation does not apply; thrown by the steps of a patch, and caught where the patch is applied. */
export class Misfit {
  readonly error: string;
  constructor(error: string) {
    this.error = error;
  }
}

/** A document, or a list or object in it. */
export type Holder = Map<string, JsonNode> | JsonNode[];

/** The library's words for a location that does not exist. */
export const MISSING = "missing value";

/** Location of a value: its list or object, and its key there. */
export interface TargetLocation {
  readonly holder: Holder;
  readonly key: string;
}

/** Resolves a pointer as the library does: text before the first slash is ignored. */
export function find(root: Holder, path: string): TargetLocation | undefined {
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

/** @returns the value; `undefined` for a key that an object does not have */
export function read({ holder, key }: TargetLocation): JsonNode | undefined {
  if (holder instanceof Map) return holder.get(key);
  const index = needIndex(key, holder.length);
  if (index >= holder.length) throw new Misfit(refuseIndex(index));
  return holder[index];
}

/** Sets a key of an object, or inserts into a list; `-` is the end of the list. */
export function insert({ holder, key }: TargetLocation, value: JsonNode): void {
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

/** Removes the value. */
export function take({ holder, key }: TargetLocation): void {
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

/** @returns the index; negative ones count from the end; `undefined` if it is not a number or before the list */
export function toIndex(key: string, length: number): number | undefined {
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
