/**
 * From an entry of the configuration to a running plugin: find it (bundled, file or package), copy it, and set it up in
 * process or in threads.
 */
import { dirname, resolve } from "node:path";
import process from "node:process";
import type { Issue } from "../../core/issue/issue.ts";
import { pluginIssues } from "../../core/issue/plugin.ts";
import type { PluginInstance } from "../../core/plugin/instance.ts";
import { failure, type Result, success } from "../../core/result.ts";
import type { PluginEntrySettings } from "../../core/settings.ts";
import { type Code, findCode, type Isolation, type KnownPlugin, kindOf, toFindIssue } from "./code.ts";
import type { Snapshots } from "./snapshot.ts";
import { type Refused, start, type Watched } from "./start.ts";

/** Where plugins come from, and what they report to. */
export interface LoaderOptions extends Watched {
  /** The file whose `plugins` list it loads; relative paths are relative to its folder. */
  readonly file: string | undefined;
  readonly snapshots: Snapshots;
  /**
   * If given, only these and bundled plugins may be used, by `use`. The preview thread sets it: a candidate configuration
   * must not load code that the operator has not configured.
   */
  readonly known?: ReadonlyMap<string, KnownPlugin>;
}

/** A plugin that was loaded for an entry. */
export interface LoadedEntry {
  readonly name: string;
  readonly isolation: Isolation;
  /** Hash of its code; absent for bundled plugins. */
  readonly digest?: string;
}

/** Loads the plugins of one configuration. */
export interface Loader {
  readonly resolvePlugin: (entry: PluginEntrySettings, index: number) => Promise<Result<PluginInstance>>;
  /** The files and packages that were loaded, by `use`. */
  readonly loaded: ReadonlyMap<string, KnownPlugin>;
  /** What was loaded for each entry of the list. */
  readonly entries: ReadonlyMap<number, LoadedEntry>;
  /** Files whose change should cause a reload, including those of plugins that failed to load. */
  readonly files: ReadonlySet<string>;
}

/** Creates a loader for the plugins of one configuration. */
export function createLoader({ file, snapshots, known, ...watched }: LoaderOptions): Loader {
  const base = file === undefined ? process.cwd() : dirname(resolve(file));
  const loaded = new Map<string, KnownPlugin>();
  const files = new Set<string>();
  const entries = new Map<number, LoadedEntry>();

  const sources = { base, snapshots, known, note: (path: string) => files.add(path) };

  const resolvePlugin: Loader["resolvePlugin"] = async (entry, index) => {
    const { use } = entry;
    const place = { at: `plugins[${index}]`, use };
    const kind = kindOf(use);
    const isolation = known?.get(use)?.isolation ?? entry.isolate ?? (kind === "bundled" ? "none" : "worker");
    if (known && kind !== "bundled" && !known.has(use)) {
      return failure([pluginIssues["plugin.candidate"](place, { path: place.at })]);
    }
    let code: Code;
    try {
      code = await findCode(use, kind, sources);
    } catch (error) {
      return failure([toFindIssue(error, kind, place)]);
    }
    const started = await start(code, isolation, entry, watched);
    if ("refusals" in started) {
      await code.release();
      return failure(toIssues(started, code, place));
    }
    const { url, digest } = code;
    if (kind !== "bundled") loaded.set(use, { isolation, url, digest });
    entries.set(index, { name: started.name, isolation, ...(digest !== undefined && { digest }) });
    return success(releasing(started, code));
  };

  return { resolvePlugin, loaded, entries, files };
}

function releasing(instance: PluginInstance, code: Code): PluginInstance {
  const close = async () => {
    await instance.close?.();
    await code.release();
  };
  return { ...instance, close };
}

/** @returns an issue for each refusal; without one, the thread itself failed */
function toIssues(
  { refusals, reason }: Refused,
  { toOriginal }: Code,
  place: { readonly at: string; readonly use: string },
): readonly [Issue, ...Issue[]] {
  const where = { path: place.at };
  const [first, ...rest] = refusals.map((refusal) =>
    pluginIssues[refusal.code](
      { ...place, path: "with", nearest: undefined, ...refusal, reason: toOriginal(refusal.reason) },
      where,
    ),
  );
  return [first ?? pluginIssues["plugin.worker"]({ ...place, reason: toOriginal(reason) }, where), ...rest];
}
