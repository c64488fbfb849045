/**
 * Tells when files change. Folders are watched, not files: Kubernetes replaces a mounted ConfigMap or Secret by swapping
 * the link `..data` beside the files, and a watch on a file goes deaf after the first swap. A slow poll finds what the
 * watch misses, such as a folder that was not there yet or a filesystem without notifications.
 */
import { type FSWatcher, watch } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/** How long it has to be quiet: editors and Kubernetes touch a folder several times for one change. */
const QUIET_MS = 100;
const POLL_MS = 30_000;

/** Ends a watch; nothing is told afterwards. */
export interface Watch {
  close(): void;
}

/**
 * Watches files and folders. A folder stands for the files that lie directly in it.
 *
 * @param paths need not exist; one that appears later has changed
 * @param onChange called after a change of at least one path, never for an event without one
 * @param pollMs milliseconds between two looks where no event came
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

/** The path itself may be a folder, or become one. */
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
      // The folder itself was moved or removed: the next look attaches to whatever has its place then.
      if (event === "rename" && name !== null && folder.endsWith(`/${name}`)) drop();
    });
    watched.set(folder, watcher);
    watcher.on("error", drop);
  } catch {
    // It does not exist (yet), or is a file that its folder's watch covers, or watches have run out: the poll remains.
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

/** Links are followed, so that a swapped link is another file. */
async function describeFile(path: string): Promise<string> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return "folder";
    return `file ${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}`;
  } catch {
    return "missing";
  }
}
