/** Annotation keys of the Vault Agent Injector that the webhook writes or reads. */

import { VAULT_DOMAIN } from "../../injector/vocabulary.ts";

export { AGENT_CONTAINERS, DEFAULT_VOLUME_PATH } from "../../injector/parts.ts";
export { VAULT_DOMAIN };

/** Keys with one fixed name (vault-k8s `agent-inject/agent/annotations.go`). */
export const VaultKey = {
  inject: `${VAULT_DOMAIN}agent-inject`,
  status: `${VAULT_DOMAIN}agent-inject-status`,
  prePopulateOnly: `${VAULT_DOMAIN}agent-pre-populate-only`,
  preserveSecretCase: `${VAULT_DOMAIN}preserve-secret-case`,
  secretVolumePath: `${VAULT_DOMAIN}secret-volume-path`,
  role: `${VAULT_DOMAIN}role`,
  namespace: `${VAULT_DOMAIN}namespace`,
} as const;

/** Prefixes of keys that declare one file; the file's id follows. */
export const VaultKeyPrefix = {
  secret: `${VAULT_DOMAIN}agent-inject-secret-`,
  file: `${VAULT_DOMAIN}agent-inject-file-`,
  template: `${VAULT_DOMAIN}agent-inject-template-`,
  volume: `${VAULT_DOMAIN}secret-volume-path-`,
} as const;

/** One file that the agent writes for a request. */
export interface RequestFile {
  /** Suffix of the injector annotations that declare the file. */
  readonly id: string;
  /** Path relative to the secret volume. */
  readonly path: string;
  /** The readers that look for the file at this path. */
  readonly for: readonly ("flyte" | "flytekit" | "flyte-sdk" | "kubelet")[];
}

/** Full keys of the injector's annotations for one file. */
export interface FileKeys {
  readonly secret: string;
  readonly file: string;
  readonly template: string;
  /** Command that the agent runs after it has written the file. */
  readonly command: string;
  /** File mode, octal. */
  readonly perms: string;
  readonly errorOnMissingKey: string;
}

/** @returns the annotation keys of one file, for plugins that add annotations to the webhook's */
export function toFileKeys(id: string): FileKeys {
  return {
    secret: VaultKeyPrefix.secret + id,
    file: VaultKeyPrefix.file + id,
    template: VaultKeyPrefix.template + id,
    command: `${VAULT_DOMAIN}agent-inject-command-${id}`,
    perms: `${VAULT_DOMAIN}agent-inject-perms-${id}`,
    errorOnMissingKey: `${VAULT_DOMAIN}error-on-missing-key-${id}`,
  };
}

/** Where Flyte's clients look for secrets (Flyte `vault_secret_manager.go`). */
export const FLYTE_VOLUME_PATH = "/etc/flyte/secrets";
