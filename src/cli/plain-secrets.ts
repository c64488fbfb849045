/** Secrets from files of the plain form. */

import type { Issue } from "../core/issue/issue.ts";
import { previewIssues } from "../core/issue/preview.ts";
import { isObject } from "../core/json.ts";
import { failure, isNonEmpty, type Result, success } from "../core/result.ts";
import type { SecretRequest } from "../core/secret/request.ts";
import { describe } from "../preview/input/describe.ts";
import { parseDocuments } from "../preview/input/parse.ts";
import { parsePlainForm } from "../preview/input/plain.ts";
import type { CliIo } from "./io.ts";
import { type InputText, readSources } from "./source.ts";

/**
 * Reads `secrets: [{ group, key }]` from files, folders or standard input.
 *
 * @returns the secrets of all documents in order, or every error, each with its file
 */
export async function readPlainSecrets(
  paths: readonly string[],
  io: CliIo,
): Promise<Result<readonly SecretRequest[]>> {
  const sources = await readSources(paths, io);
  if (!sources.ok) return sources;
  const issues: Issue[] = [];
  const secrets = sources.value.flatMap((source) => readSecrets(source, issues));
  return isNonEmpty(issues) ? failure(issues) : success(secrets);
}

function readSecrets({ name, text }: InputText, issues: Issue[]): readonly SecretRequest[] {
  const fail = (found: readonly Issue[]) => {
    issues.push(...found.map((issue) => ({ ...issue, message: `${name}: ${issue.message}` })));
    return [];
  };
  const parsed = parseDocuments(text);
  if (!parsed.ok) return fail(parsed.issues);
  return parsed.value.flatMap((document) => {
    if (!isObject(document))
      return fail([previewIssues["preview.not-an-object"]({ found: describe(document) })]);
    const form = parsePlainForm(document, "");
    return form.ok ? form.value.secrets : fail(form.issues);
  });
}
