/** A plugin with what its configuration entry says, compiled once: for which pods, which keys, how long, and what then. */
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
  /** Milliseconds that one call may take. */
  readonly timeout: number;
  readonly isFor: (facts: WhenFacts) => boolean;
  /** @returns why the plugin may not set a key, or nothing where it may. */
  readonly whyNot: (key: string) => string | undefined;
  /** One line of its layer; made once for what it sets again and again. */
  readonly toLine: (key: string, value: string | null) => Line;
}

/** Prefix of every annotation that Flyte itself writes or reads for secrets. */
const FLYTE_DOMAIN = REQUEST_PREFIX.slice(0, REQUEST_PREFIX.indexOf("/") + 1);

const LINE_LIMITS = { entries: 200, units: 100_000 };
/** Puts an instance and its entry together. */
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
    whyNot: compileRights(writes, allow),
  };
}

/** Keys asked for are few and the same again and again, so that answers are kept; they are bounded all the same. */
const MOST_KEPT = 1_000;

function compileRights(writes: readonly string[], allow: readonly string[]): ConfiguredPlugin["whyNot"] {
  const isWritten = compileGlobs(writes);
  const isAllowed = compileGlobs(allow);
  const kept = new Map<string, string | undefined>();
  const judge = (key: string): string | undefined => {
    if (key === VaultKey.status || key.startsWith(FLYTE_DOMAIN)) return "which is never a plugin's to set";
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
