/** Engines with plugins from files, for tests. */
import { afterAll, afterEach } from "bun:test";
import { join } from "node:path";
import { parseConfig } from "../../src/config/parse.ts";
import type { Engine } from "../../src/core/engine.ts";
import type { PluginFailure } from "../../src/core/ports.ts";
import type { Result } from "../../src/core/result.ts";
import { createEngine } from "../../src/host/engine.ts";
import type { PluginEvent } from "../../src/host/plugin/event.ts";
import { createLoader } from "../../src/host/plugin/load.ts";
import { createMemoryWatch } from "../../src/host/plugin/memory-watch.ts";
import { createSnapshots } from "../../src/host/plugin/snapshot.ts";

export const PLUGINS = join(import.meta.dir, "../fixtures/plugins");

/** What was told while a test ran. */
export const told: { failures: PluginFailure[]; events: PluginEvent[] } = { failures: [], events: [] };

const snapshots = createSnapshots();
const engines: Engine[] = [];

/** Ends engines and forgets what was told after each test of the file that calls it. */
export function cleanUp(): void {
  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.close()));
    told.failures.length = 0;
    told.events.length = 0;
  });
  afterAll(() => snapshots.close());
}

/** Where plugins are, and what else the configuration says. */
interface Place {
  readonly file?: string;
  readonly policy?: object;
  /** Bytes. */
  readonly memoryLimit?: number;
}

/** Builds an engine from `plugins` entries; paths are relative to `file`. */
export async function tryPlugins(
  plugins: readonly object[],
  { file = join(PLUGINS, "webhook.yaml"), memoryLimit, ...config }: Place = {},
): Promise<Result<Engine>> {
  const parsed = parseConfig({ plugins, ...config });
  if (!parsed.ok) return parsed;
  const report = (event: PluginEvent) => told.events.push(event);
  const memory = createMemoryWatch({
    report: (plugin, detail) => report({ kind: "memory", plugin, detail }),
    ...(memoryLimit !== undefined && { limit: memoryLimit }),
  });
  const loader = createLoader({ file, snapshots, memory, report });
  const { resolvePlugin } = loader;
  const reportPluginFailure = (failure: PluginFailure) => told.failures.push(failure);
  const built = await createEngine(parsed.value, { resolvePlugin, reportPluginFailure });
  if (built.ok) engines.push(built.value);
  return built;
}

/** The same where the plugins have to be good. */
export async function withPlugins(...given: Parameters<typeof tryPlugins>): Promise<Engine> {
  const built = await tryPlugins(...given);
  if (!built.ok) throw new Error(built.issues.map(({ message }) => message).join("\n"));
  return built.value;
}
