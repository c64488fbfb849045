/**
 * The secret engines that a request can name in its group_version (Flyte `vault_secret_manager.go`). All differences between
 * them are in this table; a new engine needs a row, tests, and a template if the existing ones do not fit.
 */

/** The properties of one secret engine. */
export interface SecretEngineRow {
  /**
   * Template field with the secret's keys, such as `.Data`. Absent if a file gets Vault's whole answer through the injector's
   * default template; the request's key then only names the file.
   */
  readonly data?: string;
  /** Whether `?version=3` at the end of a path selects a version; if not, it is part of the name. */
  readonly hasVersions: boolean;
  /** Whether every secret's path has `data/` after the mount (Vault API, "KV secrets engine - version 2"). */
  readonly hasDataSegment: boolean;
  /** Whether the injector pastes the path into its own template, so that the webhook can neither quote nor encode it. */
  readonly isPasted: boolean;
}

/** The engines, by Flyte's names. */
export const SECRET_ENGINES = {
  kv1: { data: ".Data", hasVersions: false, hasDataSegment: false, isPasted: false },
  kv2: { data: ".Data.data", hasVersions: true, hasDataSegment: true, isPasted: false },
  db: { hasVersions: false, hasDataSegment: false, isPasted: true },
} as const satisfies Readonly<Record<string, SecretEngineRow>>;

/** The engines' names for a sentence, such as `kv1, kv2 or db`. */
export const ENGINE_NAMES = Object.keys(SECRET_ENGINES)
  .join(", ")
  .replace(/, (\w+)$/, " or $1");

/** Name of a secret engine: a `group_version` of Flyte's. */
export type SecretEngine = keyof typeof SECRET_ENGINES;

/** Engines whose secrets the agent renders with a template from this webhook. */
export type KeyValueEngine = {
  [Name in SecretEngine]: (typeof SECRET_ENGINES)[Name] extends { readonly data: string } ? Name : never;
}[SecretEngine];

/** @returns the properties of an engine */
export function describeSecretEngine(engine: SecretEngine): SecretEngineRow {
  return SECRET_ENGINES[engine];
}

const KNOWN: ReadonlySet<string> = new Set(Object.keys(SECRET_ENGINES));

/** @returns whether a `group_version` names an engine; any other value means the configured engine, as in Flyte */
export function isSecretEngine(groupVersion: string): groupVersion is SecretEngine {
  return KNOWN.has(groupVersion);
}

/** @returns whether the agent renders an engine's secrets with a template from this webhook */
export function isKeyValue(engine: SecretEngine): engine is KeyValueEngine {
  return describeSecretEngine(engine).data !== undefined;
}
