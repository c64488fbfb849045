/** Checks that Flyte's clients will find a task's files, because their names differ from those of Flyte's webhook. */
import type { Findings } from "../issue/findings.ts";
import { secretIssues } from "../issue/secret.ts";
import type { SecretRequest } from "../secret/request.ts";
import { toFlytekitPath, toFlytePath, toSdkPath } from "../vault/file.ts";
import type { RequestFile } from "../vault/key.ts";

/**
 * Reports a file that a client looks for under another name: flytekit if the case differs, or if the task reads the secret
 * with its group_version; tasks of the v2 SDK if the key has upper case; every client where the task gave no group.
 *
 * @param naming the request whose fields name the files
 * @param asked the same, with the group as the task gave it
 * @param files the request's files
 */
export function adviseFileNames(
  naming: SecretRequest,
  asked: SecretRequest,
  files: readonly Pick<RequestFile, "path">[],
  annotation: string,
  found: Findings,
): void {
  const isWritten = (expected: string) => files.some(({ path }) => path === expected);
  const flytekit = toFlytekitPath(asked);
  if (asked.group === "") {
    const expected = [flytekit, toSdkPath(asked)].find((path) => !isWritten(path));
    if (expected === undefined) return;
    const facts = { annotation, file: toFlytePath(naming), expected };
    found.report(secretIssues["secret.file-name-group"], facts, { annotation });
    return;
  }
  if (!isWritten(flytekit)) {
    const file = toFlytePath(naming);
    const code = file !== file.toLowerCase() ? "secret.file-name-case" : "secret.file-name-version";
    found.report(secretIssues[code], { annotation, file, expected: flytekit }, { annotation });
  }
  if (naming.key === naming.key.toLowerCase()) return;
  const sdk = toSdkPath(asked);
  if (isWritten(sdk)) return;
  const facts = { annotation, file: toFlytePath(naming), expected: sdk };
  found.report(secretIssues["secret.file-name-sdk"], facts, { annotation });
}
