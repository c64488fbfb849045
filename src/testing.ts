/**
 * The public API for plugins' tests: a table of pods that a plugin works on, and of options that it refuses.
 * It needs no test runner of its own; any runner that awaits a promise will do.
 */

import type { PluginCases } from "./host/authoring/case.ts";
import { runInvalid, runValid } from "./host/authoring/trial.ts";
import type { PluginDefinition } from "./plugin.ts";

export type { InvalidCase, PluginCases, ValidCase } from "./host/authoring/case.ts";

/**
 * Tests a plugin through the real pipeline. For every valid case it also checks that the plugin is deterministic, keeps
 * to what it `writes`, does not touch what it is handed (which is deeply frozen), answers in JSON, and has nothing to do
 * on a pod that was patched already.
 *
 * @throws an Error that names every case that failed, and how
 * @example
 * test("namespace", () =>
 *   testPlugin(namespace, {
 *     valid: [{ name: "fixed", with: { namespace: "a" }, expect: { annotations: { [KEY]: "a" } } }],
 *     invalid: [{ name: "empty", with: { namespace: "" } }],
 *   }));
 */
export async function testPlugin<Options>(
  plugin: PluginDefinition<Options>,
  { valid, invalid }: PluginCases,
): Promise<void> {
  const failed: string[] = [];
  const module = { default: plugin };
  for (const given of valid) {
    for (const problem of await runValid(module, given)) failed.push(`${given.name}: ${problem}`);
  }
  for (const given of invalid) {
    const problem = await runInvalid(module, given);
    if (problem !== undefined) failed.push(`${given.name}: ${problem}`);
  }
  if (failed.length > 0) throw new Error(`plugin ${plugin.name}:\n  ${failed.join("\n  ")}`);
}
