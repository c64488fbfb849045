/**
 * Files that a request is written to, and their ids.
 *
 * Flyte's webhook names a file `<group>/<key>` as given; flytekit looks for
 * `<group>[/<group_version>]/<key>`, all lower-cased (flytekit `core/context_manager.py`, `SecretsManager`).
 */
import { parse as parseUuid, v5 as uuidV5 } from "uuid";
import type { SecretRequest } from "../secret/request.ts";
import type { Engine, PolicySettings } from "../settings.ts";
import type { RequestFile } from "./key.ts";

/** Namespace of stable ids (RFC 9562, section 5.5); a change of it would inject every running pod's secrets anew. */
const ID_NAMESPACE = parseUuid("6f9b2d2e-5c0a-5f1e-9c77-0f1e7a5ec2e7");

/** A file without its id. */
export type FileName = Omit<RequestFile, "id">;

/** @returns the path that Flyte's webhook writes. */
export function toFlytePath(request: SecretRequest): string {
  return `${request.group}/${request.key}`;
}

/** @returns the path that flytekit will look for. */
export function toFlytekitPath({ group, group_version, key }: SecretRequest): string {
  const path = group_version === "" ? `${group}/${key}` : `${group}/${group_version}/${key}`;
  return path.toLowerCase();
}

/**
 * Finds the request that names the files. A task finds its file by what it asked for, whatever plugins make of it; what it
 * left empty is taken from their result.
 */
export function toNaming(original: SecretRequest, effective: SecretRequest): SecretRequest {
  if (original.group !== "" && original.key !== "") return original;
  return { ...original, group: original.group || effective.group, key: original.key || effective.key };
}

/**
 * Names the files of a request.
 *
 * @param naming the request that names them, see {@link toNaming}
 */
export function nameFiles(naming: SecretRequest, policy: PolicySettings["fileNames"]): FileName[] {
  const [flyte, flytekit] = [toFlytePath(naming), toFlytekitPath(naming)];
  if (flyte === flytekit) return [{ path: flyte, for: FOR_BOTH }];
  const first: FileName = { path: flyte, for: FOR_FLYTE };
  return policy === "flyte" ? [first] : [first, { path: flytekit, for: FOR_FLYTEKIT }];
}

const FOR_BOTH = ["flyte", "flytekit"] as const;
const FOR_FLYTE = ["flyte"] as const;
const FOR_FLYTEKIT = ["flytekit"] as const;

/**
 * What makes two requests one: the engine, the Vault path, the key and the file.
 *
 * @returns a text that is equal exactly for equal identities; none of the parts can hold a NUL
 */
export function toIdentity(engine: Engine, path: string, key: string, file: string): string {
  return `${engine}\0${path}\0${key}\0${file}`;
}

/** @returns the stable id of an identity: the same pod gets the same annotations, now and in every replica. */
export function toStableId(identity: string): string {
  return uuidV5(toAsciiBytes(identity) ?? identity, ID_NAMESPACE);
}

/** Most identities are ASCII; the library's own way from text to bytes takes as long as the rest of its work. */
function toAsciiBytes(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return undefined;
    bytes[i] = code;
  }
  return bytes;
}
