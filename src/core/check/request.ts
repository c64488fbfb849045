/** What Vault mode demands of a secret request: Flyte's own conditions, and DESIGN §3 rule 3. */

import type { Issue } from "../issue/issue.ts";
import { secretIssues } from "../issue/secret.ts";
import { MountRequirement, type SecretRequest } from "../secret/request.ts";

/**
 * Finds everything that is wrong with a request.
 *
 * @param request after the plugins have seen it
 * @param annotation where it came from
 */
export function validateRequest(request: SecretRequest, annotation: string): Issue[] {
  const where = { annotation };
  const { group, key, mount_requirement: mount } = request;
  const issues: Issue[] = [];
  if (mount === MountRequirement.ENV_VAR) {
    issues.push(secretIssues["secret.env-var"]({ annotation, group, key }, where));
  } else if (mount !== MountRequirement.ANY && mount !== MountRequirement.FILE) {
    issues.push(secretIssues["secret.mount-unknown"]({ annotation, mount }, where));
  }
  if (group === "") issues.push(secretIssues["secret.group-missing"]({ annotation }, where));
  else validateName("group", group, annotation, issues);
  if (key === "") issues.push(secretIssues["secret.key-missing"]({ annotation }, where));
  else validateName("key", key, annotation, issues);
  return issues;
}

/** Anything that is refused in a name. Nearly no name has it, and one look says so. */
const SUSPICIOUS = /\p{Cc}|\{\{|\}\}|(?:^|\/)\.{0,2}(?:\/|$)/u;

function validateName(field: "group" | "key", value: string, annotation: string, issues: Issue[]): void {
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
