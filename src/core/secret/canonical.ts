/**
 * The one form in which Flyte itself writes a secret request: fields in the order of their numbers, one a line, default
 * values left out (golang/protobuf v1.5.4 `proto/text_encode.go`). Nearly every request arrives like this, and
 * `text.ts` reads all others.
 */
import { MountRequirement, type SecretRequest } from "./request.ts";

// Printable ASCII without quotes and backslashes needs no unescaping. Linear: what ends a value cannot be part of it.
const CANONICAL =
  /^(?:group: "([ !#-[\]-~]*)"\n)?(?:group_version: "([ !#-[\]-~]*)"\n)?(?:key: "([ !#-[\]-~]*)"\n)?(?:mount_requirement: (ENV_VAR|FILE)\n)?(?:env_var: "([ !#-[\]-~]*)"\n)?$/;

/** @returns the request, or `undefined` where the text has to be parsed. */
export function parseCanonical(text: string): SecretRequest | undefined {
  const match = CANONICAL.exec(text);
  if (!match) return undefined;
  const [, group = "", group_version = "", key = "", mount, env_var = ""] = match;
  return { group, group_version, key, env_var, mount_requirement: toMount(mount) };
}

function toMount(name: string | undefined): number {
  if (name === "FILE") return MountRequirement.FILE;
  return name === undefined ? MountRequirement.ANY : MountRequirement.ENV_VAR;
}
