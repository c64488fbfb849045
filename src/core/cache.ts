/**
 * A bounded cache in two generations: when the young one is full it becomes the old one, and what is used survives.
 * What is asked for once is not kept: storing it would cost more than making it again.
 */

/** Room for the fingerprints of keys that were asked for once; a power of two. */
const FINGERPRINTS = 4_096;

/** How much one generation of a cache holds; at most twice as much is kept. */
export interface CacheLimits {
  readonly entries: number;
  /** UTF-16 units of all keys together; values grow with their keys. */
  readonly units: number;
}

interface Entry<Value> {
  readonly key: readonly string[];
  readonly value: Value;
  /** The next one whose key ends with the same text. */
  readonly next: Entry<Value> | undefined;
  /** Entries from here to the last. */
  readonly depth: number;
}

/** Most keys that end with the same text: a pod's author chooses the keys, and each look-up walks them. */
const MOST_ALIKE = 16;

/**
 * Remembers values by key, from the second time on that a key is asked for. A key is a list of texts: they are compared one
 * by one, since joining them, and hashing what was joined, would take longer than all the rest of a review.
 */
export class BoundedCache<Value> {
  readonly #limits: CacheLimits;
  readonly #seen = new Int32Array(FINGERPRINTS);
  /** By the last text of their keys. */
  #young = new Map<string, Entry<Value>>();
  #old = new Map<string, Entry<Value>>();
  #entries = { young: 0, old: 0 };
  #units = 0;

  constructor(limits: CacheLimits) {
    this.#limits = limits;
  }

  /** @returns the value under a key, made by `create` where it is not known. */
  get(key: readonly string[], create: () => Value): Value {
    const last = key.at(-1) ?? "";
    const young = find(this.#young.get(last), key);
    if (young) return young.value;
    const old = find(this.#old.get(last), key);
    const value = old ? old.value : create();
    if (old || this.#isSecondSight(toFingerprint(key))) this.#store(last, key, value);
    return value;
  }

  /** Entries of both generations. */
  get size(): number {
    return this.#entries.young + this.#entries.old;
  }

  #store(last: string, key: readonly string[], value: Value): void {
    const units = toLength(key);
    if (this.#entries.young >= this.#limits.entries || this.#units + units > this.#limits.units) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#entries = { young: 0, old: this.#entries.young };
      this.#units = 0;
    }
    const alike = this.#young.get(last);
    const next = alike && alike.depth < MOST_ALIKE ? alike : undefined;
    this.#young.set(last, { key, value, next, depth: (next?.depth ?? 0) + 1 });
    this.#entries.young++;
    this.#units += units;
  }

  #isSecondSight(print: number): boolean {
    const slot = print & (FINGERPRINTS - 1);
    if (this.#seen[slot] === print) return true;
    this.#seen[slot] = print;
    return false;
  }
}

/** @returns UTF-16 units of a key. */
export function toLength(key: readonly string[]): number {
  let length = 0;
  for (const part of key) length += part.length;
  return length;
}

function find<Value>(first: Entry<Value> | undefined, key: readonly string[]): Entry<Value> | undefined {
  for (let entry = first; entry; entry = entry.next) if (isSame(entry.key, key)) return entry;
  return undefined;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A mistake stores an entry a sight early. */
function toFingerprint(key: readonly string[]): number {
  let hash = key.length;
  for (const part of key) {
    hash = (Math.imul(hash, 31) + part.length) | 0;
    for (let i = 0; i < part.length; i++) hash = (Math.imul(hash, 31) + part.charCodeAt(i)) | 0;
  }
  return hash ^ (hash >>> 15);
}
