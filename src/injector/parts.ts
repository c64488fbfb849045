/** Names of containers, volumes and paths that the injector adds to a pod (vault-k8s `agent-inject/agent/container_volume.go`). */

/** Path at which the injector mounts secrets by default. */
export const DEFAULT_VOLUME_PATH = "/vault/secrets";

/** Names of the agent's containers; a pod with one of them has been injected. */
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

/** Name of a volume for a further mount path. */
const FURTHER_VOLUME = /^vault-secrets-custom-\d+$/;

/** @returns whether the injector uses this name for a volume */
export function isInjectorVolume(name: string): boolean {
  return VOLUMES.has(name) || FURTHER_VOLUME.test(name);
}
