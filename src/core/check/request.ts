/** Validates secret requests: Flyte's own conditions, and names that cannot leave their folder or break a template. */

import type { Findings } from "../issue/findings.ts";
import { secretIssues } from "../issue/secret.ts";
import { MountRequirement, type SecretRequest } from "../secret/request.ts";
import type { PolicySettings } from "../settings.ts";
import { measureUtf8 } from "../utf8.ts";
import { isVariable, isVariableName, toVariableName } from "../vault/variable.ts";

/**
 * Most bytes of a request's group, version and key together. Linux opens no path of 4,096 bytes or more (`PATH_MAX`), and
 * the folder of the secrets is part of it.
 */
export const LONGEST_FILE = 4_000;

/** The request whose fields name the files, and the settings that decide which fields do. */
export interface NamingRequest {
  readonly request: SecretRequest;
  readonly envVars: PolicySettings["envVars"];
  /** Whether file names contain the group_version, as flytekit's do. */
  readonly hasVersion: boolean;
}

/**
 * Reports every problem of a request.
 *
 * @param request the request after the plugins
 * @param naming the request whose fields name the files; if plugins changed the request, files still have the names that the
 *   task looks for
 * @param annotation key of the request's annotation
 */
export function validateRequest(
  request: SecretRequest,
  naming: NamingRequest,
  annotation: string,
  found: Findings,
): void {
  const where = { annotation };
  const { group, key } = request;
  const { request: names, hasVersion } = naming;
  const bytes = Math.max(measureLong(request), measureLong(names));
  if (bytes > LONGEST_FILE) {
    // Skip the other rules, which would search texts that may be as long as all annotations together.
    found.report(secretIssues["secret.too-long"], { annotation, bytes, limit: LONGEST_FILE }, where);
    return;
  }
  validateMount(request, naming.envVars, annotation, found);
  validateVariable(names, naming.envVars, annotation, found);
  if (group === "") found.report(secretIssues["secret.group-missing"], { annotation }, where);
  else validateName("group", group, annotation, found);
  if (key === "") found.report(secretIssues["secret.key-missing"], { annotation }, where);
  else validateName("key", key, annotation, found);
  if (names.group !== group) validateName("group", names.group, annotation, found);
  if (names.key !== key) validateName("key", names.key, annotation, found);
  if (hasVersion && names.group_version !== "") {
    validateName("group_version", names.group_version, annotation, found);
  }
}

/** @returns the bytes of all fields that may be part of a file's path; 0 if their lengths already show that they are short */
function measureLong({ group, group_version: version, key }: SecretRequest): number {
  // A unit of UTF-16 takes at most three bytes.
  if ((group.length + version.length + key.length) * 3 <= LONGEST_FILE) return 0;
  return measureUtf8(group) + measureUtf8(version) + measureUtf8(key);
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const OURS = /^FLYTE_SECRETS_/;

/** Checks that a variable has a valid name, and is not one of those by which Flyte's clients find secrets. */
function validateVariable(
  names: SecretRequest,
  envVars: PolicySettings["envVars"],
  annotation: string,
  found: Findings,
): void {
  const { env_var: name } = names;
  if (name !== "" && (!IDENTIFIER.test(name) || OURS.test(name))) {
    found.report(secretIssues["secret.variable-name"], { annotation, name }, { annotation });
  } else if (name === "" && isVariable(names, envVars) && !isVariableName(toVariableName(names))) {
    const facts = { annotation, name: toVariableName(names) };
    found.report(secretIssues["secret.variable-name"], facts, { annotation });
  }
}

/** Reports that the variable of a file request holds the file's path, because people expect the secret itself. */
export function adviseVariable(
  names: SecretRequest,
  envVars: PolicySettings["envVars"],
  annotation: string,
  found: Findings,
): void {
  const { env_var: name } = names;
  if (name === "" || isVariable(names, envVars)) return;
  found.report(secretIssues["secret.variable-path"], { annotation, name }, { annotation });
}

function validateMount(
  request: SecretRequest,
  envVars: PolicySettings["envVars"],
  annotation: string,
  found: Findings,
): void {
  const where = { annotation };
  const { group, key, mount_requirement: mount } = request;
  if (mount === MountRequirement.ENV_VAR) {
    if (envVars !== "refuse") return;
    found.report(secretIssues["secret.env-var"], { annotation, group, key }, where);
  } else if (mount !== MountRequirement.ANY && mount !== MountRequirement.FILE) {
    found.report(secretIssues["secret.mount-unknown"], { annotation, mount }, where);
  }
}

/** Matches any name that one of the checks below refuses, so that nearly all names need only this one test. */
const SUSPICIOUS = /\p{Cc}|\{\{|\}\}|(?:^|\/)\.{0,2}(?:\/|$)/u;

function validateName(
  field: "group" | "key" | "group_version",
  value: string,
  annotation: string,
  found: Findings,
): void {
  if (!SUSPICIOUS.test(value)) return;
  const facts = { annotation, field, value };
  const where = { annotation };
  if (/\p{Cc}/u.test(value)) found.report(secretIssues["secret.control-character"], facts, where);
  if (value.includes("{{") || value.includes("}}")) {
    found.report(secretIssues["secret.template-delimiter"], facts, where);
  }
  const segment = value.split("/").find((part) => part === "" || part === "." || part === "..");
  if (segment !== undefined) {
    found.report(secretIssues["secret.path-segment"], { ...facts, segment }, where);
  }
}
