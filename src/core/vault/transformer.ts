/**
 * The base transformer: a secret request to the injector's annotations
 * (Flyte `webhook/vault_secret_manager.go` and `pluginmachinery` `CreateVaultAnnotationsForSecret`).
 */
import type { Issue } from "../issue/issue.ts";
import { secretIssues } from "../issue/secret.ts";
import { type Layer, toLayer, toLine } from "../layer.ts";
import type { RequestFile } from "../plugin/instance.ts";
import type { SecretRequest } from "../secret/request.ts";
import type { Engine, PolicySettings, VaultSettings } from "../settings.ts";
import { nameFiles, toFlytekitPath, toFlytePath, toIdentity } from "./file.ts";
import { FLYTE_VOLUME_PATH, VaultKey, VaultKeyPrefix } from "./key.ts";
import { renderFlyteTemplate, renderTemplate } from "./template.ts";

/** Where the configuration keeps the annotations that every pod gets. */
export const CONFIG_ANNOTATIONS_PATH = "webhook.vaultSecretManager.annotations";

/** One file to be written, with everything that its annotations say. */
export interface SecretFile extends RequestFile {
  /** Key of the pod annotation that asked for it. */
  readonly annotation: string;
  /** Equal for two requests that are one. */
  readonly identity: string;
  /** Vault path. */
  readonly vaultPath: string;
  /** Absent for `db`: the injector's own template is used. */
  readonly template?: string;
  /** Flyte's unguarded form of the template; an injected pod that carries it gets ours. */
  readonly flyteTemplate?: string;
  readonly layer: Layer;
}

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
 * @param original as the task asked; names the files
 * @param effective after the plugins; names the secret in Vault
 * @param toId id of an identity
 */
export function transformRequest(
  annotation: string,
  original: SecretRequest,
  effective: SecretRequest,
  engine: Engine,
  policy: PolicySettings,
  toId: (identity: string) => string,
): TransformedRequest {
  const { group: path, key } = effective;
  const files = nameFiles(original, policy.fileNames).map((name): SecretFile => {
    const identity = toIdentity(engine, path, key, name.path);
    const templates =
      engine === "db"
        ? {}
        : {
            template: renderTemplate(engine, path, key),
            flyteTemplate: renderFlyteTemplate(engine, path, key),
          };
    const file = { ...name, ...templates, annotation, identity, vaultPath: path, id: toId(identity) };
    return { ...file, layer: renderFileLayer(file) };
  });
  return {
    annotation,
    request: original,
    engine,
    files,
    issues: policy.fileNames === "flyte" ? compareFileNames(annotation, original) : [],
    audit: { engine, path, key },
  };
}

/** @returns the annotations of one file, under its id. */
export function renderFileLayer(file: Omit<SecretFile, "layer">): Layer {
  const { id, annotation, vaultPath, path, template } = file;
  const source = { kind: "secret", annotation } as const;
  const layer = [
    toLine(source, VaultKeyPrefix.secret + id, vaultPath),
    toLine(source, VaultKeyPrefix.file + id, path),
  ];
  if (template !== undefined) layer.push(toLine(source, VaultKeyPrefix.template + id, template));
  return layer;
}

/** flytekit may look elsewhere: surely where case differs, and when it is asked with a version. */
function compareFileNames(annotation: string, request: SecretRequest): Issue[] {
  const facts = { annotation, file: toFlytePath(request), wanted: toFlytekitPath(request) };
  if (facts.file === facts.wanted) return [];
  const differsInCase = facts.file !== facts.file.toLowerCase();
  const code = differsInCase ? "secret.file-name-case" : "secret.file-name-version";
  return [secretIssues[code](facts, { annotation })];
}
