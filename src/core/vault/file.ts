/**
 * The files of a request, and their ids.
 *
 * Flyte's webhook names a file `<group>/<key>` as given; flytekit looks for
 * `<group>[/<group_version>]/<key>`, all lower-cased (flytekit `core/context_manager.py`, `SecretsManager`); tasks of the v2
 * SDK are shown `<group>/<key>` with the key in lower case and the group as given (flyte-sdk `_secret.py`). Both clients look
 * for a secret without a group in the folder itself, under the key in lower case.
 */
import type { Ports } from "../ports.ts";
import type { SecretRequest } from "../secret/request.ts";
import type { FileClient, PolicySettings } from "../settings.ts";
import type { RequestFile } from "./key.ts";
import type { SecretEngine } from "./secret-engines.ts";
import { isVariable, toVariableFile } from "./variable.ts";

/**
 * Namespace of stable ids (RFC 9562, section 5.5): 6f9b2d2e-5c0a-5f1e-9c77-0f1e7a5ec2e7. Never change it: every secret would
 * get another id, and pods reviewed before and after the change would differ.
 */
const ID_NAMESPACE: readonly number[] = [
  ...[0x6f, 0x9b, 0x2d, 0x2e, 0x5c, 0x0a, 0x5f, 0x1e],
  ...[0x9c, 0x77, 0x0f, 0x1e, 0x7a, 0x5e, 0xc2, 0xe7],
];

/** A file's path and readers, without its id. */
export type FileName = Omit<RequestFile, "id">;

/** @returns the path to which Flyte's webhook writes a secret, relative to the secrets' folder */
export function toFlytePath(request: SecretRequest): string {
  return `${request.group}/${request.key}`;
}

/**
 * @param request as the task asks for it: without a group, flytekit looks in the folder itself
 * @returns the path at which flytekit looks for a secret, relative to the secrets' folder
 */
export function toFlytekitPath({ group, group_version, key }: SecretRequest): string {
  return toPath(group, group_version, key).toLowerCase();
}

/**
 * @param request as the task asks for it: without a group, the SDK's example reads from the folder itself
 * @returns the path that tasks of the v2 SDK look for, relative to the secrets' folder
 */
export function toSdkPath({ group, key }: SecretRequest): string {
  return toPath(group, key.toLowerCase());
}

function toPath(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("/");
}

/** Whether files get a client's names: Flyte's own always. */
export function writesFor(client: FileClient, policy: PolicySettings["fileNames"]): boolean {
  return client === "flyte" || policy === client || (typeof policy !== "string" && policy.includes(client));
}

/**
 * Returns the request whose fields name the files: the original, because the task looks for what it asked for even if plugins
 * changed the request. Fields that the task left empty come from the changed request.
 */
export function toNaming(original: SecretRequest, effective: SecretRequest): SecretRequest {
  if (original.group !== "" && original.key !== "") return original;
  return { ...original, group: original.group || effective.group, key: original.key || effective.key };
}

/** @returns the naming request with the group as the task gave it, which may be empty */
export function toAsked(original: SecretRequest, naming: SecretRequest): SecretRequest {
  return original.group === naming.group ? naming : { ...naming, group: original.group };
}

/**
 * Names the files of a request.
 *
 * @param naming the request whose fields name the files, see {@link toNaming}
 * @param asked the same, with the group as the task gave it; clients look for a secret without a group elsewhere
 * @returns one file, or more if clients look for other paths and the policy serves them
 */
export function nameFiles(
  naming: SecretRequest,
  { fileNames: policy, envVars }: Pick<PolicySettings, "fileNames" | "envVars">,
  asked: SecretRequest = naming,
): FileName[] {
  if (isVariable(naming, envVars)) return [{ path: toVariableFile(naming), for: FOR_KUBELET }];
  const files = nameClassic(naming, asked, policy);
  return writesFor("flyte-sdk", policy) ? addSdk(files, asked) : files;
}

/** The files of Flyte v1's clients. */
function nameClassic(
  naming: SecretRequest,
  asked: SecretRequest,
  policy: PolicySettings["fileNames"],
): FileName[] {
  const flyte = toFlytePath(naming);
  const isWritten = writesFor("flytekit", policy);
  // With a version, flytekit looks elsewhere.
  if (naming.group_version !== "" && !isWritten) return [{ path: flyte, for: FOR_FLYTE }];
  const flytekit = toFlytekitPath(asked);
  if (flyte === flytekit) return [{ path: flyte, for: FOR_BOTH }];
  const first: FileName = { path: flyte, for: FOR_FLYTE };
  return isWritten ? [first, { path: flytekit, for: FOR_FLYTEKIT }] : [first];
}

/** Adds the v2 SDK to the readers of the file that it looks for, or a file of its own. */
function addSdk(files: FileName[], asked: SecretRequest): FileName[] {
  const path = toSdkPath(asked);
  if (!files.some((file) => file.path === path)) return [...files, { path, for: FOR_SDK }];
  return files.map((file) => (file.path === path ? { path, for: [...file.for, ...FOR_SDK] } : file));
}

const FOR_KUBELET = ["kubelet"] as const;
const FOR_BOTH = ["flyte", "flytekit"] as const;
const FOR_FLYTE = ["flyte"] as const;
const FOR_FLYTEKIT = ["flytekit"] as const;
const FOR_SDK = ["flyte-sdk"] as const;

/**
 * Joins the parts that identify a secret file: engine, Vault path, key and file path.
 *
 * @returns a text that is equal if and only if all parts are; validation excludes NUL from the parts
 */
export function toIdentity(engine: SecretEngine, path: string, key: string, file: string): string {
  return `${engine}\0${path}\0${key}\0${file}`;
}

/** The ports that stable ids need. */
export type IdPorts = Pick<Ports, "hashSha1" | "encodeUtf8">;

/** @returns the stable id of an identity: the same UUID at any time and in every replica */
export function toStableId(identity: string, ports: IdPorts): string {
  return toUuid(ports.hashSha1(toNamedBytes(identity, ports)));
}

/** @returns the bytes to hash: the namespace, then the identity in UTF-8 (RFC 9562, section 5.5) */
function toNamedBytes(text: string, { encodeUtf8 }: IdPorts): Uint8Array {
  const ascii = new Uint8Array(ID_NAMESPACE.length + text.length);
  ascii.set(ID_NAMESPACE);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // ASCII, which most identities are, is copied without an encoder.
    if (code > 0x7f) return Uint8Array.from([...ID_NAMESPACE, ...encodeUtf8(text)]);
    ascii[ID_NAMESPACE.length + i] = code;
  }
  return ascii;
}

/** @returns a version 5 UUID: the first 16 bytes of the digest, with four bits set to the version and two to the variant */
function toUuid(digest: string): string {
  const variant = ((Number.parseInt(digest.charAt(16), 16) & 0x3) | 0x8).toString(16);
  const third = `5${digest.slice(13, 16)}`;
  const fourth = `${variant}${digest.slice(17, 20)}`;
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-${third}-${fourth}-${digest.slice(20, 32)}`;
}
