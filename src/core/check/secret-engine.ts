/** Checks a Vault path against its secret engine, and whether the path looks like that of another engine. */
import type { Findings } from "../issue/findings.ts";
import { secretIssues } from "../issue/secret.ts";
import type { SecretRequest } from "../secret/request.ts";
import {
  describeSecretEngine,
  ENGINE_NAMES,
  isSecretEngine,
  type SecretEngine,
} from "../vault/secret-engines.ts";
import type { SecretFile } from "../vault/secret-file.ts";
import { toAgentPath } from "../vault/template.ts";

/**
 * Reports paths that would break the injector's default template, or make the agent read another path: the injector pastes
 * the path without quoting (vault-k8s `agent-inject/agent/config.go`, `DefaultMapTemplate`).
 */
export function validateSecretPath(
  engine: SecretEngine,
  { group }: SecretRequest,
  annotation: string,
  found: Findings,
): void {
  if (!describeSecretEngine(engine).isPasted) return;
  const facts = { annotation, value: group };
  if (/["\\]/.test(group)) found.report(secretIssues["secret.database-quote"], facts, { annotation });
  else if (toAgentPath(engine, group) !== group) {
    found.report(secretIssues["secret.database-path"], facts, { annotation });
  }
}

/** A path as Vault's web page shows it for the API; `v1` is not part of a secret's path. */
const API_PATH = /^v1\//;

/** A path with `data` after the first segment, as nearly all paths of KV version 2. */
const VERSION_2_PATH = /^[^/]+\/data\//;

/**
 * Reports requests that probably mean another engine or path.
 *
 * @param engine the engine that serves the request
 * @param request the request after the plugins
 */
export function adviseSecretEngine(
  engine: SecretEngine,
  request: SecretRequest,
  annotation: string,
  found: Findings,
): void {
  const { group: path, group_version: version } = request;
  const row = describeSecretEngine(engine);
  const where = { annotation };
  if (version !== "" && !isSecretEngine(version)) {
    found.report(
      secretIssues["secret.engine-unknown"],
      { annotation, version, engine, known: ENGINE_NAMES },
      where,
    );
  }
  if (API_PATH.test(path)) found.report(secretIssues["secret.api-path"], { annotation, path }, where);
  if (row.hasDataSegment && !hasData(path)) {
    found.report(secretIssues["secret.kv2-data"], { annotation, path }, where);
  }
  if (engine === "kv1" && VERSION_2_PATH.test(path)) {
    found.report(secretIssues["secret.kv1-data"], { annotation, path }, where);
  }
}

/** A mount may have several segments, so `data` may be any segment but the first (Vault, KV version 2 API). */
function hasData(path: string): boolean {
  return path.indexOf("/data/") > 0 || path.endsWith("/data");
}

/**
 * Reports several requests for different keys of one credential whose engine has no keys: every file gets the whole
 * credential, so the keys only look as if they selected a field.
 */
export function findSharedCredentials(files: readonly SecretFile[], found: Findings): void {
  const first = new Map<string, SecretFile>();
  for (const file of files) {
    if (!file.isWhole) continue;
    const { annotation, vaultPath: path, key } = file;
    const other = first.get(path);
    if (other === undefined) first.set(path, file);
    else if (other.key !== key) {
      const facts = { annotation, other: other.annotation, path, key };
      found.report(secretIssues["secret.database-keys"], facts, { annotation });
    }
  }
}
