/**
 * The public API for plugins' tests: a table of pods that a plugin works on, and of options that it refuses.
 * It needs no test runner of its own; any runner that awaits a promise will do.
 */

import type { SecretRequest } from "./core/secret/request.ts";
import { runInvalid, runValid } from "./host/authoring/trial.ts";
import type { PluginDefinition } from "./plugin.ts";

/** A pod, the plugin's options, and what is to come of them. */
export interface ValidCase {
  readonly name: string;
  /** Options, as the configuration's `with` would give them; `{}` by default. */
  readonly with?: unknown;
  /** Secret requests of the pod: `flyte.secrets/s0`, `s1`, …; by default one kv2 secret. */
  readonly secrets?: readonly Partial<SecretRequest>[];
  readonly namespace?: string;
  readonly project?: string;
  readonly domain?: string;
  readonly serviceAccount?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** The pod's own annotations, besides the requests. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Annotations of the configuration, below the plugin. */
  readonly config?: Readonly<Record<string, string>>;
  /** More of the pod's spec, such as `{ securityContext: {…} }`. */
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly expect: {
    /** Everything that the plugin sets, and nothing else; `null` where it takes an annotation away. */
    readonly annotations?: Readonly<Record<string, string | null>>;
    /** The requests that it changes, as they are afterwards; `null` where it drops one. */
    readonly requests?: Readonly<Record<string, Partial<SecretRequest> | null>>;
    /** Codes of what its `review` tells, without the prefix. */
    readonly issues?: readonly string[];
    /** Part of the refusal's message; absent where the pod is to be allowed. */
    readonly denied?: string | RegExp;
  };
}

/** Options that the plugin's schema or its `setup` refuses. */
export interface InvalidCase {
  readonly name: string;
  readonly with: unknown;
  /** Part of what the operator reads. */
  readonly message?: string | RegExp;
}

/** The cases of one plugin. */
export interface PluginCases {
  readonly valid: readonly ValidCase[];
  readonly invalid: readonly InvalidCase[];
}

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
