/** Flyte's secret request, in Flyte's own terms. */

/**
 * Flyte's `Secret.MountType` numbers (flyteidl2 core/security.proto); any other int32 can arrive.
 *
 * @example
 * MountRequirement.FILE; // 2
 */
export const MountRequirement = { ANY: 0, ENV_VAR: 1, FILE: 2 } as const;

/** What a task asks for: one decoded `flyte.secrets/s*` annotation. Fields that were absent are empty. */
export interface SecretRequest {
  /** Vault path, as the task's author wrote it. */
  readonly group: string;
  /** Engine: `kv1`, `kv2` or `db`; anything else means the configured default. */
  readonly group_version: string;
  /** Key within the secret; for `db` only the file's name. */
  readonly key: string;
  /** Number of a {@link MountRequirement}. */
  readonly mount_requirement: number;
  /** Name of the variable to set; Flyte's Vault mode does not use it. */
  readonly env_var: string;
}

/** Prefix of the annotations that carry secret requests; any suffix counts (Flyte `common.go`). */
export const REQUEST_PREFIX = "flyte.secrets/s";

/** Label of the pods that Flyte's webhook is called for; its value has to be `true`. */
export const INJECT_LABEL = "inject-flyte-secrets";

/** @returns Flyte's name of a mount requirement, or its number in words where Flyte has no name for it. */
export function mountRequirementName(mount: number): string {
  const named = Object.entries(MountRequirement).find(([, number]) => number === mount);
  return named?.[0] ?? String(mount);
}
