/** Audit annotations for the API server's audit log: which secrets, with which role, under which configuration. */

import { escapeControls } from "../printable.ts";
import type { AuditPaths } from "../settings.ts";
import { type IdPorts, toStableId } from "../vault/file.ts";
import { VaultKey } from "../vault/key.ts";
import type { TransformedRequest } from "../vault/transformer.ts";

const LONGEST_REQUESTS = 1_000;
/** If the requests exceed the limit together, each keeps at least this many characters: a long one must not hide the rest. */
const SHORTEST_REQUEST = 32;
/** Longer than any role or namespace name in Vault. */
const LONGEST_NAME = 253;
const HASH_LENGTH = 12;

/**
 * Renders a request as `kv2:secret/data/x#api_key`.
 *
 * @param paths `hash` replaces path and key by a hash, so that equal requests stay recognisable; `none` keeps only the engine
 */
export function toAuditText(
  { audit }: Pick<TransformedRequest, "audit">,
  paths: AuditPaths,
  ports: IdPorts,
): string {
  const name = `${audit.path}#${audit.key}`;
  if (paths === "none") return audit.engine;
  return `${audit.engine}:${paths === "full" ? name : hashPath(name, ports)}`;
}

/** @returns a short hash of a path: 12 hexadecimal digits, equal for equal paths */
export function hashPath(path: string, ports: IdPorts): string {
  return toStableId(path, ports).replaceAll("-", "").slice(0, HASH_LENGTH);
}

/**
 * Renders the audit annotations.
 *
 * @param requests one text per request
 * @param annotations final annotations
 * @param plugins names of the plugins that ran
 * @param config hash of the configuration
 */
export function renderAudit(
  requests: readonly string[],
  annotations: { get(key: string): string | undefined },
  plugins: string,
  config: string,
): Record<string, string> {
  const audit: Record<string, string> = { requests: joinBounded(requests) };
  const role = annotations.get(VaultKey.role);
  const namespace = annotations.get(VaultKey.namespace);
  if (role) audit.role = shorten(escapeControls(role), LONGEST_NAME);
  if (namespace) audit["vault-namespace"] = shorten(escapeControls(namespace), LONGEST_NAME);
  if (plugins) audit.plugins = plugins;
  audit.config = config;
  return audit;
}

function joinBounded(requests: readonly string[]): string {
  const whole = requests.map(escapeControls);
  const fair = Math.max(SHORTEST_REQUEST, Math.floor(LONGEST_REQUESTS / Math.max(1, whole.length)) - 1);
  const texts = toLength(whole) > LONGEST_REQUESTS ? whole.map((text) => shorten(text, fair)) : whole;
  let joined = "";
  for (let i = 0; i < texts.length; i++) {
    const next = i === 0 ? (texts[i] ?? "") : `${joined},${texts[i]}`;
    if (next.length > LONGEST_REQUESTS) return `${joined},and ${texts.length - i} more`;
    joined = next;
  }
  return joined;
}

function toLength(texts: readonly string[]): number {
  return texts.reduce((length, text) => length + text.length + 1, -1);
}

/** Keeps both ends: a path's mount and a secret's key say more than the middle. */
function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const half = Math.floor((limit - 1) / 2);
  return `${text.slice(0, limit - 1 - half)}…${text.slice(text.length - half)}`;
}
