/** Keeps the engine up to date with its files: watch, reload, replace; report to log, metrics and readiness. */

import type { Disk } from "../config/disk.ts";
import type { Env } from "../config/env.ts";
import type { ParseSources } from "../config/load.ts";
import type { AdmissionRequest } from "../core/admission/request.ts";
import type { Result } from "../core/result.ts";
import { success } from "../core/result.ts";
import { createLive, type Live } from "../host/live.ts";
import type { PluginEvent } from "../host/plugin/event.ts";
import { createMemoryWatch, type MemoryWatch } from "../host/plugin/memory-watch.ts";
import { createSnapshots } from "../host/plugin/snapshot.ts";
import { createRecentPods } from "../host/recent.ts";
import type { Watch } from "../host/watch.ts";
import type { ReadyCheck } from "../http/readiness.ts";
import { toFields } from "../telemetry/log.ts";
import { type LoadedEngine, loadEngine } from "./load.ts";
import { createPluginHealth, type PluginHealth } from "./plugin-health.ts";
import { createReloadLog } from "./reload-log.ts";
import type { Telemetry } from "./telemetry.ts";

/** The engine, kept up to date with its configuration. */
export interface FollowedConfig {
  readonly live: Live<LoadedEngine>;
  /** The watch over the memory of plugins and previews. */
  readonly memory: MemoryWatch;
  /** Keeps a reviewed pod, so that the next configuration can be tried on it. */
  readonly record: (request: AdmissionRequest) => void;
  readonly checks: () => readonly ReadyCheck[];
  /** Starts to follow the files; a change since they were read is found, too. Call it when the server is ready. */
  readonly follow: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Parses in a thread at a reload, so that reviews are not delayed. The first load parses directly: a thread would delay the start. */
const parseBeside: ParseSources = async (...given) =>
  (await import("../config/thread.ts")).parseInThread(...given);

/**
 * Loads a configuration; its files and those of its plugins can then be followed, unless it says `server.reload: false`.
 *
 * @param paths as `--config` takes them
 * @param env kept for reloads
 * @param disk reads the files
 */
export async function followConfig(
  paths: readonly string[],
  env: Env,
  telemetry: Telemetry,
  disk: Disk,
): Promise<Result<FollowedConfig>> {
  const { log, metrics } = telemetry;
  const snapshots = createSnapshots();
  const reportEvent = ({ kind, plugin, detail }: PluginEvent) =>
    log(kind === "printed" ? "info" : "error", `plugin ${kind}`, { plugin, detail });
  const memory = createMemoryWatch({
    report: (plugin, detail) => reportEvent({ kind: "memory", plugin, detail }),
  });
  let asked: readonly string[] = [];
  let loadedAt = 0;
  const healths = new WeakMap<LoadedEngine, PluginHealth>();
  const load = async (parse?: ParseSources) => {
    const health = createPluginHealth();
    loadedAt = Date.now();
    const loaded = await loadEngine(paths, {
      reading: { parse, disk },
      watch: (paths) => {
        asked = paths;
      },
      ...{ env, snapshots, memory, reportEvent },
      reportFailure: (failed) => {
        const { plugin, entry, hook, code, error } = failed;
        health.count(failed);
        metrics.pluginFailed(plugin, code);
        log("error", "plugin failed", { plugin, entry, hook, code, ...toFields(error) });
      },
    });
    if (loaded.ok) healths.set(loaded.value, health);
    return loaded;
  };
  const first = await load();
  if (!first.ok) {
    await snapshots.close();
    return first;
  }
  metrics.configReloaded("ok", first.value.engine.hash);
  const recent = createRecentPods(first.value.config.server.replay);
  let watch: Watch | undefined;
  let watched = "";
  let isClosed = false;
  const tell = createReloadLog(telemetry, () => live.engine().hash);
  const live: Live<LoadedEngine> = createLive(
    first.value,
    () => load(parseBeside),
    (event) => {
      tell(event);
      recent.limit(live.current().config.server.replay);
      void follow();
    },
    async (current, next) => {
      // Imported by the first reload; the first load has no engine to compare with.
      const { judgeTakeOver } = await import("./take-over.ts");
      return judgeTakeOver(current, next, recent.list());
    },
  );
  /** Watches the files of the current configuration and of the last attempt, which may be the ones to be corrected. */
  const follow = async () => {
    const { config, watched: serving } = live.current();
    const files = config.server.reload ? [...new Set([...serving, ...asked])] : [];
    if (files.join("\n") === watched) return;
    watched = files.join("\n");
    const since = loadedAt;
    // Imported when the server is ready: the module for watching takes as long as loading a configuration.
    const { watchFiles } = await import("../host/watch.ts");
    watch?.close();
    if (!isClosed && files.length > 0) watch = watchFiles(files, () => void live.reload(), { since });
  };
  return success(
    {
      live,
      memory,
      record: recent.record,
      checks: () => {
        const issue = live.failure()?.[0];
        const { hash } = live.engine();
        const detail = issue ? `${hash}; newer one refused: ${issue.message}` : hash;
        const current = live.current();
        // The last good configuration stays in force, so the replica stays ready.
        return [
          { name: "config", ok: true, detail },
          ...(healths.get(current)?.checks(current.loader.entries) ?? []),
        ];
      },
      follow,
      close: async () => {
        isClosed = true;
        watch?.close();
        await live.close();
        memory.close();
        await snapshots.close();
      },
    },
    first.issues,
  );
}
