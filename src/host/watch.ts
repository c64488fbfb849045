/**
 * Detects changes of files. It watches folders instead of files: Kubernetes updates a mounted ConfigMap or Secret by
 * replacing the link `..data` beside the files, and a watch on a file reports nothing after the first replacement. A slow
 * poll finds what the watch misses, such as a folder that is created later or a filesystem without notifications.
 */
import { type FSWatcher, watch } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/** Check this long after the last event: editors and Kubernetes touch a folder several times for one change. */
const QUIET_MS = 100;
const POLL_MS = 30_000;

/** A running watch; after `close`, `onChange` is not called again. */
export interface Watch {
  close(): void;
}

/** How files are watched. */
export interface WatchOptions {
  /** Milliseconds between two checks without an event. */
  readonly pollMs?: number;
  /**
   * When the files were read, milliseconds since the epoch: a file that was changed later, but before the watch, is a change.
   * By default only changes during the watch count.
   */
  readonly since?: number;
}

/**
 * Watches files and folders. For a folder, the files directly in it are watched.
 *
 * @param paths may not exist yet; their creation is a change
 * @param onChange called if at least one path has really changed, not for every event
 * @param options how often to check without an event, and since when changes count
 */
export function watchFiles(
  paths: readonly string[],
  onChange: () => void,
  { pollMs = POLL_MS, since = Number.POSITIVE_INFINITY }: WatchOptions = {},
): Watch {
  const watched = new Map<string, FSWatcher>();
  const newest = { at: 0 };
  let known: Promise<string> | undefined = describeAll(paths, newest);
  void known.then(() => {
    if (known !== undefined && newest.at > since) onChange();
  });
  let timer: ReturnType<typeof setTimeout> | undefined;

  const look = async () => {
    attach();
    const before = await known;
    const now = describeAll(paths);
    if (known === undefined) return;
    known = now;
    if ((await now) !== before && known !== undefined) onChange();
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(look, QUIET_MS);
  };
  const attach = () => {
    for (const folder of new Set(paths.flatMap(foldersOf))) {
      if (!watched.has(folder)) attachFolder(folder, watched, soon);
    }
  };
  attach();
  const poll = setInterval(look, pollMs);
  poll.unref();
  return {
    close: () => {
      known = undefined;
      clearTimeout(timer);
      clearInterval(poll);
      for (const watcher of watched.values()) watcher.close();
    },
  };
}

/** The parent, and the path itself, which may be a folder or become one. */
function foldersOf(path: string): readonly string[] {
  return [dirname(resolve(path)), resolve(path)];
}

function attachFolder(folder: string, watched: Map<string, FSWatcher>, onEvent: () => void): void {
  const drop = () => {
    watched.get(folder)?.close();
    watched.delete(folder);
  };
  try {
    const watcher = watch(folder, { persistent: false }, (event, name) => {
      onEvent();
      // The folder itself was moved or removed: the next check watches its replacement.
      if (event === "rename" && name !== null && folder.endsWith(`/${name}`)) drop();
    });
    watched.set(folder, watcher);
    watcher.on("error", drop);
  } catch {
    // The folder does not exist yet, is a file, or the system has no watches left: the poll covers these cases.
  }
}

/** @param newest gets the time of the latest change of a file, milliseconds since the epoch */
async function describeAll(paths: readonly string[], newest = { at: 0 }): Promise<string> {
  return (await Promise.all(paths.map((path) => describePath(path, newest)))).join("\n");
}

async function describePath(path: string, newest: { at: number }): Promise<string> {
  const own = await describeFile(path, newest);
  if (!own.startsWith("folder")) return own;
  const names = (await readdir(path).catch(() => [])).filter((name) => !name.startsWith("..")).toSorted();
  const files = await Promise.all(
    names.map(async (name) => `${name} ${await describeFile(join(path, name), newest)}`),
  );
  return `folder ${files.join(" ")}`;
}

/** Follows links, so a replaced link shows as a different file. */
async function describeFile(path: string, newest: { at: number }): Promise<string> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return "folder";
    newest.at = Math.max(newest.at, found.mtimeMs, found.ctimeMs);
    return `file ${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}`;
  } catch {
    return "missing";
  }
}
