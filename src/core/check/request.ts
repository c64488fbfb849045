/** What Vault mode demands of a secret request: Flyte's own conditions, and names that stay in their folder and template. */

import type { Issue } from "../issue/issue.ts";
import { secretIssues } from "../issue/secret.ts";
import { MountRequirement, type SecretRequest } from "../secret/request.ts";

/** The request whose fields name the files, and which of them do. */
export interface NamingRequest {
  readonly request: SecretRequest;
  /** Whether a file's name has the group_version in it, as flytekit's has. */
  readonly hasVersion: boolean;
}

/**
 * Finds everything that is wrong with a request.
 *
 * @param request after the plugins have seen it
 * @param naming the request that names the files: a plugin may have replaced what the task asked for, and a file still has
 *   the name that the task looks for
 * @param annotation where it came from
 */
export function validateRequest(request: SecretRequest, naming: NamingRequest, annotation: string): Issue[] {
  const where = { annotation };
  const { group, key } = request;
  const issues = validateMount(request, annotation);
  if (group === "") issues.push(secretIssues["secret.group-missing"]({ annotation }, where));
  else validateName("group", group, annotation, issues);
  if (key === "") issues.push(secretIssues["secret.key-missing"]({ annotation }, where));
  else validateName("key", key, annotation, issues);
  const { request: names, hasVersion } = naming;
  if (names.group !== group) validateName("group", names.group, annotation, issues);
  if (names.key !== key) validateName("key", names.key, annotation, issues);
  if (hasVersion && names.group_version !== "") {
    validateName("group_version", names.group_version, annotation, issues);
  }
  return issues;
}

function validateMount({ group, key, mount_requirement: mount }: SecretRequest, annotation: string): Issue[] {
  const where = { annotation };
  if (mount === MountRequirement.ENV_VAR) {
    return [secretIssues["secret.env-var"]({ annotation, group, key }, where)];
  }
  if (mount === MountRequirement.ANY || mount === MountRequirement.FILE) return [];
  return [secretIssues["secret.mount-unknown"]({ annotation, mount }, where)];
}

/** Anything that is refused in a name. Nearly no name has it, and one look says so. */
const SUSPICIOUS = /\p{Cc}|\{\{|\}\}|(?:^|\/)\.{0,2}(?:\/|$)/u;

function validateName(
  field: "group" | "key" | "group_version",
  value: string,
  annotation: string,
  issues: Issue[],
): void {
  if (!SUSPICIOUS.test(value)) return;
  const facts = { annotation, field, value };
  const where = { annotation };
  if (/\p{Cc}/u.test(value)) issues.push(secretIssues["secret.control-character"](facts, where));
  if (value.includes("{{") || value.includes("}}")) {
    issues.push(secretIssues["secret.template-delimiter"](facts, where));
  }
  const segment = value.split("/").find((part) => part === "" || part === "." || part === "..");
  if (segment !== undefined) issues.push(secretIssues["secret.path-segment"]({ ...facts, segment }, where));
}
