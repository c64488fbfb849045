/**
 * Finds files that would overwrite each other, or that are a folder of another: the agent renders its templates in the random
 * order of a Go map, so a random one would win, or it exits.
 */
import type { IndexedAnnotations } from "../../injector/indexed-annotations.ts";
import type { Findings } from "../issue/findings.ts";
import { secretIssues } from "../issue/secret.ts";
import { DEFAULT_VOLUME_PATH, VaultKey } from "../vault/key.ts";
import type { SecretFile } from "../vault/secret-file.ts";
import { LONGEST_FILE } from "./request.ts";

/** A file that annotations declare without a request, in the volume of the webhook's files. */
export interface ForeignFile {
  readonly path: string;
  /** The annotation that declares it. */
  readonly owner: string;
}

/**
 * Finds the files that annotations declare without a request.
 *
 * @param annotations final injector annotations
 * @param ours the webhook's files
 * @param carried the pod's own annotations; if they declare the same secret and file twice, the webhook reuses one of the
 *   two, and the other is not a collision
 */
export function findForeignFiles(
  annotations: IndexedAnnotations,
  ours: readonly SecretFile[],
  carried: Readonly<Record<string, string | null>>,
): readonly ForeignFile[] {
  const { declared } = annotations;
  if (declared.size === 0) return NONE;
  const own = new Set(ours.map(({ id }) => id));
  const volume = annotations.get(VaultKey.secretVolumePath) ?? DEFAULT_VOLUME_PATH;
  const keepsCase = annotations.get(VaultKey.preserveSecretCase) === "true";
  const served = new Map(ours.map(({ vaultPath, path }) => [path, vaultPath]));
  const folders = annotations.withSuffix("secret-volume-path");
  const named = annotations.withSuffix("agent-inject-file");
  const files: ForeignFile[] = [];
  for (const [id, owner] of declared) {
    if (own.has(id) || (folders.get(id)?.value ?? volume) !== volume) continue;
    const written = named.get(id)?.value ?? (keepsCase ? id : id.toLowerCase());
    // The agent cannot write a file with a path this long, so it cannot collide.
    if (written.length > LONGEST_FILE) continue;
    const path = normalize(written);
    const servedPath = served.get(path);
    if (servedPath !== undefined && Object.hasOwn(carried, owner) && carried[owner] === servedPath) continue;
    files.push({ path, owner });
  }
  return files;
}

const NONE: readonly ForeignFile[] = [];

/**
 * Reports collisions of the webhook's files with each other and with foreign files.
 *
 * @param files each identity once
 * @param annotations final injector annotations, by which the configuration or a plugin may have moved a file of the webhook;
 *   absent if nobody but the webhook set any for files
 */
export function findCollisions(
  files: readonly SecretFile[],
  foreign: readonly ForeignFile[],
  annotations: IndexedAnnotations | undefined,
  found: Findings,
): void {
  if (files.length + foreign.length < 2) return;
  const owners = new Map<string, string>(foreign.map(({ path, owner }) => [path, owner]));
  const named = annotations?.withSuffix("agent-inject-file");
  for (const { id, path: own, annotation } of files) {
    const moved = named?.get(id)?.value ?? own;
    // As above, the agent cannot write a file with a longer path.
    const path = moved === own || moved.length > LONGEST_FILE ? own : normalize(moved);
    const other = owners.get(path);
    if (other === undefined) owners.set(path, annotation);
    else found.report(secretIssues["secret.file-twice"], { annotation, other, file: path }, { annotation });
  }
  const folders = findFolders([...owners.keys()]);
  if (folders.size === 0) return;
  for (const [path, owner] of owners) {
    const folder = folders.get(path);
    if (folder === undefined) continue;
    const facts = { annotation: owner, other: owners.get(folder) ?? "", file: path, folder };
    found.report(secretIssues["secret.file-in-file"], facts, { annotation: owner });
  }
}

/**
 * Reports different paths that the agent confuses: it caches answers under `<path>.v<version>` (consul-template
 * `dependency/vault_read.go`, `VaultReadQuery.String`), which may also be the path of another secret.
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
 * Finds files whose path has another file as a folder.
 *
 * With a slash appended and sorted, the paths inside a folder directly follow it, so comparing each path with the last folder
 * is enough. Looking up each folder of each path would take time quadratic in a path's length.
 *
 * @returns by the file's path: the outermost other file that is a folder of it
 */
function findFolders(paths: readonly string[]): ReadonlyMap<string, string> {
  if (haveSameDepth(paths)) return NO_FOLDERS;
  const folders = new Map<string, string>();
  let folder = "";
  for (const path of paths.map((each) => `${each}/`).sort()) {
    if (folder !== "" && path.startsWith(folder)) folders.set(path.slice(0, -1), folder.slice(0, -1));
    else folder = path;
  }
  return folders;
}

const NO_FOLDERS: ReadonlyMap<string, string> = new Map();

/** Whether all paths have the same number of segments, as most pods' files do, so that none can be inside another. */
function haveSameDepth(paths: readonly string[]): boolean {
  let depth = -1;
  for (const path of paths) {
    let slashes = 0;
    for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) slashes++;
    if (depth >= 0 && slashes !== depth) return false;
    depth = slashes;
  }
  return true;
}

/** Whether a path may have segments that are folded. */
function isUnusual(path: string): boolean {
  return path.startsWith(".") || path.startsWith("/") || path.endsWith("/") || /\/[./]/.test(path);
}

/** Resolves `..`, `.` and empty segments, as Go's filepath.Join does with a path in the volume. */
function normalize(path: string): string {
  if (!isUnusual(path)) return path;
  const folded: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") folded.pop();
    else if (segment !== "" && segment !== ".") folded.push(segment);
  }
  return folded.join("/");
}
