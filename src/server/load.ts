/** Builds an engine with its plugins from configuration files, at the start and at every reload. */

import { dirname, resolve } from "node:path";
import type { Env } from "../config/env.ts";
import { type LoadedConfig, loadConfig, type Reading } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import type { Issue } from "../core/issue/issue.ts";
import { pluginIssues } from "../core/issue/plugin.ts";
import type { PluginFailure } from "../core/ports.ts";
import { failure, type Result, success } from "../core/result.ts";
import type { Settings } from "../core/settings.ts";
import { createEngine } from "../host/engine.ts";
import { LOAD_LIMIT_MS, within } from "../host/limit.ts";
import type { Loaded } from "../host/live.ts";
import type { PluginEvent } from "../host/plugin/event.ts";
import type { Loader, LoaderOptions } from "../host/plugin/load.ts";
import type { MemoryWatch } from "../host/plugin/memory-watch.ts";
import type { Snapshots } from "../host/plugin/snapshot.ts";
import type { PreviewSetup } from "../host/preview/protocol.ts";
import { reviewSamples, type Sampled } from "../host/samples.ts";

/** What a load needs besides the paths. */
export interface LoadContext {
  readonly env: Env;
  /** How the files are read and parsed; see `loadConfig`. */
  readonly reading?: Reading | undefined;
  readonly snapshots: Snapshots;
  readonly memory: MemoryWatch;
  /** Called for each event of a plugin's threads, such as a restart or printed text. */
  readonly reportEvent: (event: PluginEvent) => void;
  readonly reportFailure: (failure: PluginFailure) => void;
  /** Called with the files and folders that the load has read, even if it fails. */
  readonly watch?: (paths: readonly string[]) => void;
}

/** An engine, and everything that it was built from. */
export interface LoadedEngine extends Loaded, Pick<LoadedConfig, "config" | "files" | "fromEnv"> {
  readonly loader: Loader;
  /** The outcomes of the sample pods. */
  readonly samples: Sampled["outcomes"];
  /** Returns the plugins' failures since the previous call; empty once the engine serves. */
  readonly takeFailures: () => readonly PluginFailure[];
  /** What the preview thread needs to build the same engine. */
  readonly previewSetup: PreviewSetup;
}

/**
 * Loads files and builds their engine completely, within a minute.
 *
 * @param paths as `--config` takes them
 * @returns the engine, after it has reviewed the sample pods; or every reason why it must not serve
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
  const loaded = await loadConfig(paths, context.env, context.reading);
  if (!loaded.ok) return loaded;
  const { config, files, pluginsFile, places, fromEnv } = loaded.value;
  const { snapshots, memory, reportEvent } = context;
  const failures = createFailureSink(context.reportFailure);
  const shared = { file: pluginsFile, snapshots, memory, report: reportEvent };
  const loader = config.plugins.length === 0 ? NO_PLUGINS : await createPluginLoader(shared);
  const watched = () => [...toFolders(paths), ...files.map((file) => resolve(file)), ...loader.files];
  const built = await createEngine(config, {
    resolvePlugin: loader.resolvePlugin,
    reportPluginFailure: failures.report,
  });
  context.watch?.(watched());
  if (!built.ok) return failure([...built.issues, ...loaded.issues]);
  const engine = built.value;
  const samples = await reviewSamples(engine, config, failures.take);
  const [first, ...wrong] = samples.wrong;
  const issues = [
    ...loaded.issues,
    ...built.issues,
    ...samples.issues.map((issue) => placeIssue(issue, places)),
  ];
  if (first) {
    await engine.close();
    return failure([first, ...wrong, ...issues]);
  }
  const previewSetup = { settings: toSettings(config), file: pluginsFile, known: loader.loaded };
  const { outcomes } = samples;
  return success(
    {
      ...{
        engine,
        config,
        files,
        fromEnv,
        loader,
        watched: watched(),
        issues,
        previewSetup,
        samples: outcomes,
      },
      takeFailures: failures.take,
      goLive: failures.release,
    },
    issues,
  );
}

const NO_PLUGINS: Loader = {
  resolvePlugin: () => Promise.reject(new Error("the configuration lists no plugins")),
  ...{ loaded: new Map(), entries: new Map(), files: new Set() },
};

/** Imports the loader only where there are plugins: without it, a server starts faster. */
async function createPluginLoader(options: LoaderOptions): Promise<Loader> {
  const { createLoader } = await import("../host/plugin/load.ts");
  return createLoader(options);
}

/** Keeps the plugins' failures while the engine is tried on sample pods; reports them directly once it serves. */
function createFailureSink(report: LoadContext["reportFailure"]) {
  let kept: PluginFailure[] | undefined = [];
  return {
    report: (failed: PluginFailure) => (kept ? void kept.push(failed) : report(failed)),
    take: (): readonly PluginFailure[] => kept?.splice(0) ?? [],
    release: () => {
      kept = undefined;
    },
  };
}

/** Adds the place in the configuration file to an issue about one of its annotations. */
function placeIssue(issue: Issue, places: Readonly<Record<string, string>>): Issue {
  const { annotation = "" } = issue;
  const place = Object.hasOwn(places, annotation) ? places[annotation] : undefined;
  if (place === undefined || issue.path !== undefined) return issue;
  const path = `webhook.vaultSecretManager.annotations[${JSON.stringify(annotation)}]`;
  return { ...issue, path, message: `${place}${issue.message}` };
}

/** Only what an engine is built from: the preview thread must not get the preview token. */
function toSettings({ webhook: { vaultSecretManager }, policy, plugins, audit }: Config): Settings {
  return { webhook: { vaultSecretManager }, policy, plugins, audit };
}

/** @returns folders to watch for new files (of folders and globs), and the named files themselves */
function toFolders(paths: readonly string[]): string[] {
  return paths
    .map((path) => (path.includes("*") ? dirname(path.slice(0, path.indexOf("*") + 1)) : path))
    .map((path) => resolve(path));
}
