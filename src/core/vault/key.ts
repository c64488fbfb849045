/** Annotation keys of the Vault Agent Injector that the webhook itself writes or reads. */

import type { FileKeys } from "../plugin/instance.ts";

/** Everything the injector reads begins with this. */
export const VAULT_DOMAIN = "vault.hashicorp.com/";

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

/** Keys that declare one file; the file's id follows. */
export const VaultKeyPrefix = {
  secret: `${VAULT_DOMAIN}agent-inject-secret-`,
  file: `${VAULT_DOMAIN}agent-inject-file-`,
  template: `${VAULT_DOMAIN}agent-inject-template-`,
  volume: `${VAULT_DOMAIN}secret-volume-path-`,
} as const;

/** @returns the keys of the annotations about one file, for those who add to what the webhook sets. */
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

/** Where the injector mounts secrets when no annotation says otherwise. */
export const DEFAULT_VOLUME_PATH = "/vault/secrets";

/** Where Flyte's clients look for secrets (Flyte `vault_secret_manager.go`). */
export const FLYTE_VOLUME_PATH = "/etc/flyte/secrets";

/** Containers that the injector adds; one of them on a pod shows that it has run. */
export const AGENT_CONTAINERS: ReadonlySet<string> = new Set(["vault-agent-init", "vault-agent"]);
