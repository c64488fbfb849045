/** What a secret engine demands of a path, and what a path says about the engine that was meant. */
import type { Findings } from "../issue/findings.ts";
import { secretIssues } from "../issue/secret.ts";
import type { SecretRequest } from "../secret/request.ts";
import { describeSecretEngine, isSecretEngine, type SecretEngine } from "../vault/secret-engines.ts";
import type { SecretFile } from "../vault/secret-file.ts";
import { toAgentPath } from "../vault/template.ts";

/**
 * Finds what would break out of the injector's own template, or make the agent read another path (vault-k8s
 * `agent-inject/agent/config.go`, `DefaultMapTemplate`: the path stands in it as it is).
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

/** Vault's API path, as its web page shows it: `v1` is no part of a secret's path. */
const API_PATH = /^v1\//;

/** `data` right after the first segment: how a path of KV version 2 nearly always looks. */
const VERSION_2_PATH = /^[^/]+\/data\//;

/**
 * Finds what looks as if another engine was meant.
 *
 * @param engine the engine that serves the request
 * @param request after the plugins
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
    found.report(secretIssues["secret.engine-unknown"], { annotation, version, engine }, where);
  }
  if (API_PATH.test(path)) found.report(secretIssues["secret.api-path"], { annotation, path }, where);
  if (row.hasDataSegment && !hasData(path)) {
    found.report(secretIssues["secret.kv2-data"], { annotation, path }, where);
  }
  if (engine === "kv1" && VERSION_2_PATH.test(path)) {
    found.report(secretIssues["secret.kv1-data"], { annotation, path }, where);
  }
}

/** A mount may have several segments, so that any but the first may be the one (Vault, KV version 2 API). */
function hasData(path: string): boolean {
  return path.indexOf("/data/") > 0 || path.endsWith("/data");
}

/**
 * Finds files that get the whole answer of one credential, where their keys look as if each selected a field: the agent
 * renews and ends one credential only, and every file has all of its fields.
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
