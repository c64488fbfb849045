/** Checks that flytekit will find a task's files, because its names differ from those of Flyte's webhook. */
import type { Findings } from "../issue/findings.ts";
import { secretIssues } from "../issue/secret.ts";
import type { SecretRequest } from "../secret/request.ts";
import type { PolicySettings } from "../settings.ts";
import { nameFiles, toFlytekitPath, toFlytePath, toSdkPath } from "../vault/file.ts";

/**
 * Reports a file that flytekit looks for under another name: always if the case differs, or if the task reads the secret with
 * its group_version. Tasks of the v2 SDK look elsewhere where the key has upper case, and every client where the task gave no
 * group.
 *
 * @param naming the request whose fields name the files
 * @param asked the same, with the group as the task gave it
 */
export function adviseFileNames(
  naming: SecretRequest,
  asked: SecretRequest,
  policy: PolicySettings["fileNames"],
  annotation: string,
  found: Findings,
): void {
  const names = nameFiles(naming, { fileNames: policy, envVars: "refuse" }, asked);
  const isWritten = (expected: string) => names.some(({ path }) => path === expected);
  const file = toFlytePath(naming);
  const flytekit = toFlytekitPath(asked);
  const sdk = toSdkPath(asked);
  if (asked.group === "") {
    const expected = [flytekit, sdk].find((path) => !isWritten(path));
    if (expected === undefined) return;
    found.report(secretIssues["secret.file-name-group"], { annotation, file, expected }, { annotation });
    return;
  }
  if (!isWritten(flytekit)) {
    const code = file !== file.toLowerCase() ? "secret.file-name-case" : "secret.file-name-version";
    found.report(secretIssues[code], { annotation, file, expected: flytekit }, { annotation });
  }
  if (!isWritten(sdk)) {
    found.report(secretIssues["secret.file-name-sdk"], { annotation, file, expected: sdk }, { annotation });
  }
}
