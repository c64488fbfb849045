/**
 * From an entry of the configuration to a running plugin: find it (bundled, file or package), copy it, and set it up in
 * process or in threads.
 */
import { dirname, isAbsolute, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Issue } from "../../core/issue/issue.ts";
import { pluginIssues } from "../../core/issue/plugin.ts";
import { nearest } from "../../core/nearest.ts";
import type { PluginInstance } from "../../core/plugin/instance.ts";
import { failure, isNonEmpty, type Result, success } from "../../core/result.ts";
import type { PluginEntrySettings } from "../../core/settings.ts";
import { STEP_LIMIT_MS, within } from "../limit.ts";
import { BUNDLED, toBundledUrl } from "./bundled.ts";
import { describeImportError } from "./import-error.ts";
import { createInProcess } from "./in-process.ts";
import type { MemoryWatch } from "./memory-watch.ts";
import type { PluginEvent } from "./pool.ts";
import { listenInProcess } from "./printed.ts";
import { describeError, type Refusal, setUpPlugin } from "./setup.ts";
import type { Snapshot, Snapshots } from "./snapshot.ts";

/** Where plugins come from, and what they report to. */
export interface LoaderOptions {
  /** The file whose `plugins` list it loads; relative paths are relative to its folder. */
  readonly file: string | undefined;
  readonly snapshots: Snapshots;
  readonly memory: MemoryWatch;
  readonly report: (event: PluginEvent) => void;
  /**
   * If given, only these and bundled plugins may be used, by `use`. The preview thread sets it: a candidate configuration
   * must not load code that the operator has not configured.
   */
  readonly known?: ReadonlyMap<string, KnownPlugin>;
  /** Most threads of each isolated plugin; by default the pool decides. */
  readonly threads?: number;
}

/** The code of a plugin that another loader has copied and keeps. */
export interface KnownPlugin {
  readonly isolation: Isolation;
  /** URL of its module. */
  readonly url: string;
  /** Hash of its code. */
  readonly digest: string | undefined;
}

/** Where a plugin runs. */
type Isolation = "worker" | "none";

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
export function createLoader({ file, snapshots, memory, report, known, threads }: LoaderOptions): Loader {
  const base = file === undefined ? process.cwd() : dirname(resolve(file));
  const loaded = new Map<string, KnownPlugin>();
  const files = new Set<string>();
  const entries = new Map<number, LoadedEntry>();

  const note = (copy: Snapshot): Snapshot => {
    for (const path of copy.files) files.add(path);
    return copy;
  };

  /** @returns the plugin's code; rejects if it cannot be found or copied */
  const find = async (use: string, kind: Kind): Promise<Code> => {
    if (kind === "bundled")
      return { url: toBundledUrl(use), toOriginal: (text) => text, release: async () => {} };
    const kept = known?.get(use);
    if (kept) return toCode(kept);
    if (kind === "package") return note(await snapshots.takePackage(use, base));
    const path = toPath(use, base);
    files.add(path);
    return note(await snapshots.take(path));
  };

  const resolvePlugin: Loader["resolvePlugin"] = async (entry, index) => {
    const { use } = entry;
    const place = { at: `plugins[${index}]`, use };
    const where = { path: place.at };
    const kind = kindOf(use);
    const isolation = known?.get(use)?.isolation ?? entry.isolate ?? (kind === "bundled" ? "none" : "worker");
    if (known && kind !== "bundled" && !known.has(use)) {
      return failure([pluginIssues["plugin.candidate"](place, where)]);
    }
    let code: Code;
    try {
      code = await find(use, kind);
    } catch (error) {
      return failure([toFindIssue(error, kind, place)]);
    }
    const started = await start(code, isolation, entry, {
      memory,
      report,
      ...(threads !== undefined && { threads }),
    });
    if (!("refusals" in started)) {
      const { url, digest } = code;
      if (kind !== "bundled") loaded.set(use, { isolation, url, digest });
      entries.set(index, { name: started.name, isolation, ...(digest !== undefined && { digest }) });
      return success(releasing(started, code));
    }
    await code.release();
    const issues = started.refusals.map((refusal) =>
      pluginIssues[refusal.code](
        { ...place, path: "with", nearest: undefined, ...refusal, reason: code.toOriginal(refusal.reason) },
        where,
      ),
    );
    return isNonEmpty(issues)
      ? failure(issues)
      : failure([
          pluginIssues["plugin.worker"]({ ...place, reason: code.toOriginal(started.reason) }, where),
        ]);
  };

  return { resolvePlugin, loaded, entries, files };
}

type Kind = "bundled" | "file" | "package";
type Code = Pick<Snapshot, "url" | "release" | "toOriginal"> & { readonly digest?: string };
type Watched = Pick<LoaderOptions, "memory" | "report" | "threads">;
/** Why a plugin could not be started. */
interface Refused {
  readonly refusals: readonly Refusal[];
  readonly reason: string;
}

function toCode({ url, digest }: KnownPlugin): Code {
  return {
    url,
    toOriginal: (text) => text,
    release: async () => {},
    ...(digest !== undefined && { digest }),
  };
}

async function start(
  code: Code,
  isolation: Isolation,
  entry: PluginEntrySettings,
  watched: Watched,
): Promise<PluginInstance | Refused> {
  if (isolation === "worker") return startIsolated(code, entry, watched);
  const late = (): Refused => {
    const reason = `it was not ready within ${STEP_LIMIT_MS / 1_000} seconds`;
    return { refusals: [{ code: "plugin.setup", reason }], reason };
  };
  const started = code.digest === undefined ? startOwn(code, entry) : startInProcess(code, entry, watched);
  return within(STEP_LIMIT_MS, started, late, (plugin) => "close" in plugin && plugin.close?.());
}

async function startIsolated(
  { url, digest }: Code,
  { use, with: options, timeout }: PluginEntrySettings,
  watched: Watched,
): Promise<PluginInstance | Refused> {
  // Imported here, so that a server without isolated plugins starts faster.
  const [{ createIsolated }, { StartError }] = await Promise.all([
    import("./isolated.ts"),
    import("./thread.ts"),
  ]);
  try {
    const code = digest === undefined ? {} : { digest };
    return await createIsolated({ url, use, options, timeout, ...watched, ...code });
  } catch (error) {
    return { refusals: error instanceof StartError ? error.refusals : [], reason: describeError(error) };
  }
}

/** Imports a plugin and sets it up in this thread, without capturing its printing: bundled plugins print nothing. */
async function startOwn(
  { url, digest }: Code,
  { with: options }: PluginEntrySettings,
): Promise<PluginInstance | Refused> {
  let module: unknown;
  try {
    module = await import(url);
  } catch (error) {
    const reason = describeImportError(error);
    return { refusals: [{ code: "plugin.import", reason }], reason };
  }
  const set = await setUpPlugin(module, options);
  if (set.refusals) return { refusals: set.refusals, reason: "" };
  return createInProcess(set.definition, set.hooks, digest);
}

async function startInProcess(
  code: Code,
  entry: PluginEntrySettings,
  { memory, report }: Watched,
): Promise<PluginInstance | Refused> {
  const print = (plugin: string, detail: string) => report({ kind: "printed", plugin, detail });
  const stopLoading = listenInProcess(entry.use, print);
  const started = await startOwn(code, entry);
  stopLoading();
  if ("refusals" in started) return started;
  const unwatch = memory.add({ plugin: started.name });
  const stopListening = listenInProcess(started.name, print);
  const close = () => {
    unwatch();
    stopListening();
  };
  return { ...started, close };
}

function releasing(instance: PluginInstance, code: Code): PluginInstance {
  const close = async () => {
    await instance.close?.();
    await code.release();
  };
  return { ...instance, close };
}

/** A bundled plugin has a known name; anything that looks like a path is a file, everything else a package. */
function kindOf(use: string): Kind {
  if (BUNDLED.includes(use)) return "bundled";
  const isFile = /^(?:\.{1,2}\/|\/|file:)/.test(use) || /\.[cm]?[jt]s$/.test(use);
  return isFile ? "file" : "package";
}

function toPath(use: string, base: string): string {
  const path = use.startsWith("file:") ? fileURLToPath(use) : use;
  return isAbsolute(path) ? path : resolve(base, path);
}

function toFindIssue(
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
