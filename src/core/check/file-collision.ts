/**
 * Files that would overwrite each other, or be each other's folders: the agent renders them in the random order of a
 * Go map, or exits (DESIGN §3 rule 6).
 */
import type { Issue } from "../issue/issue.ts";
import { secretIssues } from "../issue/secret.ts";
import { DEFAULT_VOLUME_PATH, VaultKey, VaultKeyPrefix } from "../vault/key.ts";
import type { SecretFile } from "../vault/secret-file.ts";

/** A file that somebody else has declared, under the volume that our files go to. */
export interface ForeignFile {
  readonly path: string;
  /** The annotation that declares it. */
  readonly owner: string;
}

/**
 * Finds the files that annotations declare without a request.
 *
 * @param annotations final Vault annotations, ours included
 * @param ours our own files
 * @param carried what the pod carries itself; where it declares one of our files a second time, with the same secret,
 *   one of the two was reused and the other is no collision
 */
export function findForeignFiles(
  annotations: ReadonlyMap<string, string>,
  ours: readonly SecretFile[],
  carried: Readonly<Record<string, string | null>>,
): ForeignFile[] {
  const owners = findForeignIds(annotations, ours);
  if (owners.size === 0) return [];
  const volume = annotations.get(VaultKey.secretVolumePath) ?? DEFAULT_VOLUME_PATH;
  const keepsCase = annotations.get(VaultKey.preserveSecretCase) === "true";
  const served = new Set(ours.map(({ vaultPath, path }) => `${vaultPath}\0${path}`));
  const files: ForeignFile[] = [];
  for (const [id, owner] of owners) {
    if ((annotations.get(VaultKeyPrefix.volume + id) ?? volume) !== volume) continue;
    const path = normalize(annotations.get(VaultKeyPrefix.file + id) ?? (keepsCase ? id : id.toLowerCase()));
    if (Object.hasOwn(carried, owner) && served.has(`${carried[owner]}\0${path}`)) continue;
    files.push({ path, owner });
  }
  return files;
}

/**
 * Finds the collisions of our files with each other and with others.
 *
 * @param files each identity once
 */
export function findCollisions(files: readonly SecretFile[], foreign: readonly ForeignFile[]): Issue[] {
  if (files.length + foreign.length < 2) return [];
  const owners = new Map<string, string>(foreign.map(({ path, owner }) => [path, owner]));
  const issues: Issue[] = [];
  for (const { path, annotation } of files) {
    const other = owners.get(path);
    if (other === undefined) owners.set(path, annotation);
    else issues.push(secretIssues["secret.file-twice"]({ annotation, other, file: path }, { annotation }));
  }
  for (const [path, owner] of owners) {
    const folder = findFolder(path, owners);
    if (folder === undefined) continue;
    const facts = { annotation: owner, other: owners.get(folder) ?? "", file: path, folder };
    issues.push(secretIssues["secret.file-in-file"](facts, { annotation: owner }));
  }
  return issues;
}

/**
 * Finds different paths that the agent takes for one: it caches what it read under `<path>.v<version>`
 * (consul-template `dependency/vault_read.go`, `VaultReadQuery.String`).
 */
export function findVersionClashes(files: readonly SecretFile[]): Issue[] {
  if (!files.some(({ vaultPath }) => VERSION.test(vaultPath))) return [];
  const seen = new Map<string, SecretFile>();
  return files.flatMap((file) => {
    const name = file.vaultPath.replace(VERSION, ".v$1");
    const other = seen.get(name);
    seen.set(name, file);
    if (other === undefined || other.vaultPath === file.vaultPath) return [];
    const { annotation, vaultPath: path } = file;
    const facts = { annotation, path, other: other.annotation, otherPath: other.vaultPath };
    return [secretIssues["secret.version-clash"](facts, { annotation })];
  });
}

const VERSION = /\?version=(\d+)$/;

function findFolder(path: string, owners: ReadonlyMap<string, string>): string | undefined {
  for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1)) {
    const folder = path.slice(0, slash);
    if (owners.has(folder)) return folder;
  }
  return undefined;
}

/** Ids that are not ours, each with the annotation that declares it. */
function findForeignIds(
  annotations: ReadonlyMap<string, string>,
  ours: readonly SecretFile[],
): Map<string, string> {
  const own = new Set(ours.map(({ id }) => id));
  const owners = new Map<string, string>();
  for (const [key, value] of annotations) {
    const id = toDeclaredId(key);
    if (id === undefined || own.has(id) || owners.has(id) || value.trim() === "") continue;
    owners.set(id, key);
  }
  return owners;
}

const DECLARING = [VaultKeyPrefix.secret, VaultKeyPrefix.template] as const;

function toDeclaredId(key: string): string | undefined {
  const prefix = DECLARING.find((candidate) => key.startsWith(candidate));
  return prefix === undefined ? undefined : key.slice(prefix.length);
}

/** Go's filepath.Join under the volume: `..`, `.` and empty segments are folded. */
function normalize(path: string): string {
  const folded: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") folded.pop();
    else if (segment !== "" && segment !== ".") folded.push(segment);
  }
  return folded.join("/");
}
