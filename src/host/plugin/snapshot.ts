/** Copies of plugins' folders. The code (copies.ts) is imported for the first copy, because most servers need none. */

/** A copy of a plugin's code; it exists until it is released. */
export interface Snapshot {
  /** URL of the plugin's module in the copy. */
  readonly url: string;
  /** Hash of the folder's content. */
  readonly digest: string;
  /** Replaces paths in the copy by the original paths, for messages. */
  readonly toOriginal: (text: string) => string;
  /** The original path of every copied file. */
  readonly files: readonly string[];
  /** Releases this use of the copy; after the last release, the copy is deleted. */
  readonly release: () => Promise<void>;
}

/** Makes copies; the same content is copied once. */
export interface Snapshots {
  /** @throws an Error whose message says why the folder cannot be copied */
  readonly take: (file: string) => Promise<Snapshot>;
  /** Creates a module that re-exports a package's default export. */
  readonly takePackage: (name: string, from: string) => Promise<Snapshot>;
  /** Deletes all copies. */
  readonly close: () => Promise<void>;
}

/** Creates an empty set of copies in the system's folder for temporary files. */
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
