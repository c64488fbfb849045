/** From configuration files to an engine with its plugins: what `serve` does at start and again at every change. */
import { dirname, resolve } from "node:path";
import { type LoadedConfig, loadConfig, type ParseSources } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import { pluginIssues } from "../core/issue/plugin.ts";
import type { PluginFailure } from "../core/ports.ts";
import { failure, isNonEmpty, type Result, success } from "../core/result.ts";
import type { Settings } from "../core/settings.ts";
import { createEngine } from "../host/engine.ts";
import { LOAD_LIMIT_MS, within } from "../host/limit.ts";
import type { Loaded } from "../host/live.ts";
import { createLoader, type Loader } from "../host/plugin/load.ts";
import type { MemoryWatch } from "../host/plugin/memory-watch.ts";
import type { PluginEvent } from "../host/plugin/pool.ts";
import type { Snapshots } from "../host/plugin/snapshot.ts";
import type { PreviewSetup } from "../host/preview/protocol.ts";
import { selfTest } from "../host/self-test.ts";

/** What loading needs besides the paths. */
export interface LoadContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Parses the files; in this thread where absent. */
  readonly parse?: ParseSources | undefined;
  readonly snapshots: Snapshots;
  readonly memory: MemoryWatch;
  /** What plugins do besides answering. */
  readonly reportEvent: (event: PluginEvent) => void;
  readonly reportFailure: (failure: PluginFailure) => void;
  /** Told the files and folders that a load depends on, as far as it came, also where it fails. */
  readonly watch?: (paths: readonly string[]) => void;
}

/** An engine, and all that it was loaded with. */
export interface LoadedEngine extends Loaded, Pick<LoadedConfig, "config" | "files"> {
  readonly loader: Loader;
  /** What the thread of previews builds the same engine from. */
  readonly previewSetup: PreviewSetup;
}

/**
 * Loads files and builds their engine whole, within a minute.
 *
 * @param paths as `--config` takes them
 * @returns the engine after a pod of its own, or every reason why it must not serve
 */
export function loadEngine(paths: readonly string[], context: LoadContext): Promise<Result<LoadedEngine>> {
  const late = () => failure([pluginIssues["engine.load-timeout"]({ seconds: LOAD_LIMIT_MS / 1_000 })]);
  return within<Result<LoadedEngine>, Result<LoadedEngine>>(
    LOAD_LIMIT_MS,
    loadWhole(paths, context),
    late,
    (loaded) => {
      if (loaded.ok) void loaded.value.engine.close();
    },
  );
}

async function loadWhole(paths: readonly string[], context: LoadContext): Promise<Result<LoadedEngine>> {
  const loaded = await loadConfig(paths, context.env, context.parse);
  if (!loaded.ok) return loaded;
  const { config, files, pluginsFile } = loaded.value;
  const { snapshots, memory, reportEvent, reportFailure: reportPluginFailure } = context;
  const shared = { file: pluginsFile, snapshots, memory, report: reportEvent };
  const loader = createLoader(shared);
  const watched = () => [...toFolders(paths), ...files.map((file) => resolve(file)), ...loader.files];
  const built = await createEngine(config, { resolvePlugin: loader.resolvePlugin, reportPluginFailure });
  context.watch?.(watched());
  if (!built.ok) return built;
  const engine = built.value;
  const wrong = await selfTest(engine);
  if (isNonEmpty(wrong)) {
    await engine.close();
    return failure(wrong);
  }
  const previewSetup = { settings: toSettings(config), file: pluginsFile, known: loader.loaded };
  const issues = [...loaded.issues, ...built.issues];
  return success({ engine, config, files, loader, watched: watched(), issues, previewSetup }, issues);
}

/** Only what an engine is built from: the thread of previews needs no token and no addresses. */
function toSettings({ webhook: { vaultSecretManager }, policy, plugins, audit }: Config): Settings {
  return { webhook: { vaultSecretManager }, policy, plugins, audit };
}

/** Folders and globs may get another file; a file that is named is watched by itself. */
function toFolders(paths: readonly string[]): string[] {
  return paths
    .map((path) => (path.includes("*") ? dirname(path.slice(0, path.indexOf("*") + 1)) : path))
    .map((path) => resolve(path));
}
