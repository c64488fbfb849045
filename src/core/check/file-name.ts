/** Whether the clients of a task will find its files: each looks for a name of its own. */
import type { Findings } from "../issue/findings.ts";
import { secretIssues } from "../issue/secret.ts";
import type { SecretRequest } from "../secret/request.ts";
import type { PolicySettings } from "../settings.ts";
import { toFlytekitPath, toFlytePath } from "../vault/file.ts";

/**
 * flytekit may look elsewhere: surely where case differs, and when it is asked with a version.
 *
 * @param naming the request that names the files
 */
export function adviseFileNames(
  naming: SecretRequest,
  policy: PolicySettings["fileNames"],
  annotation: string,
  found: Findings,
): void {
  if (policy !== "flyte") return;
  const facts = { annotation, file: toFlytePath(naming), expected: toFlytekitPath(naming) };
  if (facts.file === facts.expected) return;
  const differsInCase = facts.file !== facts.file.toLowerCase();
  const code = differsInCase ? "secret.file-name-case" : "secret.file-name-version";
  found.report(secretIssues[code], facts, { annotation });
}
