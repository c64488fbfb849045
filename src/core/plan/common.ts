/** The annotations of every pod with requests, folded and checked once, when a configuration is compiled. */

import { reportAnnotation } from "../check/annotation.ts";
import type { PodCheck } from "../check/change.ts";
import { compileRules } from "../check/finished.ts";
import { Findings } from "../issue/findings.ts";
import { foldLayers, type Layer, type Line, toLayer } from "../layer.ts";
import type { InjectorSettings, VaultSettings } from "../settings.ts";
import { VAULT_DOMAIN, VaultKeyPrefix } from "../vault/key.ts";
import type { SecretFile } from "../vault/secret-file.ts";
import { CONFIG_ANNOTATIONS_PATH, renderCommonLayers } from "../vault/transformer.ts";

/** The layers that do not depend on requests, and everything that follows from them alone. */
export interface Common {
  /** @returns all layers below the plugins', lowest first */
  readonly around: (files: readonly SecretFile[]) => Layer[];
  /** The annotations that every pod gets. */
  readonly final: ReadonlyMap<string, string>;
  /** The rules for a pod that has only these annotations and those of its requests. */
  readonly rules: readonly PodCheck[];
  /** Annotation keys of the configuration outside the injector's domain. */
  readonly foreignKeys: readonly string[];
  /** Whether the configuration itself declares files, which may collide with a request's. */
  readonly declaresFiles: boolean;
  /** Whether its annotations and the injector's flags alone could make the agent's configuration too long. */
  readonly hasLongTexts: boolean;
  /** Findings about single lines of the configuration. */
  readonly issues: readonly (readonly [Line, Findings])[];
}

/** Folds and checks the annotations that a configuration sets on every pod. */
export function foldCommon(vault: VaultSettings, injector?: InjectorSettings): Common {
  const [webhook, role] = renderCommonLayers(vault);
  const config = toLayer({ kind: "config", path: CONFIG_ANNOTATIONS_PATH }, vault.annotations);
  const keys = config.map(({ key }) => key);
  const folded = [...foldLayers([webhook, role, config]).values()];
  const final = new Map(folded.map(({ key, value }) => [key, value ?? ""]));
  return {
    around: (files) => [webhook, ...files.map(({ layer }) => layer), role, config],
    final,
    rules: compileRules(final, injector),
    foreignKeys: keys.filter((key) => !key.startsWith(VAULT_DOMAIN)),
    declaresFiles: keys.some((key) => FILE_PREFIXES.some((prefix) => key.startsWith(prefix))),
    hasLongTexts:
      countCharacters([...final.values(), ...Object.values(injector?.flags ?? {})]) > FEW_CHARACTERS,
    issues: config.map((line) => [line, checkLine(line)] as const).filter(([, found]) => found.total > 0),
  };
}

/** Far below what a configuration can have, so that a few short files beside it cannot make it too long. */
const FEW_CHARACTERS = 4_000;

function countCharacters(texts: readonly string[]): number {
  return texts.reduce((sum, { length }) => sum + length, 0);
}

const FILE_PREFIXES = [VaultKeyPrefix.secret, VaultKeyPrefix.file, VaultKeyPrefix.template];

function checkLine({ key, value }: Line): Findings {
  const found = new Findings();
  reportAnnotation(key, value ?? "", found);
  return found;
}
