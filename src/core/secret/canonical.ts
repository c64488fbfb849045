/**
 * The form in which Flyte itself writes a secret request: fields in the order of their numbers, one per line, default values
 * left out (golang/protobuf v1.5.4 `proto/text_encode.go`). Nearly every request has this form, and one regular expression
 * reads it faster than the parser in `text.ts`, which reads all others.
 */
import { MountRequirement, type SecretRequest } from "./request.ts";

// Values are printable ASCII without quotes and backslashes, so they need no unescaping. Matching is linear, because the quote
// that ends a value cannot be part of it.
const CANONICAL =
  /^(?:group: "([ !#-[\]-~]*)"\n)?(?:group_version: "([ !#-[\]-~]*)"\n)?(?:key: "([ !#-[\]-~]*)"\n)?(?:mount_requirement: (ENV_VAR|FILE)\n)?(?:env_var: "([ !#-[\]-~]*)"\n)?$/;

/** @returns the request, or `undefined` if the text is not in this form and needs the parser */
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
