/** What every pod with requests gets under one configuration, folded once when the configuration is compiled. */

import { checkAnnotation } from "../check/annotation.ts";
import type { Issue } from "../issue/issue.ts";
import { foldLayers, type Layer, type Line, toLayer } from "../layer.ts";
import { joinOperations } from "../patch/render.ts";
import type { VaultSettings } from "../settings.ts";
import { VAULT_DOMAIN, VaultKeyPrefix } from "../vault/key.ts";
import type { SecretFile } from "../vault/secret-file.ts";
import { CONFIG_ANNOTATIONS_PATH, renderCommonLayers } from "../vault/transformer.ts";

/** The layers around those of the requests. */
export interface Common {
  /** @returns all layers below the plugins', lowest first. */
  readonly around: (files: readonly SecretFile[]) => Layer[];
  /** Winning lines whose keys come before those of the requests, in patches and in explanations. */
  readonly head: Folded;
  /** The same for those that come after. */
  readonly tail: Folded;
  /** Keys of the configuration that are not the injector's. */
  readonly foreignKeys: readonly string[];
  /** Whether the configuration has annotations of single files, which those of a request may meet. */
  readonly declaresFiles: boolean;
  /** What is wrong with a line of the configuration. */
  readonly issues: readonly (readonly [Line, readonly Issue[]])[];
}

/** Lines that nothing else overrides. */
interface Folded {
  readonly entries: readonly (readonly [key: string, value: string])[];
  /** Their patch operations, joined. */
  readonly operations: string;
}

/** Folds what a configuration says for every pod. */
export function foldCommon(vault: VaultSettings): Common {
  const [webhook, role] = renderCommonLayers(vault);
  const config = toLayer({ kind: "config", path: CONFIG_ANNOTATIONS_PATH }, vault.annotations);
  const winning = foldLayers([webhook, role, config]);
  const headKeys = new Set(webhook.map(({ key }) => key));
  const lines = [...winning.values()];
  const keys = config.map(({ key }) => key);
  return {
    around: (files) => [webhook, ...files.map(({ layer }) => layer), role, config],
    head: toFolded(lines.filter(({ key }) => headKeys.has(key))),
    tail: toFolded(lines.filter(({ key }) => !headKeys.has(key))),
    foreignKeys: keys.filter((key) => !key.startsWith(VAULT_DOMAIN)),
    declaresFiles: keys.some((key) => FILE_PREFIXES.some((prefix) => key.startsWith(prefix))),
    issues: config
      .map((line): [Line, Issue[]] => [line, checkAnnotation(line.key, line.value ?? "")])
      .filter(([, issues]) => issues.length > 0),
  };
}

const FILE_PREFIXES = [VaultKeyPrefix.secret, VaultKeyPrefix.file, VaultKeyPrefix.template];

function toFolded(lines: readonly Line[]): Folded {
  return {
    entries: lines.map(({ key, value }) => [key, value ?? ""] as const),
    operations: joinOperations(lines.map(({ operation }) => operation)),
  };
}
