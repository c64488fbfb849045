/** Finds the code that an entry of `plugins` names: a bundled plugin, a file or a package. */
import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Issue } from "../../core/issue/issue.ts";
import { pluginIssues } from "../../core/issue/plugin.ts";
import { nearest } from "../../core/nearest.ts";
import { BUNDLED, toBundledUrl } from "./bundled.ts";
import { describeError } from "./setup.ts";
import type { Snapshot, Snapshots } from "./snapshot.ts";

/** Where a plugin runs. */
export type Isolation = "worker" | "none";

/** The code of a plugin that another loader has copied and keeps. */
export interface KnownPlugin {
  readonly isolation: Isolation;
  /** URL of its module. */
  readonly url: string;
  /** Hash of its code. */
  readonly digest: string | undefined;
}

/** Where a plugin's code comes from. */
export type Kind = "bundled" | "file" | "package";

/** The code of a plugin, ready to be imported; it has to be released when the plugin is closed. */
export type Code = Pick<Snapshot, "url" | "release" | "toOriginal"> & {
  /** Hash of the code; absent for bundled plugins. */
  readonly digest?: string;
};

/** Where code is looked for. */
export interface Sources {
  /** The folder that relative paths and package names are relative to. */
  readonly base: string;
  readonly snapshots: Snapshots;
  /** Code that another loader has copied, by `use`; never copied again. */
  readonly known: ReadonlyMap<string, KnownPlugin> | undefined;
  /** Called with each file whose change should cause a reload, even if the code cannot be found. */
  readonly note: (path: string) => void;
}

/**
 * Finds the code of an entry's plugin, and copies it. A copy cannot change while threads that are started later import it, so
 * every thread of a plugin runs the same code.
 *
 * @throws an Error of the file system, or one whose message says why the folder cannot be copied
 */
export async function findCode(
  use: string,
  kind: Kind,
  { base, snapshots, known, note }: Sources,
): Promise<Code> {
  if (kind === "bundled")
    return { url: toBundledUrl(use), toOriginal: (text) => text, release: async () => {} };
  const kept = known?.get(use);
  if (kept) return toCode(kept);
  const path = kind === "file" ? toPath(use, base) : undefined;
  // Noted before the copy is made: correcting a file that is missing or broken has to cause a reload.
  if (path !== undefined) note(path);
  const copy = await (path === undefined ? snapshots.takePackage(use, base) : snapshots.take(path));
  for (const file of copy.files) note(file);
  return copy;
}

/** A bundled plugin has a known name; anything that looks like a path is a file, everything else a package. */
export function kindOf(use: string): Kind {
  if (BUNDLED.includes(use)) return "bundled";
  const isFile = /^(?:\.{1,2}\/|\/|file:)/.test(use) || /\.[cm]?[jt]s$/.test(use);
  return isFile ? "file" : "package";
}

/** @returns the issue of code that {@link findCode} could not find */
export function toFindIssue(
  error: unknown,
  kind: Kind,
  place: { readonly at: string; readonly use: string },
): Issue {
  const where = { path: place.at };
  const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
  if (kind === "file" && !isMissing)
    return pluginIssues["plugin.folder"]({ ...place, reason: describeError(error) }, where);
  const reason = isMissing ? "there is no such file" : describeError(error);
  const near = kind === "package" ? nearest(place.use, BUNDLED) : undefined;
  return pluginIssues["plugin.not-found"]({ ...place, reason, nearest: near }, where);
}

function toPath(use: string, base: string): string {
  const path = use.startsWith("file:") ? fileURLToPath(use) : use;
  return isAbsolute(path) ? path : resolve(base, path);
}

function toCode({ url, digest }: KnownPlugin): Code {
  return {
    url,
    toOriginal: (text) => text,
    release: async () => {},
    ...(digest !== undefined && { digest }),
  };
}
