/** Which configuration a command uses. */
import { resolve } from "node:path";
import type { CliIo } from "./io.ts";

const VARIABLE = "FLYTE_VAULT_WEBHOOK_CONFIG";
const DEFAULT = "config/webhook.yaml";

/**
 * Resolves the configuration's paths: `--config`, else the variable (split at colons), else config/webhook.yaml in the
 * working folder. There is no further default: results for the example's role instead of the cluster's would be wrong
 * without a visible sign.
 */
export function toConfigPaths(given: readonly string[], { env, cwd }: CliIo): string[] {
  const named = (env[VARIABLE] ?? "").split(":").filter((path) => path !== "");
  const paths = given.length > 0 ? given : named.length > 0 ? named : [DEFAULT];
  return paths.map((path) => resolve(cwd, path));
}
