/**
 * The base transformer: secret request → the injector's annotations
 * (Flyte `webhook/vault_secret_manager.go` and `pluginmachinery` `CreateVaultAnnotationsForSecret`).
 */
import { type Layer, toLayer } from "../layer.ts";
import type { SecretRequest } from "../secret/request.ts";
import type { PolicySettings, VaultSettings } from "../settings.ts";
import { nameFiles, toAsked, toIdentity } from "./file.ts";
import { FLYTE_VOLUME_PATH, VaultKey } from "./key.ts";
import { isSecretEngine, type SecretEngine } from "./secret-engines.ts";
import { SecretFile } from "./secret-file.ts";
import { isVariable, nameVariables, type TaskVariable } from "./variable.ts";

/** Path of the annotations for every pod in the configuration. */
export const CONFIG_ANNOTATIONS_PATH = "webhook.vaultSecretManager.annotations";

/** A valid request, ready for the pod. */
export interface TransformedRequest {
  readonly annotation: string;
  /** The request as the task made it. */
  readonly request: SecretRequest;
  readonly engine: SecretEngine;
  readonly files: readonly SecretFile[];
  /** Environment variables that the request asks for. */
  readonly variables: readonly TaskVariable[];
  /** The secret's name in audit annotations and logs. */
  readonly audit: { readonly engine: SecretEngine; readonly path: string; readonly key: string };
}

/** @returns the layers of every pod with requests: the webhook's own annotations, and the configured role */
export function renderCommonLayers(vault: VaultSettings): [webhook: Layer, role: Layer] {
  const common = {
    [VaultKey.inject]: "true",
    [VaultKey.secretVolumePath]: FLYTE_VOLUME_PATH,
    [VaultKey.prePopulateOnly]: "true",
  };
  return [
    toLayer({ kind: "webhook" }, common),
    // Flyte also sets an empty role.
    toLayer({ kind: "config", path: "webhook.vaultSecretManager.role" }, { [VaultKey.role]: vault.role }),
  ];
}

/** @returns the engine for a request; an unknown version means the configured engine, as in Flyte */
export function toEngine(groupVersion: string, kvVersion: 1 | 2): SecretEngine {
  if (isSecretEngine(groupVersion)) return groupVersion;
  return kvVersion === 1 ? "kv1" : "kv2";
}

/**
 * Transforms one valid request.
 *
 * @param annotation key of the request's annotation
 * @param original the request as the task made it
 * @param naming the original with empty fields filled in; it names the files
 * @param effective the request after the plugins; it names the secret in Vault
 * @param toId returns the id of an identity
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
  const asked = toAsked(original, naming);
  const secret = { annotation, engine, path, key, isVariable: isVariable(naming, policy.envVars) };
  const files = nameFiles(naming, policy, asked).map((name) => {
    const identity = toIdentity(engine, path, key, name.path);
    return new SecretFile(secret, name, identity, toId(identity));
  });
  return {
    annotation,
    request: original,
    engine,
    files,
    variables: nameVariables(annotation, naming, asked, files[0]?.path ?? "", policy.envVars),
    audit: { engine, path, key },
  };
}
