/** Finds the token for the agent's login. Reads `agent-service-account-token-volume-name`, and `auth-type` for AWS. */
import { quoteGo } from "./go-error.ts";
import type { InjectorPod } from "./pod.ts";
import type { Reader } from "./reader.ts";

/** The mount of a token, which the agent's containers also get. */
export interface TokenMount {
  readonly name: string;
  readonly mountPath: string;
  /** File name of the token in the mount. */
  readonly tokenPath: string;
}

/** Mount path for a token volume that no container mounts. */
const OWN_MOUNT = "/var/run/secrets/vault.hashicorp.com/serviceaccount";

/** The injector recognises a token's mount path by this text. */
const TOKEN_PATH_PART = "serviceaccount";

const NAME = "agent-service-account-token-volume-name";

/** Finds the token (vault-k8s `serviceaccount`): the named volume, or the first mount with a path that looks like a token's. */
export function findToken(pod: InjectorPod, reader: Reader): TokenMount | undefined {
  const named = reader.text(NAME);
  if (named !== "") return findNamed(pod, named, reader);
  const mount = pod.containers
    .flatMap(({ mounts }) => mounts)
    .find(({ mountPath }) => isTokenPath(mountPath));
  if (mount) return { name: mount.name, mountPath: mount.mountPath, tokenPath: "token" };
  reader.refuse("failed to find service account volume mount", "token-mount");
  return undefined;
}

/** @returns whether the injector recognises a mount path as a service account token's; case matters */
export function isTokenPath(mountPath: string): boolean {
  return mountPath.includes(TOKEN_PATH_PART);
}

function findNamed(pod: InjectorPod, name: string, reader: Reader): TokenMount | undefined {
  const mount = pod.containers.flatMap(({ mounts }) => mounts).find((candidate) => candidate.name === name);
  const volume = pod.volumes.find((candidate) => candidate.name === name);
  if (!volume) {
    const missing = mount
      ? `failed to find volume ${quoteGo(name)} in Pod ${quoteGo(pod.name)} volumes`
      : `failed to find service account volume ${quoteGo(name)}`;
    reader.refuse(missing, "token-volume", NAME);
    return undefined;
  }
  if (volume.tokenPath === undefined) {
    const message = `failed to find tokenPath for projected volume ${quoteGo(name)}`;
    reader.refuse(message, "token-volume-not-projected", NAME);
    return undefined;
  }
  return { name, mountPath: mount?.mountPath ?? OWN_MOUNT, tokenPath: volume.tokenPath };
}

/** Finds the token of IAM roles for service accounts, for auth-type `aws` only (`getAwsIamTokenVolume`). */
export function findAwsToken(pod: InjectorPod, reader: Reader): Omit<TokenMount, "tokenPath"> | undefined {
  if (reader.text("auth-type") !== "aws") return undefined;
  const mounts = pod.containers.flatMap(({ mounts }) => mounts);
  const found = mounts.find(({ mountPath }) => mountPath.includes("eks.amazonaws.com"));
  return found && found.name !== "" ? { name: found.name, mountPath: found.mountPath } : undefined;
}
