/** What the injector adds to a pod besides containers (vault-k8s `agent-inject/agent/container_volume.go`). */

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
