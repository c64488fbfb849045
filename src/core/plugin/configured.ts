/** Compiles a plugin's configuration entry: its pods, the keys that it may set, its time limit and its failure mode. */
import { BoundedCache } from "../cache.ts";
import { compileGlobs } from "../glob.ts";
import { type Line, toLine } from "../layer.ts";
import { REQUEST_PREFIX } from "../secret/request.ts";
import type { PluginEntrySettings } from "../settings.ts";
import { VAULT_DOMAIN, VaultKey } from "../vault/key.ts";
import type { PluginInstance } from "./instance.ts";
import { compileWhen, type WhenFacts } from "./when.ts";

/** One entry of the configuration, ready to be called. */
export interface ConfiguredPlugin {
  readonly instance: PluginInstance;
  readonly name: string;
  /** Position in the configuration's `plugins` list. */
  readonly entry: number;
  readonly onError: "deny" | "skip";
  /** Time limit of one call, in milliseconds. */
  readonly timeout: number;
  /** @returns whether the plugin runs for a pod */
  readonly isFor: (facts: WhenFacts) => boolean;
  /** @returns why the plugin may not set a key, to complete "it sets KEY, …"; `undefined` if it may */
  readonly whyNot: (key: string) => string | undefined;
  /** @returns a line of the plugin's layer; cached, because most plugins set the same values on every pod */
  readonly toLine: (key: string, value: string | null) => Line;
}

/** Prefix of Flyte's own annotations for secrets. */
const FLYTE_DOMAIN = REQUEST_PREFIX.slice(0, REQUEST_PREFIX.indexOf("/") + 1);

const LINE_LIMITS = { entries: 200, units: 100_000 };

/** @returns a plugin instance with its compiled configuration entry */
export function configurePlugin(
  instance: PluginInstance,
  settings: PluginEntrySettings,
  entry: number,
): ConfiguredPlugin {
  const { onError, timeout, allow, when } = settings;
  const { name, writes } = instance;
  const source = { kind: "plugin", name, entry } as const;
  const lines = new BoundedCache<Line>(LINE_LIMITS);
  return {
    toLine: (key, value) =>
      lines.get(value === null ? [key] : [key, value], () => toLine(source, key, value)),
    instance,
    name,
    entry,
    onError,
    timeout,
    isFor: compileWhen(when),
    // `writes` is the plugin's promise to its users; `allow` is the operator's permission for keys outside the injector's domain.
    whyNot: compileRights(writes, allow),
  };
}

/** Most keys whose answer is cached. Plugins ask for the same few keys again and again; the limit is for those that do not. */
const MOST_KEPT = 1_000;

function compileRights(writes: readonly string[], allow: readonly string[]): ConfiguredPlugin["whyNot"] {
  const isWritten = compileGlobs(writes);
  const isAllowed = compileGlobs(allow);
  const kept = new Map<string, string | undefined>();
  const judge = (key: string): string | undefined => {
    if (key === VaultKey.status || key.startsWith(FLYTE_DOMAIN)) return "which no plugin may set";
    if (!isWritten(key)) return "which its `writes` does not name";
    if (!key.startsWith(VAULT_DOMAIN) && !isAllowed(key)) return "which its entry's `allow` does not name";
    return undefined;
  };
  return (key) => {
    if (kept.has(key)) return kept.get(key);
    const reason = judge(key);
    if (kept.size < MOST_KEPT) kept.set(key, reason);
    return reason;
  };
}
