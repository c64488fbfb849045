/**
 * The base transformer: a secret request to the injector's annotations
 * (Flyte `webhook/vault_secret_manager.go` and `pluginmachinery` `CreateVaultAnnotationsForSecret`).
 */
import { type Layer, toLayer } from "../layer.ts";
import type { SecretRequest } from "../secret/request.ts";
import type { PolicySettings, VaultSettings } from "../settings.ts";
import { nameFiles, toIdentity } from "./file.ts";
import { FLYTE_VOLUME_PATH, VaultKey } from "./key.ts";
import { isSecretEngine, type SecretEngine } from "./secret-engines.ts";
import { SecretFile } from "./secret-file.ts";
import { isVariable, nameVariables, type TaskVariable } from "./variable.ts";

/** Where the configuration keeps the annotations that every pod gets. */
export const CONFIG_ANNOTATIONS_PATH = "webhook.vaultSecretManager.annotations";

/** A valid request, ready for the pod. */
export interface TransformedRequest {
  readonly annotation: string;
  /** As the task asked. */
  readonly request: SecretRequest;
  readonly engine: SecretEngine;
  readonly files: readonly SecretFile[];
  /** Variables that it asks for by itself. */
  readonly variables: readonly TaskVariable[];
  /** How audit annotations and logs name the secret. */
  readonly audit: { readonly engine: SecretEngine; readonly path: string; readonly key: string };
}

/** @returns what every pod with requests gets: the webhook's own annotations, and the configured role. */
export function renderCommonLayers(vault: VaultSettings): [webhook: Layer, role: Layer] {
  const common = {
    [VaultKey.inject]: "true",
    [VaultKey.secretVolumePath]: FLYTE_VOLUME_PATH,
    [VaultKey.prePopulateOnly]: "true",
  };
  return [
    toLayer({ kind: "webhook" }, common),
    // Flyte sets it also where it is empty.
    toLayer({ kind: "config", path: "webhook.vaultSecretManager.role" }, { [VaultKey.role]: vault.role }),
  ];
}

/** @returns the engine that serves a request; an unknown version means the configured one, as in Flyte. */
export function toEngine(groupVersion: string, kvVersion: 1 | 2): SecretEngine {
  if (isSecretEngine(groupVersion)) return groupVersion;
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
  engine: SecretEngine,
  policy: PolicySettings,
  toId: (identity: string) => string,
): TransformedRequest {
  const { group: path, key } = effective;
  const secret = { annotation, engine, path, key, isVariable: isVariable(naming, policy.envVars) };
  const files = nameFiles(naming, policy).map((name) => {
    const identity = toIdentity(engine, path, key, name.path);
    return new SecretFile(secret, name, identity, toId(identity));
  });
  return {
    annotation,
    request: original,
    engine,
    files,
    variables: nameVariables(annotation, naming, files[0]?.path ?? "", policy.envVars),
    audit: { engine, path, key },
  };
}
