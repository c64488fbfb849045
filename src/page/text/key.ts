/** An annotation's key in three parts, so that the eye finds the one that differs. */

/** A key, split. Joined, the parts are the key. */
export interface KeyParts {
  /** Shared by most keys; shown dimmed. */
  readonly prefix: string;
  readonly name: string;
  /** The long id of a secret's file; shown cut. */
  readonly id: string;
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Splits a key behind its domain and before an id. */
export function splitKey(key: string): KeyParts {
  const slash = key.indexOf("/") + 1;
  const id = UUID.exec(key)?.[0] ?? "";
  return { prefix: key.slice(0, slash), name: key.slice(slash, key.length - id.length), id };
}
