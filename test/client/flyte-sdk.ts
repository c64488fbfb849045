/** The SDK of Flyte v2 itself: the request that it sends, and a task that reads variables and files as its examples do. */
import { findPython, runPython } from "./python.ts";
import type { Sent } from "./sent.ts";

/** The SDK whose behaviour the tests state. */
export const FLYTE_SDK = "2.12.1";

const REQUEST = `
import json, sys
import flyte
from flyte._internal.runtime.task_serde import get_security_context
from google.protobuf import text_format
answers = []
for fields in json.load(sys.stdin):
    try:
        secrets = fields if isinstance(fields, str) else flyte.Secret(**fields)
        (sent,) = get_security_context(secrets, None).secrets
        answers.append({"text": text_format.MessageToString(sent)})
    except ValueError as error:
        answers.append({"error": str(error)})
print(json.dumps(answers))
`;

const TASK = `
import json, os, pathlib, sys
asked = json.load(sys.stdin)
found = {}
for name in asked["variables"]:
    found[name] = os.environ.get(name)
for path in asked["files"]:
    file = pathlib.Path(path)
    found[path] = file.read_text() if file.exists() else None
print(json.dumps(found))
`;

/** Finds a Python with the SDK, or installs one (a minute, once). Rejects, in words to act on, where neither works. */
export function findSdk(): Promise<string> {
  return findPython("flyte", FLYTE_SDK);
}

/** Makes the requests of `flyte.Secret(…)`; a text stands for `secrets="…"`. */
export async function requestOfSdk(fields: readonly (object | string)[]): Promise<readonly Sent[]> {
  return (await runPython(await findSdk(), REQUEST, fields)) as readonly Sent[];
}

/**
 * Runs a task that reads `os.environ[NAME]` and opens files.
 *
 * @param env variables of its container
 * @returns the values by name or path; `null` for what is not there
 */
export async function readAsTask(
  env: Readonly<Record<string, string>>,
  variables: readonly string[],
  files: readonly string[],
): Promise<Readonly<Record<string, string | null>>> {
  const read = await runPython(await findSdk(), TASK, { variables, files }, env);
  return read as Readonly<Record<string, string | null>>;
}
