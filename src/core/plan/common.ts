/** The annotations of every pod with requests, folded and checked once, when a configuration is compiled. */

import { IndexedAnnotations } from "../../injector/indexed-annotations.ts";
import { measureFlags } from "../check/agent-config.ts";
import { reportAnnotation } from "../check/annotation.ts";
import type { PodCheck } from "../check/change.ts";
import { compileRules } from "../check/finished.ts";
import { Findings } from "../issue/findings.ts";
import { foldLayers, type Layer, type Line, toLayer } from "../layer.ts";
import { joinOperations } from "../patch/render.ts";
import type { InjectorSettings, VaultSettings } from "../settings.ts";
import { toSecretsDir } from "../vault/env.ts";
import { VAULT_DOMAIN, VaultKey, VaultKeyPrefix } from "../vault/key.ts";
import type { SecretFile } from "../vault/secret-file.ts";
import { CONFIG_ANNOTATIONS_PATH, renderCommonLayers } from "../vault/transformer.ts";

/** The layers that do not depend on requests, and everything that follows from them alone. */
export interface Common {
  /** @returns all layers below the plugins', lowest first */
  readonly around: (files: readonly SecretFile[]) => Layer[];
  /** @returns the joined patch operations of these layers, for files that no line of the configuration declares */
  readonly renderOperations: (files: readonly SecretFile[]) => string;
  /** Value of the variable with the secrets' folder. */
  readonly secretsDir: string;
  /** The annotations that every pod gets. */
  readonly final: IndexedAnnotations;
  /** The rules for a pod that has only these annotations and those of its requests. */
  readonly rules: readonly PodCheck[];
  /** Annotation keys of the configuration outside the injector's domain. */
  readonly foreignKeys: readonly string[];
  /** Whether the configuration itself declares files, which may collide with a request's. */
  readonly declaresFiles: boolean;
  /** Length of these annotations and of the injector's flags, in UTF-16 units. */
  readonly configUnits: number;
  /** Findings about single lines of the configuration. */
  readonly issues: readonly (readonly [Line, Findings])[];
}

/** Folds and checks the annotations that a configuration sets on every pod. */
export function foldCommon(vault: VaultSettings, injector?: InjectorSettings): Common {
  const [webhook, role] = renderCommonLayers(vault);
  const config = toLayer({ kind: "config", path: CONFIG_ANNOTATIONS_PATH }, vault.annotations);
  const keys = config.map(({ key }) => key);
  const winning = foldLayers([webhook, role, config]);
  const folded = [...winning.values()];
  const operations = folded.map(({ operation }) => operation);
  const [before, after] = [operations.slice(0, webhook.length), operations.slice(webhook.length)];
  const final = new IndexedAnnotations(folded.map(({ key, value }) => [key, value ?? ""]));
  return {
    renderOperations: (files) =>
      joinOperations([...before, ...files.map((file) => file.operations), ...after]),
    secretsDir: toSecretsDir(winning.get(VaultKey.secretVolumePath)?.value ?? undefined),
    around: (files) => [webhook, ...files.map(({ layer }) => layer), role, config],
    final,
    rules: compileRules(final, injector),
    foreignKeys: keys.filter((key) => !key.startsWith(VAULT_DOMAIN)),
    declaresFiles: keys.some((key) => FILE_PREFIXES.some((prefix) => key.startsWith(prefix))),
    configUnits: final.units + measureFlags(injector),
    issues: config.map((line) => [line, checkLine(line)] as const).filter(([, found]) => found.total > 0),
  };
}

const FILE_PREFIXES = [VaultKeyPrefix.secret, VaultKeyPrefix.file, VaultKeyPrefix.template];

function checkLine({ key, value }: Line): Findings {
  const found = new Findings();
  reportAnnotation(key, value ?? "", found);
  return found;
}
