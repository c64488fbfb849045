/** Names of what the injector adds to a pod (vault-k8s `agent-inject/agent/container_volume.go`). */

/** Where the injector mounts secrets when no annotation says otherwise. */
export const DEFAULT_VOLUME_PATH = "/vault/secrets";

/** Containers that the injector adds; one of them on a pod shows that it has run. */
export const AGENT_CONTAINERS: ReadonlySet<string> = new Set(["vault-agent-init", "vault-agent"]);

const VOLUMES: ReadonlySet<string> = new Set([
  "home-init",
  "home-sidecar",
  "vault-secrets",
  "vault-config",
  "vault-tls-secrets",
  "extra-secrets",
  "vault-agent-cache",
]);

/** A volume for each further mount path. */
const FURTHER_VOLUME = /^vault-secrets-custom-\d+$/;

/** Whether a volume, or the mount of one, has a name that the injector gives. */
export function isInjectorVolume(name: string): boolean {
  return VOLUMES.has(name) || FURTHER_VOLUME.test(name);
}
