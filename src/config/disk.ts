/** Reading files: the port that each runtime implements. Loading Node's modules for it would take as long as the rest of the start. */
import process from "node:process";

/** What a path is. */
interface PathFacts {
  readonly isFile: () => boolean;
  readonly isDirectory: () => boolean;
  /** Bytes; some filesystems report 0 for files that have a content. */
  readonly size: number;
}

/** Reads files. Rejections are errors of the operating system, with its `code`, such as `ENOENT`. */
export interface Disk {
  /** Follows links. */
  readonly stat: (path: string) => Promise<PathFacts>;
  readonly readFile: (path: string) => Promise<Uint8Array>;
  /** @returns the names in a folder, in any order, without `.` and `..`; those of pipes, sockets and devices may be missing */
  readonly readdir: (folder: string) => Promise<readonly string[]>;
}

/** Through `node:fs/promises`, which every runtime has; it is loaded by the first call. */
export const nodeDisk: Disk = {
  stat: (path) => loadModule().stat(path),
  readFile: (path) => loadModule().readFile(path),
  readdir: (folder) => loadModule().readdir(folder),
};

const loadModule = () => process.getBuiltinModule("node:fs/promises");
