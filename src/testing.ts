/**
 * The public API for plugins' tests: a table of pods with expected results, and of options that must be refused. It works
 * with any test runner that awaits promises.
 */

import type { PluginCases } from "./host/authoring/case.ts";
import { runInvalid, runValid } from "./host/authoring/trial.ts";
import type { PluginDefinition } from "./plugin.ts";

export type { InvalidCase, PluginCases, ValidCase } from "./host/authoring/case.ts";

/**
 * Tests a plugin through the real pipeline. For every valid case it also checks that the plugin is deterministic, sets only
 * keys in `writes`, does not modify its input (which is deeply frozen), returns JSON, and changes nothing on a pod that is
 * already patched.
 *
 * @throws an Error that lists every failed case with its differences
 * @example
 * const KEY = "vault.hashicorp.com/namespace";
 * const plugin = definePlugin({
 *   name: "fixed",
 *   description: "Reads secrets from one Vault namespace",
 *   writes: [KEY],
 *   setup: () => ({ annotations: () => ({ [KEY]: "team-a" }) }),
 * });
 * await testPlugin(plugin, {
 *   valid: [{ name: "sets the namespace", expect: { annotations: { [KEY]: "team-a" } } }],
 *   invalid: [{ name: "takes no options", with: { namespace: "team-b" } }],
 * });
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
