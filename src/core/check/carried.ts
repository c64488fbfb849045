/**
 * A pod's own annotations under the id of one of our files. Stable ids can be foreseen, so a pod could point the file of one
 * request at the file of another, or read another path under the name that audit shows.
 */
import type { Findings } from "../issue/findings.ts";
import { secretIssues } from "../issue/secret.ts";
import type { Line } from "../layer.ts";
import { VaultKeyPrefix } from "../vault/key.ts";
import type { SecretFile } from "../vault/secret-file.ts";

/**
 * Finds annotations of a pod that say something else about a file than its request. A template may be the pod's own.
 *
 * @param files our files, under the ids that the pod has for them
 * @param carried the pod's own annotations
 * @param folded what the platform sets: a plugin may move a file, and a second pass finds that on the pod
 */
export function checkCarried(
  files: readonly SecretFile[],
  carried: Readonly<Record<string, string | null>>,
  folded: ReadonlyMap<string, Line>,
  found: Findings,
): void {
  for (const { annotation, layer } of files) {
    for (const { key, value: wanted } of layer) {
      if (key.startsWith(VaultKeyPrefix.template) || !Object.hasOwn(carried, key)) continue;
      const value = carried[key] ?? "";
      if (value === wanted || value === folded.get(key)?.value) continue;
      const facts = { annotation, key, value, wanted: wanted ?? "" };
      found.report(secretIssues["secret.carried"], facts, { annotation: key });
    }
  }
}
