/** Copies of plugins' folders, made by copies.ts: loaded for the first of them, since most servers have none. */

/** A copy that exists until it is released. */
export interface Snapshot {
  /** URL of the plugin's module in the copy. */
  readonly url: string;
  /** Hash of the folder's content. */
  readonly digest: string;
  /** Names files of the copy in a text by where they were copied from. */
  readonly toOriginal: (text: string) => string;
  /** Every file that was copied, where it was copied from. */
  readonly files: readonly string[];
  /** Deletes the copy once nobody uses it. */
  readonly release: () => Promise<void>;
}

/** Makes copies, each content once. */
export interface Snapshots {
  /** @throws an Error whose message says why the folder cannot be copied */
  readonly take: (file: string) => Promise<Snapshot>;
  /** Makes a module that hands on a package's default export. */
  readonly takePackage: (name: string, from: string) => Promise<Snapshot>;
  /** Deletes all copies. */
  readonly close: () => Promise<void>;
}

/** Creates the place for copies in the system's folder for temporary files. */
export function createSnapshots(): Snapshots {
  let made: Promise<Snapshots> | undefined;
  const load = () => {
    made ??= import("./copies.ts").then(({ createCopies }) => createCopies());
    return made;
  };
  return {
    take: async (file) => (await load()).take(file),
    takePackage: async (name, from) => (await load()).takePackage(name, from),
    close: async () => (await made)?.close(),
  };
}
