/**
 * Files that would overwrite each other, or be each other's folders: the agent renders them in the random order of a
 * Go map, or exits (DESIGN §3 rule 6).
 */
import type { Findings } from "../issue/findings.ts";
import { secretIssues } from "../issue/secret.ts";
import { DEFAULT_VOLUME_PATH, VaultKey, VaultKeyPrefix } from "../vault/key.ts";
import type { SecretFile } from "../vault/secret-file.ts";
import { LONGEST_FILE } from "./request.ts";

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
    const written = annotations.get(VaultKeyPrefix.file + id) ?? (keepsCase ? id : id.toLowerCase());
    // Linux opens no file with a path this long, so that the agent cannot write it.
    if (written.length > LONGEST_FILE) continue;
    const path = normalize(written);
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
export function findCollisions(
  files: readonly SecretFile[],
  foreign: readonly ForeignFile[],
  found: Findings,
): void {
  if (files.length + foreign.length < 2) return;
  const owners = new Map<string, string>(foreign.map(({ path, owner }) => [path, owner]));
  for (const { path, annotation } of files) {
    const other = owners.get(path);
    if (other === undefined) owners.set(path, annotation);
    else found.report(secretIssues["secret.file-twice"], { annotation, other, file: path }, { annotation });
  }
  const folders = findFolders(owners.keys());
  if (folders.size === 0) return;
  for (const [path, owner] of owners) {
    const folder = folders.get(path);
    if (folder === undefined) continue;
    const facts = { annotation: owner, other: owners.get(folder) ?? "", file: path, folder };
    found.report(secretIssues["secret.file-in-file"], facts, { annotation: owner });
  }
}

/**
 * Finds different paths that the agent takes for one: it caches what it read under `<path>.v<version>`
 * (consul-template `dependency/vault_read.go`, `VaultReadQuery.String`).
 */
export function findVersionClashes(files: readonly SecretFile[], found: Findings): void {
  if (!files.some(({ vaultPath }) => VERSION.test(vaultPath))) return;
  const seen = new Map<string, SecretFile>();
  for (const file of files) {
    const name = file.vaultPath.replace(VERSION, ".v$1");
    const other = seen.get(name);
    seen.set(name, file);
    if (other === undefined || other.vaultPath === file.vaultPath) continue;
    const { annotation, vaultPath: path } = file;
    const facts = { annotation, path, other: other.annotation, otherPath: other.vaultPath };
    found.report(secretIssues["secret.version-clash"], facts, { annotation });
  }
}

const VERSION = /\?version=(\d+)$/;

/**
 * Finds the files that lie below another file.
 *
 * Sorted with a slash at their ends, the paths below a folder follow it directly, so that one look at the folder before
 * is enough. Looking up each folder of each path would take the square of a path's length.
 *
 * @returns the outermost file that is a folder of it, by path
 */
function findFolders(paths: Iterable<string>): Map<string, string> {
  const folders = new Map<string, string>();
  let folder = "";
  for (const path of Array.from(paths, (each) => `${each}/`).sort()) {
    if (folder !== "" && path.startsWith(folder)) folders.set(path.slice(0, -1), folder.slice(0, -1));
    else folder = path;
  }
  return folders;
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

function toDeclaredId(key: string): string | undefined {
  if (key.startsWith(VaultKeyPrefix.secret)) return key.slice(VaultKeyPrefix.secret.length);
  return key.startsWith(VaultKeyPrefix.template) ? key.slice(VaultKeyPrefix.template.length) : undefined;
}

/** Whether a path may have segments that are folded. */
function isUnusual(path: string): boolean {
  return path.startsWith(".") || path.startsWith("/") || path.endsWith("/") || /\/[./]/.test(path);
}

/** Go's filepath.Join under the volume: `..`, `.` and empty segments are folded. */
function normalize(path: string): string {
  if (!isUnusual(path)) return path;
  const folded: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") folded.pop();
    else if (segment !== "" && segment !== ".") folded.push(segment);
  }
  return folded.join("/");
}
