/**
 * Requests of engine `db`: the injector pastes the path into its own template (vault-k8s `agent-inject/agent/config.go`,
 * `DefaultMapTemplate`), where the webhook can neither quote nor encode it.
 */

import type { Findings } from "../issue/findings.ts";
import { secretIssues } from "../issue/secret.ts";
import type { SecretRequest } from "../secret/request.ts";
import { toAgentPath } from "../vault/template.ts";

/** Finds what would break out of the injector's template, or make the agent read another path. */
export function validateDatabasePath({ group }: SecretRequest, annotation: string, found: Findings): void {
  const facts = { annotation, value: group };
  if (/["\\]/.test(group)) found.report(secretIssues["secret.database-quote"], facts, { annotation });
  else if (toAgentPath("kv1", group) !== group) {
    found.report(secretIssues["secret.database-path"], facts, { annotation });
  }
}
