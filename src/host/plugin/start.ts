/** From a plugin's code to a running plugin: imported and set up in process or in threads. */
import type { PluginInstance } from "../../core/plugin/instance.ts";
import type { PluginEntrySettings } from "../../core/settings.ts";
import { STEP_LIMIT_MS, within } from "../limit.ts";
import type { Code, Isolation } from "./code.ts";
import type { PluginEvent } from "./event.ts";
import { describeImportError } from "./import-error.ts";
import { createInProcess } from "./in-process.ts";
import type { MemoryWatch } from "./memory-watch.ts";
import { listenInProcess } from "./printed.ts";
import { describeError, type Refusal, setUpPlugin } from "./setup.ts";

/** What a running plugin reports to, and how many threads it may have. */
export interface Watched {
  readonly memory: MemoryWatch;
  readonly report: (event: PluginEvent) => void;
  /** Most threads of an isolated plugin; by default the pool decides. */
  readonly threads?: number;
  /** See `WorkerData`; given where this code runs in a thread itself. */
  readonly ended?: SharedArrayBuffer | undefined;
}

/** Why a plugin could not be started. */
export interface Refused {
  readonly refusals: readonly Refusal[];
  readonly reason: string;
}

/**
 * Imports a plugin and sets it up, in threads of its own or in this one.
 *
 * @returns the plugin, or why it could not be started; never rejects
 */
export async function start(
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
