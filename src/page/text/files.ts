/** The files that a task finds, and the line of Python that reads each. */
import { FLYTE_VOLUME_PATH, VaultKey, VaultKeyPrefix } from "../../core/vault/key.ts";
import type { Request, Result } from "../answer.ts";
import { showSource } from "./source.ts";

/** One file. */
export interface ShownFile {
  readonly path: string;
  /** Key of the annotation that asked for it. */
  readonly annotation: string;
  readonly group: string;
  readonly key: string;
  /** `flyte`, `flytekit`: whose client looks for it under this name. */
  readonly readers: readonly string[];
  /** What plugins changed in the request, and who did. */
  readonly changes: readonly string[];
  /** Reads it with flytekit (Flyte v1). */
  readonly v1: string;
  /** Reads it in a task of the v2 SDK, which has no call for it. */
  readonly v2: string;
}

/** @returns every file, in the order of the requests; none where the pod is refused */
export function listFiles({ allowed, requests, annotations }: Result): ShownFile[] {
  if (!allowed) return [];
  const values = new Map(annotations.map(({ key, value }) => [key, value]));
  const shared = values.get(VaultKey.secretVolumePath) ?? FLYTE_VOLUME_PATH;
  return requests.flatMap((request) =>
    request.files.map(({ id, path, for: readers }) => {
      const folder = (values.get(VaultKeyPrefix.volume + id) ?? shared).replace(/\/$/, "");
      const whole = `${folder}/${path}`;
      const { annotation, group, key } = request;
      const read = `Path(${quotePython(whole)}).read_text()`;
      const v1 = folder === FLYTE_VOLUME_PATH ? (renderFlytekit(request, path) ?? read) : read;
      return { path: whole, annotation, group, key, readers, changes: listChanges(request), v1, v2: read };
    }),
  );
}

function listChanges({ changes = [] }: Request): string[] {
  return changes.map(
    ({ field, from, value, source }) =>
      `${field} ${JSON.stringify(value)} (was ${JSON.stringify(from)}), changed by ${showSource(source).label}`,
  );
}

/** flytekit (`core/context_manager.py`, SecretsManager) looks for `group[/group_version]/key` in lower case. */
function renderFlytekit({ group, group_version, key }: Request, path: string): string | undefined {
  const call = `current_context().secrets.get(${quotePython(group)}, ${quotePython(key)}`;
  if (path === `${group}/${key}`.toLowerCase()) return `${call})`;
  if (path !== `${group}/${group_version}/${key}`.toLowerCase()) return undefined;
  return `${call}, group_version=${quotePython(group_version)})`;
}

/** JSON's strings are Python's, but for characters beyond the first plane, which both read as they are. */
function quotePython(text: string): string {
  return JSON.stringify(text);
}
