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

/** Remembers values by key, from the second time on that a key is asked for. */
export class BoundedCache<Value> {
  readonly #limits: CacheLimits;
  readonly #seen = new Int32Array(FINGERPRINTS);
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();
  #units = 0;

  constructor(limits: CacheLimits) {
    this.#limits = limits;
  }

  /** @returns the value under a key, made by `create` where it is not known. */
  get(key: string, create: () => Value): Value {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    const value = old ?? create();
    if (old !== undefined || this.#isSecondSight(key)) this.#store(key, value);
    return value;
  }

  /** Entries of both generations. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  #store(key: string, value: Value): void {
    if (this.#young.size >= this.#limits.entries || this.#units + key.length > this.#limits.units) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#units = 0;
    }
    this.#young.set(key, value);
    this.#units += key.length;
  }

  #isSecondSight(key: string): boolean {
    const print = toFingerprint(key);
    const slot = print & (FINGERPRINTS - 1);
    if (this.#seen[slot] === print) return true;
    this.#seen[slot] = print;
    return false;
  }
}

/** No divisor of base32's groups of eight, so that a sample meets all of their places. */
const STRIDE = 3;

/** A sample is enough: a mistake stores an entry early, or late. */
function toFingerprint(key: string): number {
  let hash = key.length;
  for (let i = 0; i < key.length; i += STRIDE) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0;
  return hash ^ (hash >>> 15);
}
