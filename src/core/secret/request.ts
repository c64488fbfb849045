/** Flyte's secret request, in Flyte's terms. */

/**
 * Flyte's `Secret.MountType` numbers (flyteidl2 core/security.proto); any other int32 can arrive.
 *
 * @example
 * MountRequirement.FILE; // 2
 */
export const MountRequirement = { ANY: 0, ENV_VAR: 1, FILE: 2 } as const;

/** One secret that a task asks for: a decoded `flyte.secrets/s*` annotation. Absent fields are empty. */
export interface SecretRequest {
  /** Vault path, as the task's author wrote it. */
  readonly group: string;
  /** Engine: `kv1`, `kv2` or `db`; anything else means the configured default. */
  readonly group_version: string;
  /** Key within the secret; for `db` only the file's name. */
  readonly key: string;
  /** Number of a {@link MountRequirement}. */
  readonly mount_requirement: number;
  /** Name of the environment variable to set; Flyte's own Vault manager ignores it. */
  readonly env_var: string;
}

/** Prefix of the annotations with secret requests; any suffix is allowed (Flyte `common.go`). */
export const REQUEST_PREFIX = "flyte.secrets/s";

/** Label that selects pods for the webhook; its value must be `true`. */
export const INJECT_LABEL = "inject-flyte-secrets";

/** @returns Flyte's name of a mount requirement, or its number as text if Flyte has no name for it */
export function mountRequirementName(mount: number): string {
  const named = Object.entries(MountRequirement).find(([, number]) => number === mount);
  return named?.[0] ?? String(mount);
}
