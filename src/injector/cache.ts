/**
 * The agent's cache and the listener it needs. Reads `agent-cache-enable`, `agent-cache-use-auto-auth-token`,
 * `agent-cache-listener-port`, `agent-cache-exit-on-err`, `agent-enable-quit`.
 */
import type { Reader } from "./reader.ts";

/** Folder in which the init container leaves its cache for the sidecar. */
export const CACHE_PATH = "/vault/agent-cache";

/** `listener`. */
export interface AgentListener {
  readonly type: string;
  readonly address: string;
  readonly tls_disable: true;
  readonly agent_api?: { readonly enable_quit: true };
}

/** `cache`; fields without a value are absent. */
export interface AgentCache {
  readonly use_auto_auth_token?: string;
  readonly persist?: { readonly type: string; readonly path: string; readonly exit_on_err?: true };
}

/** The switches that decide on cache and listener. */
export interface CacheSwitches {
  readonly enable: boolean;
  readonly exitOnError: boolean;
  readonly quit: boolean;
  /** Whether the sidecar takes over the init container's cache, which requires both. */
  readonly persist: boolean;
  readonly sidecar: boolean;
}

/** The rendered parts of the configuration. */
export interface CacheConfig {
  readonly listener?: readonly AgentListener[];
  readonly cache?: AgentCache;
}

/** Renders `listener` and `cache` of one of the two agents (vault-k8s `newConfig`). */
export function toCache(reader: Reader, switches: CacheSwitches, init: boolean): CacheConfig {
  const { enable, exitOnError, quit, persist, sidecar } = switches;
  const token = reader.text("agent-cache-use-auto-auth-token");
  const used = token === "" ? {} : { use_auto_auth_token: token };
  const isCaching = persist || (enable && sidecar && !init);
  if (!isCaching && !quit) return {};
  const kept = {
    type: "kubernetes",
    path: CACHE_PATH,
    ...(exitOnError ? { exit_on_err: true as const } : {}),
  };
  const listener: AgentListener = {
    type: "tcp",
    address: `127.0.0.1:${reader.text("agent-cache-listener-port")}`,
    tls_disable: true,
    ...(quit ? { agent_api: { enable_quit: true } } : {}),
  };
  return { listener: [listener], cache: isCaching ? { ...used, ...(persist ? { persist: kept } : {}) } : {} };
}
