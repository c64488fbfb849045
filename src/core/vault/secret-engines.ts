/**
 * The secret engines that a request can name by its group_version (Flyte `vault_secret_manager.go`). Everything that differs
 * between them is a row here; a new engine is a row, a template where it needs one of its own, and their tests.
 */

/** What is particular about one secret engine. */
export interface SecretEngineRow {
  /**
   * Field of the agent's answer that holds the keys. Absent where a file gets the whole answer, by the injector's default
   * template, and the request's key names the file only.
   */
  readonly data?: string;
  /** Whether `?version=3` at the end of a path asks for a version; elsewhere it is part of the name. */
  readonly hasVersions: boolean;
  /** Whether Vault's API has `data/` after the mount in every path of a secret (Vault, "KV secrets engine - version 2"). */
  readonly hasDataSegment: boolean;
  /** Whether the injector pastes the path into its template, where the webhook can neither quote nor encode it. */
  readonly isPasted: boolean;
}

/** The engines, by Flyte's names. */
export const SECRET_ENGINES = {
  kv1: { data: ".Data", hasVersions: false, hasDataSegment: false, isPasted: false },
  kv2: { data: ".Data.data", hasVersions: true, hasDataSegment: true, isPasted: false },
  db: { hasVersions: false, hasDataSegment: false, isPasted: true },
} as const satisfies Readonly<Record<string, SecretEngineRow>>;

/** Name of a secret engine: a `group_version` of Flyte's. */
export type SecretEngine = keyof typeof SECRET_ENGINES;

/** Engines whose secrets the agent renders through a template of ours. */
export type KeyValueEngine = {
  [Name in SecretEngine]: (typeof SECRET_ENGINES)[Name] extends { readonly data: string } ? Name : never;
}[SecretEngine];

/** @returns what is particular about an engine */
export function describeSecretEngine(engine: SecretEngine): SecretEngineRow {
  return SECRET_ENGINES[engine];
}

/** Whether a `group_version` names an engine; Flyte takes any other one for the configured engine. */
export function isSecretEngine(groupVersion: string): groupVersion is SecretEngine {
  return Object.hasOwn(SECRET_ENGINES, groupVersion);
}

/** Whether the agent renders an engine's secrets through a template of ours. */
export function isKeyValue(engine: SecretEngine): engine is KeyValueEngine {
  return describeSecretEngine(engine).data !== undefined;
}
