/**
 * Reads annotations with defaults, one after another, as the injector does: the first invalid one decides the refusal, and
 * later ones do not matter.
 */

import { isFloatOutOfRange, parseFloatGo, parseGoBool, parseGoInt } from "./go.ts";
import { refuseBool, refuseFloat, refuseInteger } from "./go-error.ts";
import { VAULT_DOMAIN } from "./vocabulary.ts";

/** The kind of a refusal, for rules that need more than its message. */
export type Cause =
  | "pod"
  | "namespace"
  | "value"
  | "json-patch"
  | "token-mount"
  | "token-volume"
  | "token-volume-not-projected"
  | "same-user-unset"
  | "same-user-root"
  | "process-namespace"
  | "role"
  | "required"
  | "quantity";

/** The injector's refusal of a pod. */
export interface Refusal {
  /** The injector's message, word for word, which the API server shows to the user. */
  readonly message: string;
  readonly cause: Cause;
  /** Name of the annotation that caused the refusal, without the domain. */
  readonly name?: string;
}

/** Reads annotations by name, without the domain. */
export class Reader {
  /** The first refusal; `undefined` if there is none. */
  refusal: Refusal | undefined;
  readonly #values: ReadonlyMap<string, string>;
  readonly #prefix: string;

  /** @param prefix the injector's prefix for messages of this stage */
  constructor(values: ReadonlyMap<string, string>, prefix: string) {
    this.#values = values;
    this.#prefix = prefix;
  }

  /** All values, by name. */
  get values(): ReadonlyMap<string, string> {
    return this.#values;
  }

  /** @returns the value; empty if the annotation is absent */
  text(name: string): string {
    return this.#values.get(name) ?? "";
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** @returns the value of one id's annotation; the fallback if it is absent */
  ofId(name: string, id: string, fallback = ""): string {
    return this.#values.get(`${name}-${id}`) ?? fallback;
  }

  bool(name: string, fallback: boolean): boolean {
    const value = this.#values.get(name);
    if (value === undefined) return fallback;
    return this.readBool(value, name);
  }

  readBool(value: string, name: string): boolean {
    const read = parseGoBool(value);
    if (read === undefined) this.refuse(refuseBool(value), "value", name);
    return read ?? false;
  }

  /** @returns an integer; 0 for an empty value */
  int(name: string): bigint {
    const value = this.text(name);
    const read = value === "" ? 0n : parseGoInt(value);
    if (read === undefined) this.refuse(refuseInteger("ParseInt", value), "value", name);
    return read ?? 0n;
  }

  uint(name: string): bigint {
    const value = this.text(name);
    const read = /^\d{1,40}$/.test(value) ? BigInt(value) : undefined;
    if (read !== undefined && read < 1n << 64n) return read;
    this.refuse(refuseInteger("ParseUint", value), "value", name);
    return 0n;
  }

  float(name: string): number {
    const value = this.#values.get(name);
    if (value === undefined) return 0;
    const read = parseFloatGo(value);
    if (read === undefined) this.refuse(refuseFloat(value, isFloatOutOfRange(value)), "value", name);
    return read ?? 0;
  }

  /** @returns annotations whose name has this prefix, by the rest of the name */
  *startingWith(prefix: string): Generator<readonly [rest: string, value: string]> {
    for (const [name, value] of this.#values)
      if (name.startsWith(prefix)) yield [name.slice(prefix.length), value];
  }

  /** Stores a refusal, unless there already is one. */
  refuse(message: string, cause: Cause, name?: string): void {
    this.refusal ??= { message: this.#prefix + message, cause, ...(name === undefined ? {} : { name }) };
  }
}

/** @returns the annotations of the injector's domain, by name */
export function readDomain(annotations: Readonly<Record<string, unknown>>): Map<string, string> {
  const values = new Map<string, string>();
  for (const key of Object.keys(annotations)) {
    if (!key.startsWith(VAULT_DOMAIN)) continue;
    const value = annotations[key];
    values.set(key.slice(VAULT_DOMAIN.length), typeof value === "string" ? value : "");
  }
  return values;
}
