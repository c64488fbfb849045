/** Reading files on Bun, without Node's modules. */
import type { Disk } from "./disk.ts";

/** Through Bun's own functions. */
export const bunDisk: Disk = {
  stat: (path) => Bun.file(path).stat(),
  readFile: (path) => Bun.file(path).bytes(),
  readdir: (folder) => Array.fromAsync(new Bun.Glob("*").scan({ cwd: folder, dot: true, onlyFiles: false })),
};
