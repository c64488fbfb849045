/** flytekit itself, the SDK of Flyte v1: the request that it sends, and the code that a task runs to read a secret. */
import { findPython, runPython } from "./python.ts";
import type { Sent } from "./sent.ts";

/** The flytekit whose behaviour the tests state. */
export const FLYTEKIT = "1.16.31";

/** How a task asks: `current_context().secrets.get(group, key, group_version)`. */
export interface Ask {
  readonly group?: string;
  readonly key: string;
  readonly group_version?: string;
}

/** What the task is given. */
export type Given = { readonly found: string } | { readonly error: string };

const TASK = `
import json, sys
from flytekit import current_context
answers = []
for ask in json.load(sys.stdin):
    try:
        answers.append({"found": current_context().secrets.get(**ask)})
    except ValueError as error:
        answers.append({"error": str(error)})
print(json.dumps(answers))
`;

const REQUEST = `
import json, sys
from flytekit import Secret
from google.protobuf import text_format
answers = []
for fields in json.load(sys.stdin):
    mount = fields.pop("mount_requirement", None)
    if mount is not None:
        fields["mount_requirement"] = Secret.MountType[mount]
    try:
        answers.append({"text": text_format.MessageToString(Secret(**fields).to_flyte_idl())})
    except ValueError as error:
        answers.append({"error": str(error)})
print(json.dumps(answers))
`;

/** Finds a Python with flytekit, or installs one (a minute, once). Rejects, in words to act on, where neither works. */
export function findFlytekit(): Promise<string> {
  return findPython("flytekit", FLYTEKIT);
}

/**
 * Runs flytekit's part of a task.
 *
 * @param variables of the task's container
 * @returns an answer for each question, in order
 */
export async function askFlytekit(
  variables: Readonly<Record<string, string>>,
  asks: readonly Ask[],
): Promise<readonly Given[]> {
  return (await runPython(await findFlytekit(), TASK, asks, variables)) as readonly Given[];
}

/** Makes the requests of `flytekit.Secret(…)`; `mount_requirement` is the name of a MountType. */
export async function requestOfFlytekit(fields: readonly object[]): Promise<readonly Sent[]> {
  return (await runPython(await findFlytekit(), REQUEST, fields)) as readonly Sent[];
}
