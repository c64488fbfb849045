/** Keeps the engine as its files are: watched, loaded anew, swapped in; what becomes of it goes to log, metrics and readiness. */

import type { ParseSources } from "../config/load.ts";
import type { Result } from "../core/result.ts";
import { success } from "../core/result.ts";
import { createLive, type Live, type ReloadEvent } from "../host/live.ts";
import { createMemoryWatch, type MemoryWatch } from "../host/plugin/memory-watch.ts";
import type { PluginEvent } from "../host/plugin/pool.ts";
import { createSnapshots } from "../host/plugin/snapshot.ts";
import { type Watch, watchFiles } from "../host/watch.ts";
import type { ReadyCheck } from "../http/readiness.ts";
import { toFields } from "../telemetry/log.ts";
import type { Env } from "./environment.ts";
import { type LoadedEngine, loadEngine } from "./load.ts";
import type { Telemetry } from "./telemetry.ts";

/** A configuration that is followed. */
export interface FollowedConfig {
  readonly live: Live<LoadedEngine>;
  /** Watches the memory that plugins and previews use. */
  readonly memory: MemoryWatch;
  readonly check: () => ReadyCheck;
  readonly close: () => Promise<void>;
}

/** At a reload: pods that are created meanwhile must not wait. At the start nobody does, and a thread would delay it. */
const parseBeside: ParseSources = async (...given) =>
  (await import("../config/thread.ts")).parseInThread(...given);

/**
 * Loads a configuration and, unless it says `server.reload: false`, follows its files and those of its plugins.
 *
 * @param paths as `--config` takes them
 * @param env kept for later loads
 */
export async function followConfig(
  paths: readonly string[],
  env: Env,
  telemetry: Telemetry,
): Promise<Result<FollowedConfig>> {
  const { log, metrics, report } = telemetry;
  const snapshots = createSnapshots();
  const reportEvent = ({ kind, plugin, detail }: PluginEvent) =>
    log(kind === "printed" ? "info" : "error", `plugin ${kind}`, { plugin, detail });
  const memory = createMemoryWatch({
    report: (plugin, detail) => reportEvent({ kind: "memory", plugin, detail }),
  });
  let asked: readonly string[] = [];
  const load = (parse?: ParseSources) =>
    loadEngine(paths, {
      parse,
      watch: (wanted) => {
        asked = wanted;
      },
      ...{ env, snapshots, memory, reportEvent },
      reportFailure: ({ plugin, entry, hook, code, error }) => {
        metrics.pluginFailed(plugin, code);
        log("error", "plugin failed", { plugin, entry, hook, code, ...toFields(error) });
      },
    });
  const first = await load();
  if (!first.ok) {
    await snapshots.close();
    return first;
  }
  metrics.configReloaded(true, first.value.engine.hash);
  let watch: Watch | undefined;
  let watched = "";
  const live: Live<LoadedEngine> = createLive(
    first.value,
    () => load(parseBeside),
    (event) => {
      tell(event);
      follow();
    },
  );
  const tell = (event: ReloadEvent) => {
    if (event.kind === "failed") {
      metrics.configReloaded(false, live.engine().hash);
      report(event.issues);
      log("error", "reload failed, the last good configuration stays", { config: live.engine().hash });
      return;
    }
    metrics.configReloaded(true, event.hash);
    if (event.kind === "reloaded") report(event.issues);
    log("info", event.kind === "reloaded" ? "reloaded" : "unchanged", { config: event.hash });
  };
  /** Another configuration may have other files; those of one that was refused may be mended. */
  const follow = () => {
    const { config, watched: serving } = live.current();
    const files = config.server.reload ? [...new Set([...serving, ...asked])] : [];
    if (files.join("\n") === watched) return;
    watch?.close();
    watched = files.join("\n");
    watch = files.length === 0 ? undefined : watchFiles(files, () => void live.reload());
  };
  follow();
  return success(
    {
      live,
      memory,
      check: () => {
        const issue = live.failure()?.[0];
        const { hash } = live.engine();
        // The last good one serves on, so that the pod stays ready.
        return {
          name: "config",
          ok: true,
          detail: issue ? `${hash}; newer one refused: ${issue.message}` : hash,
        };
      },
      close: async () => {
        watch?.close();
        await live.close();
        memory.close();
        await snapshots.close();
      },
    },
    first.issues,
  );
}
