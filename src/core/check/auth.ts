/** Rules about the agent's login to Vault. */

import { INJECTOR_FLAGS } from "../../injector/flags.ts";
import { vaultKey } from "../../injector/vocabulary.ts";
import { checkIssues } from "../issue/check.ts";
import type { Issue } from "../issue/issue.ts";
import { type Annotations, always, type Rule } from "./change.ts";

const ROLE = vaultKey("role");
const CONFIG_ROLE = vaultKey("auth-config", "role");
const AUTH_TYPE = vaultKey("auth-type");
const AUTH_PATH = vaultKey("auth-path");
const CONFIGMAP = vaultKey("agent-configmap");
const KUBERNETES = "kubernetes";

/** Required parameter of each auth method; without it the agent does not start (Vault `command/agentproxyshared/auth`). */
const NEEDED_PARAMETER: ReadonlyMap<string, string> = new Map([
  ["approle", "role_id_file_path"],
  ["aws", "type"],
  ["azure", "resource"],
  ["gcp", "type"],
  ["jwt", "path"],
]);

/** Checks role, mount and parameters of the login (vault-k8s `agent.Validate`, and the agent's auth methods). */
export const checkLogin: Rule = (annotations, { settings }) => {
  if (annotations.get(CONFIGMAP)) return undefined;
  const type = annotations.get(AUTH_TYPE) ?? (settings.authType || KUBERNETES);
  return always(
    type === KUBERNETES ? checkRole(annotations) : checkMethod(annotations, type, settings.authPath),
  );
};

function checkRole(annotations: Annotations): Issue[] {
  if (annotations.get(ROLE) || annotations.get(CONFIG_ROLE)) return [];
  return [checkIssues["pod.role-missing"]({ key: ROLE }, { annotation: ROLE })];
}

function checkMethod(annotations: Annotations, type: string, path: string): Issue[] {
  const found: Issue[] = [];
  // The default path is the mount of the method kubernetes.
  if (!annotations.has(AUTH_PATH) && path === INJECTOR_FLAGS.authPath.default) {
    found.push(checkIssues["pod.auth-path-missing"]({ key: AUTH_PATH, type }, { annotation: AUTH_TYPE }));
  }
  const parameter = NEEDED_PARAMETER.get(type);
  if (parameter === undefined || hasParameter(annotations, parameter)) return found;
  const key = vaultKey("auth-config", parameter.replaceAll("_", "-"));
  return [...found, checkIssues["pod.auth-parameter-missing"]({ key, type }, { annotation: AUTH_TYPE })];
}

/** The injector replaces dashes in a parameter's name by underscores, so a key may have either. */
function hasParameter(annotations: Annotations, parameter: string): boolean {
  for (const name of annotations.withSuffix("auth-config").keys()) {
    if (name.replaceAll("-", "_") === parameter) return true;
  }
  return false;
}
