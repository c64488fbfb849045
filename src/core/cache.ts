/**
 * A bounded cache with two generations: when the young generation is full, it replaces the old one, and entries that are
 * used again move back to the young one. This approximates least-recently-used without a list to reorder on every look-up.
 * A key that is asked for only once is not stored: storing it costs more than it saves.
 */

/**
 * Number of fingerprints of keys that were asked for once, a power of two. More would not help: a key that comes again only
 * after more others than a cache has entries would be pushed out before it comes a third time.
 */
const FINGERPRINTS = 1_024;

/** Limits of one generation; the cache holds at most twice as much. */
export interface CacheLimits {
  readonly entries: number;
  /** Length of all keys together, in UTF-16 units; a value is assumed to grow with its key. */
  readonly units: number;
}

interface Entry<Value> {
  readonly key: readonly string[];
  readonly value: Value;
  /** The next entry whose key ends with the same text. */
  readonly next: Entry<Value> | undefined;
  /** Number of entries from this one to the end of the chain. */
  readonly depth: number;
}

/** Longest chain of keys that end with the same text. Look-ups walk the chain, and a pod's author could choose colliding keys. */
const MOST_ALIKE = 16;

/**
 * Stores the value of a key from the second request for it on. A key is a list of texts, which are compared one by one:
 * joining them and hashing the result would take longer than the rest of a review.
 */
export class BoundedCache<Value> {
  readonly #limits: CacheLimits;
  readonly #seen = new Int32Array(FINGERPRINTS);
  /** First entry of each chain, by the last text of its key. */
  #young = new Map<string, Entry<Value>>();
  #old = new Map<string, Entry<Value>>();
  #entries = { young: 0, old: 0 };
  #units = 0;

  constructor(limits: CacheLimits) {
    this.#limits = limits;
  }

  /** @returns the stored value of a key, or the result of `create` if there is none */
  get(key: readonly string[], create: () => Value): Value {
    const last = key.at(-1) ?? "";
    const young = find(this.#young.get(last), key);
    if (young) return young.value;
    const old = find(this.#old.get(last), key);
    const value = old ? old.value : create();
    if (old || this.#isSecondSight(toFingerprint(key))) this.#store(last, key, value);
    return value;
  }

  /** Number of entries in both generations. */
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

  /** A fingerprint has two slots, so two keys that come in turn do not keep each other out. */
  #isSecondSight(print: number): boolean {
    const slot = print & (FINGERPRINTS - 2);
    const latest = this.#seen[slot] ?? 0;
    if (latest === print || this.#seen[slot + 1] === print) return true;
    this.#seen[slot + 1] = latest;
    this.#seen[slot] = print;
    return false;
  }
}

/** @returns the length of a key in UTF-16 units */
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

/** Two keys with the same fingerprint are harmless: the second is only stored one request too early. */
function toFingerprint(key: readonly string[]): number {
  let hash = key.length;
  for (const part of key) {
    hash = (Math.imul(hash, 31) + part.length) | 0;
    for (let i = 0; i < part.length; i++) hash = (Math.imul(hash, 31) + part.charCodeAt(i)) | 0;
  }
  // Texts that differ in their last characters only would else have neighbouring slots.
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 12);
}
