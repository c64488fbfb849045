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

/**
 * Watches files and folders. For a folder, the files directly in it are watched.
 *
 * @param paths may not exist yet; their creation is a change
 * @param onChange called if at least one path has really changed, not for every event
 * @param pollMs milliseconds between two checks without an event
 */
export function watchFiles(paths: readonly string[], onChange: () => void, pollMs: number = POLL_MS): Watch {
  const watched = new Map<string, FSWatcher>();
  let known: Promise<string> | undefined = describeAll(paths);
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

async function describeAll(paths: readonly string[]): Promise<string> {
  return (await Promise.all(paths.map(describePath))).join("\n");
}

async function describePath(path: string): Promise<string> {
  const own = await describeFile(path);
  if (!own.startsWith("folder")) return own;
  const names = (await readdir(path).catch(() => [])).filter((name) => !name.startsWith("..")).toSorted();
  const files = await Promise.all(
    names.map(async (name) => `${name} ${await describeFile(join(path, name))}`),
  );
  return `folder ${files.join(" ")}`;
}

/** Follows links, so a replaced link shows as a different file. */
async function describeFile(path: string): Promise<string> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return "folder";
    return `file ${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}`;
  } catch {
    return "missing";
  }
}
