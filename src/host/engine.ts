/** Builds an engine: one compiled configuration with its plugins, immutable once built. */
import type { Engine } from "../core/engine.ts";
import type { Issue } from "../core/issue/issue.ts";
import { createPipeline } from "../core/pipeline.ts";
import type { PluginInstance } from "../core/plugin/instance.ts";
import type { Ports } from "../core/ports.ts";
import { failure, isNonEmpty, type Result, success } from "../core/result.ts";
import { DEFAULT_INJECTOR, type Settings } from "../core/settings.ts";
import { toStableId } from "../core/vault/file.ts";
import { webPorts } from "./ports.ts";

const HASH_LENGTH = 16;

/**
 * Builds an engine.
 *
 * @param settings a configuration, as `parseConfig` returns it
 * @param given ports that replace the web-standard ones
 * @returns the engine, or every reason why a plugin cannot be used
 * @example
 * const config = parseConfig("webhook: { vaultSecretManager: { role: my-role } }");
 * if (!config.ok) throw new Error(config.issues[0].message);
 * const engine = await createEngine(config.value);
 * if (!engine.ok) throw new Error(engine.issues[0].message);
 * const object = { apiVersion: "v1", kind: "Pod" };
 * const request = { uid: "u", operation: "CREATE", namespace: "team", dryRun: false, object };
 * const outcome = await engine.value.review(request);
 * outcome.allowed; // true
 * await engine.value.close();
 */
export async function createEngine(settings: Settings, given: Partial<Ports> = {}): Promise<Result<Engine>> {
  const ports = { ...webPorts, ...given };
  const resolved = await Promise.all(settings.plugins.map((entry, i) => ports.resolvePlugin(entry, i)));
  const plugins: PluginInstance[] = [];
  const issues: Issue[] = [];
  for (const result of resolved) {
    if (result.ok) plugins.push(result.value);
    else issues.push(...result.issues);
  }
  const close = async () => {
    await Promise.all(plugins.map((plugin) => plugin.close?.()));
  };
  if (isNonEmpty(issues)) {
    await close();
    return failure(issues);
  }
  const hash = hashSettings(
    settings,
    plugins.map(({ digest }) => digest),
    ports,
  );
  const pipeline = createPipeline(settings, plugins, hash, ports);
  const { injector = DEFAULT_INJECTOR } = settings;
  return success({ hash, injector, close, review: (request, options) => pipeline.review(request, options) });
}

/** Hashes only what affects a review, such as neither the listeners nor the token. */
function hashSettings(
  { webhook, policy, plugins, audit, injector }: Settings,
  code: readonly (string | undefined)[],
  ports: Ports,
): string {
  const { role, kvVersion, annotations } = webhook.vaultSecretManager;
  // The injector's options affect the issues of a pod, and so whether policy.strict refuses it.
  const flags = Object.keys(injector?.flags ?? {}).length > 0 ? { flags: injector?.flags } : {};
  const decisive = { vault: { role, kvVersion, annotations }, policy, plugins, audit, code, ...flags };
  return toStableId(JSON.stringify(decisive, sortKeys), ports).replaceAll("-", "").slice(0, HASH_LENGTH);
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
