/** A bounded cache in two generations: when the young one is full it becomes the old one, and what is used survives. */
export class BoundedCache<Value> {
  readonly #capacity: number;
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();

  /** @param capacity entries of one generation; at most twice as many are kept. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** @returns the value under a key, made by `create` where it is not known. */
  get(key: string, create: () => Value): Value {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const value = this.#old.get(key) ?? create();
    if (this.#young.size >= this.#capacity) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
    return value;
  }

  /** Entries of both generations. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
