/**
 * Checks a pod's own annotations under the id of one of the webhook's files. Stable ids are predictable, so a pod could direct
 * one request's secret to another request's file, or read another path than the audit annotations show.
 */
import type { Findings } from "../issue/findings.ts";
import { secretIssues } from "../issue/secret.ts";
import type { Line } from "../layer.ts";
import { VaultKeyPrefix } from "../vault/key.ts";
import type { SecretFile } from "../vault/secret-file.ts";

/**
 * Reports annotations of a pod that contradict a request about its file. The pod may have its own template.
 *
 * @param files the webhook's files, under the ids that the pod has for them
 * @param carried the pod's own annotations
 * @param folded the platform's annotations: if a plugin moves a file, a second call of the webhook finds that on the pod
 */
export function checkCarried(
  files: readonly SecretFile[],
  carried: Readonly<Record<string, string | null>>,
  folded: ReadonlyMap<string, Line>,
  found: Findings,
): void {
  for (const { annotation, layer } of files) {
    for (const { key, value: expected } of layer) {
      if (key.startsWith(VaultKeyPrefix.template) || !Object.hasOwn(carried, key)) continue;
      const value = carried[key] ?? "";
      if (value === expected || value === folded.get(key)?.value) continue;
      const facts = { annotation, key, value, expected: expected ?? "" };
      found.report(secretIssues["secret.carried"], facts, { annotation: key });
    }
  }
}
