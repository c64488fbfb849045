/** What a review leaves for metrics, counted only when somebody asks. */
import type { PluginRun } from "./outcome.ts";
import type { PreparedRequest } from "./prepare.ts";

/** Numbers of one review. */
export interface Measurement {
  /** How many secrets were asked for, by Vault engine (`kv1`, `kv2`, `db`). */
  readonly engines: Readonly<Record<string, number>>;
  /** What each plugin did, in the order of the configuration. */
  readonly plugins: readonly PluginRun[];
}

/** Counts a review's secrets; requests that could not be read have no engine. */
export function measureReview(
  prepared: readonly PreparedRequest[],
  plugins: readonly PluginRun[],
): Measurement {
  const engines: Record<string, number> = {};
  for (const { transformed } of prepared) {
    if (!transformed) continue;
    const { engine } = transformed.audit;
    engines[engine] = (engines[engine] ?? 0) + 1;
  }
  return { engines, plugins };
}
