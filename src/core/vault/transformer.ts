/**
 * The base transformer: a secret request to the injector's annotations
 * (Flyte `webhook/vault_secret_manager.go` and `pluginmachinery` `CreateVaultAnnotationsForSecret`).
 */
import type { Issue } from "../issue/issue.ts";
import { secretIssues } from "../issue/secret.ts";
import { type Layer, toLayer } from "../layer.ts";
import type { SecretRequest } from "../secret/request.ts";
import type { Engine, PolicySettings, VaultSettings } from "../settings.ts";
import { nameFiles, toFlytekitPath, toFlytePath, toIdentity } from "./file.ts";
import { FLYTE_VOLUME_PATH, VaultKey } from "./key.ts";
import { SecretFile } from "./secret-file.ts";

/** Where the configuration keeps the annotations that every pod gets. */
export const CONFIG_ANNOTATIONS_PATH = "webhook.vaultSecretManager.annotations";

/** A valid request, ready for the pod. */
export interface TransformedRequest {
  readonly annotation: string;
  /** As the task asked. */
  readonly request: SecretRequest;
  readonly engine: Engine;
  readonly files: readonly SecretFile[];
  /** What is worth telling, though the request can be served. */
  readonly issues: readonly Issue[];
  /** How audit annotations and logs name the secret. */
  readonly audit: { readonly engine: Engine; readonly path: string; readonly key: string };
}

/** @returns what every pod with requests gets: the webhook's own annotations, and the configured role. */
export function renderCommonLayers(vault: VaultSettings): [webhook: Layer, role: Layer] {
  const common = {
    [VaultKey.inject]: "true",
    [VaultKey.secretVolumePath]: FLYTE_VOLUME_PATH,
    [VaultKey.prePopulateOnly]: "true",
  };
  const role = vault.role === "" ? {} : { [VaultKey.role]: vault.role };
  return [
    toLayer({ kind: "webhook" }, common),
    toLayer({ kind: "config", path: "webhook.vaultSecretManager.role" }, role),
  ];
}

/** @returns the engine that serves a request; an unknown version means the configured one. */
export function toEngine(groupVersion: string, kvVersion: 1 | 2): Engine {
  if (groupVersion === "kv1" || groupVersion === "kv2" || groupVersion === "db") return groupVersion;
  return kvVersion === 1 ? "kv1" : "kv2";
}

/**
 * Transforms one valid request.
 *
 * @param annotation key of the annotation that carried it
 * @param original as the task asked
 * @param naming the same with what it left empty filled in; names the files
 * @param effective after the plugins; names the secret in Vault
 * @param toId id of an identity
 */
export function transformRequest(
  annotation: string,
  original: SecretRequest,
  naming: SecretRequest,
  effective: SecretRequest,
  engine: Engine,
  policy: PolicySettings,
  toId: (identity: string) => string,
): TransformedRequest {
  const { group: path, key } = effective;
  const secret = { annotation, engine, path, key };
  const files = nameFiles(naming, policy.fileNames).map((name) => {
    const identity = toIdentity(engine, path, key, name.path);
    return new SecretFile(secret, name, identity, toId(identity));
  });
  return {
    annotation,
    request: original,
    engine,
    files,
    issues: tell(annotation, naming, engine, path, policy),
    audit: { engine, path, key },
  };
}

const NOTHING_TO_TELL: readonly Issue[] = [];

function tell(
  annotation: string,
  naming: SecretRequest,
  engine: Engine,
  path: string,
  policy: PolicySettings,
): readonly Issue[] {
  const issues = policy.fileNames === "flyte" ? compareFileNames(annotation, naming) : NOTHING_TO_TELL;
  if (engine !== "kv2" || hasData(path)) return issues;
  return [...issues, secretIssues["secret.kv2-data"]({ annotation, path }, { annotation })];
}

/** A mount may have several segments, so that any but the first may be the one (Vault, KV version 2 API). */
function hasData(path: string): boolean {
  return path.indexOf("/data/") > 0 || path.endsWith("/data");
}

/** flytekit may look elsewhere: surely where case differs, and when it is asked with a version. */
function compareFileNames(annotation: string, request: SecretRequest): readonly Issue[] {
  const facts = { annotation, file: toFlytePath(request), expected: toFlytekitPath(request) };
  if (facts.file === facts.expected) return NOTHING_TO_TELL;
  const differsInCase = facts.file !== facts.file.toLowerCase();
  const code = differsInCase ? "secret.file-name-case" : "secret.file-name-version";
  return [secretIssues[code](facts, { annotation })];
}
