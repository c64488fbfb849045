/** Rules about the folders where secrets are mounted, and about files that the agent needs from a volume. */
import { cleanPath } from "../../injector/path.ts";
import { vaultKey } from "../../injector/vocabulary.ts";
import { checkIssues } from "../issue/check.ts";
import type { Issue } from "../issue/issue.ts";
import { VaultKey, VaultKeyPrefix } from "../vault/key.ts";
import { type Annotations, always, type Rule } from "./change.ts";

const COPY_MOUNTS = vaultKey("agent-copy-volume-mounts");
const JSON_PATCHES = [vaultKey("agent-init-json-patch"), vaultKey("agent-json-patch")];

/** Folders that are not empty in common images. */
const SYSTEM: ReadonlySet<string> = new Set([
  ...[
    "/",
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/home",
    "/lib",
    "/lib64",
    "/opt",
    "/proc",
    "/root",
    "/run",
    "/sbin",
  ],
  ...["/srv", "/sys", "/tmp", "/usr", "/usr/bin", "/usr/lib", "/usr/local", "/usr/local/bin", "/usr/share"],
  ...["/var", "/var/run", "/var/run/secrets", "/var/run/secrets/kubernetes.io/serviceaccount", "/etc/ssl"],
]);

/** Reports a secrets' folder that would hide files of the image. */
export const checkFolders: Rule = (annotations) => {
  const found: Issue[] = [];
  const check = (key: string, folder: string) => {
    if (!isFolder(folder) || !SYSTEM.has(cleanPath(folder))) return;
    found.push(checkIssues["pod.folder-system"]({ key, folder }, { annotation: key }));
  };
  check(VaultKey.secretVolumePath, annotations.get(VaultKey.secretVolumePath) ?? "");
  for (const { key, value } of annotations.withSuffix("secret-volume-path").values()) check(key, value);
  return always(found);
};

/**
 * Reports another secrets' folder in the pod's own annotations: Flyte's clients look in the folder that
 * FLYTE_SECRETS_DEFAULT_DIR names, and the variable follows the configuration only.
 *
 * @param carried the pod's own annotations
 * @param dir value of the variable
 * @param ids ids of the webhook's files
 */
export function checkOwnFolder(
  carried: Readonly<Record<string, string | null>>,
  dir: string,
  ids: readonly string[],
): Issue[] {
  const found: Issue[] = [];
  const check = (key: string) => {
    const folder = Object.hasOwn(carried, key) ? (carried[key] ?? "") : "";
    if (!isFolder(folder) || cleanPath(folder) === cleanPath(dir)) return;
    found.push(checkIssues["pod.folder"]({ key, folder, dir }, { annotation: key }));
  };
  check(VaultKey.secretVolumePath);
  for (const id of ids) check(VaultKeyPrefix.volume + id);
  return found;
}

/** Longest path that Linux takes (PATH_MAX): nothing is mounted at a longer one. */
const LONGEST_PATH = 4_096;

function isFolder(path: string): boolean {
  return path.startsWith("/") && path.length <= LONGEST_PATH;
}

/** Folders in the agent's container that exist only if an annotation mounts a volume there. */
const VOLUMES = [
  ["/vault/tls", vaultKey("tls-secret")],
  ["/vault/custom", vaultKey("agent-extra-secret")],
] as const;

const FILES = [vaultKey("ca-cert"), vaultKey("ca-key"), vaultKey("client-cert"), vaultKey("client-key")];

/** Reports certificates in a folder that nothing mounts. */
export const checkCertificates: Rule = (annotations) => {
  // Copied mounts and JSON patches may add any mount.
  if ([COPY_MOUNTS, ...JSON_PATCHES].some((key) => annotations.get(key))) return undefined;
  return always(FILES.flatMap((key) => checkCertificate(key, annotations)));
};

function checkCertificate(key: string, annotations: Annotations): Issue[] {
  const file = annotations.get(key) ?? "";
  const [, volume] = VOLUMES.find(([folder]) => file === folder || file.startsWith(`${folder}/`)) ?? [];
  if (volume === undefined || annotations.get(volume)) return [];
  return [checkIssues["pod.ca-file"]({ key, file, volume }, { annotation: key })];
}
