/**
 * Volumes and mounts that the injector adds. Reads `secret-volume-path`, `agent-configmap`, `agent-extra-secret`, `tls-secret`,
 * `agent-copy-volume-mounts`.
 */
import { CACHE_PATH } from "./cache.ts";
import { encode } from "./go-codec.ts";
import { VOLUME_MOUNT } from "./kubernetes.ts";
import type { InjectorPod, PodContainer } from "./pod.ts";
import type { Reader } from "./reader.ts";
import type { InjectedSecret } from "./secret.ts";
import type { TokenMount } from "./token.ts";

/** A volume that is added to the pod. */
export interface AddedVolume {
  readonly name: string;
  readonly emptyDir?: { readonly medium: "Memory" };
  readonly configMap?: { readonly name: string };
  readonly secret?: { readonly secretName: string };
}

/** A mount that is added to a container. */
export interface AddedMount {
  readonly name: string;
  readonly readOnly?: true;
  readonly mountPath: string;
}

/** The inputs that decide which volumes are added. */
export interface VolumeShape {
  readonly init: boolean;
  readonly sidecar: boolean;
  readonly persist: boolean;
  readonly secrets: readonly InjectedSecret[];
}

/** Lists the volumes in the injector's order. */
export function listVolumes(reader: Reader, { init, sidecar, persist, secrets }: VolumeShape): AddedVolume[] {
  const configMap = reader.text("agent-configmap");
  const extra = reader.text("agent-extra-secret");
  const tls = reader.text("tls-secret");
  return [
    ...(init ? [toMemory("home-init")] : []),
    ...(sidecar ? [toMemory("home-sidecar")] : []),
    toMemory("vault-secrets"),
    ...listFurtherPaths(reader, secrets).map((_, i) => toMemory(toFurtherName(i))),
    ...(configMap === "" ? [] : [{ name: "vault-config", configMap: { name: configMap } }]),
    ...(extra === "" ? [] : [{ name: "extra-secrets", secret: { secretName: extra } }]),
    ...(tls === "" ? [] : [{ name: "vault-tls-secrets", secret: { secretName: tls } }]),
    ...(persist ? [toMemory("vault-agent-cache")] : []),
  ];
}

function toMemory(name: string): AddedVolume {
  return { name, emptyDir: { medium: "Memory" } };
}

function toFurtherName(index: number): string {
  return `vault-secrets-custom-${index}`;
}

/** @returns folders of single ids other than the common one; the injector numbers them in random order */
function listFurtherPaths(reader: Reader, secrets: readonly InjectedSecret[]): readonly string[] {
  const paths = new Set(secrets.map(({ mountPath }) => mountPath));
  paths.delete(reader.text("secret-volume-path"));
  return [...paths];
}

/** Lists the mounts of the secret volumes, for the pod's and the agent's containers. */
export function listSecretMounts(reader: Reader, secrets: readonly InjectedSecret[]): AddedMount[] {
  const further = listFurtherPaths(reader, secrets);
  return [
    { name: "vault-secrets", mountPath: reader.text("secret-volume-path") },
    ...further.map((mountPath, i) => ({ name: toFurtherName(i), mountPath })),
  ];
}

/** The inputs for mounts of the agent's containers. */
export interface AgentMountSource {
  readonly pod: InjectorPod;
  readonly token: TokenMount;
  readonly awsToken: Omit<TokenMount, "tokenPath"> | undefined;
  readonly persist: boolean;
  readonly secrets: readonly InjectedSecret[];
}

/** Lists the mounts of one of the agent's containers. */
export function listAgentMounts(reader: Reader, source: AgentMountSource, init: boolean): AddedMount[] {
  const { token, awsToken, secrets, persist, pod } = source;
  const own = { name: init ? "home-init" : "home-sidecar", mountPath: "/home/vault" };
  const identity = toReadOnly(token.name, token.mountPath);
  const given = (name: string, volume: string, path: string) =>
    reader.text(name) === "" ? [] : [toReadOnly(volume, path)];
  return [
    ...(init ? [own, identity] : [identity, own]),
    ...(awsToken ? [toReadOnly(awsToken.name, awsToken.mountPath)] : []),
    ...listSecretMounts(reader, secrets),
    ...given("agent-extra-secret", "extra-secrets", "/vault/custom"),
    ...copyMounts(pod, reader.text("agent-copy-volume-mounts")),
    ...given("agent-configmap", "vault-config", "/vault/configs"),
    ...given("tls-secret", "vault-tls-secrets", "/vault/tls"),
    ...(persist ? [{ name: "vault-agent-cache", mountPath: CACHE_PATH }] : []),
  ];
}

function toReadOnly(name: string, mountPath: string): AddedMount {
  return { name, readOnly: true, mountPath };
}

/** @returns mounts of every container with this name, except service account tokens (ignoring case) */
function copyMounts(pod: InjectorPod, container: string): AddedMount[] {
  if (container === "") return [];
  return [...pod.containers, ...pod.initContainers]
    .filter(({ name }) => name === container)
    .flatMap(({ mounts }: PodContainer) => mounts)
    .filter(({ mountPath }) => !mountPath.toLowerCase().includes("serviceaccount"))
    .map(({ name, mountPath, decoded }) => ({ ...encode(VOLUME_MOUNT, decoded), name, mountPath }));
}
