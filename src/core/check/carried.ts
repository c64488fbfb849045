/**
 * A pod's own annotations under the id of one of our files. Stable ids can be foreseen, so a pod could point the file of one
 * request at the file of another, or read another path under the name that audit shows.
 */
import type { Issue } from "../issue/issue.ts";
import { secretIssues } from "../issue/secret.ts";
import type { Line } from "../layer.ts";
import type { SecretFile } from "../vault/secret-file.ts";

/** Parts of a file's declaration that belong to the request; a pod may bring a template of its own. */
const FIXED: ReadonlySet<string> = new Set(["secret", "file"]);

/**
 * Finds annotations of a pod that say something else about a file than its request.
 *
 * @param files our files, under the ids that the pod has for them
 * @param carried the pod's own annotations
 * @param folded what the platform sets: a plugin may move a file, and a second pass finds that on the pod
 */
export function checkCarried(
  files: readonly SecretFile[],
  carried: Readonly<Record<string, string | null>>,
  folded: ReadonlyMap<string, Line>,
): Issue[] {
  return files.flatMap(({ annotation, annotations }) =>
    annotations.flatMap(({ prefix, key, value: wanted }) => {
      if (!FIXED.has(prefix) || !Object.hasOwn(carried, key)) return [];
      const value = carried[key] ?? "";
      if (value === wanted || value === folded.get(key)?.value) return [];
      return [secretIssues["secret.carried"]({ annotation, key, value, wanted }, { annotation: key })];
    }),
  );
}
