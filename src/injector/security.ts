/**
 * User, group and security context of the agent. Reads `agent-run-as-user`, `agent-run-as-group`, `agent-run-as-same-user`,
 * `agent-set-security-context`, `agent-share-process-namespace`.
 */
import { parseGoBool } from "./go.ts";
import { quoteGo, refuseBool } from "./go-error.ts";
import type { InjectorPod } from "./pod.ts";
import type { Reader } from "./reader.ts";
import { vaultKey } from "./vocabulary.ts";

/** User and group id of the agent's containers. */
export interface AgentIdentity {
  readonly user: number;
  readonly group: number;
}

/** Reads user and group; the user is the first container's if the annotation says so (`runAsSameID`). */
export function readIdentity(pod: InjectorPod, reader: Reader): AgentIdentity {
  const user = Number(reader.int("agent-run-as-user"));
  const group = Number(reader.int("agent-run-as-group"));
  return { user: readSameUser(pod, reader) ?? user, group };
}

function readSameUser(pod: InjectorPod, reader: Reader): number | undefined {
  const name = "agent-run-as-same-user";
  if (!reader.bool(name, false)) return undefined;
  const [first] = pod.containers;
  if (!first) reader.refuse("No containers found in Pod Spec", "same-user-unset", name);
  else if (!first.hasSecurityContext) {
    reader.refuse("No SecurityContext found for Container 0", "same-user-unset", name);
  } else if (first.runAsUser === undefined) {
    reader.refuse("RunAsUser is nil for Container 0's SecurityContext", "same-user-unset", name);
  } else if (first.runAsUser === 0) {
    reader.refuse("container not allowed to run as root", "same-user-root", name);
  }
  return first?.runAsUser;
}

/** @returns the new value of the pod's shareProcessNamespace; `undefined` if no annotation sets it */
export function readShareProcesses(pod: InjectorPod, reader: Reader): boolean | undefined {
  const name = "agent-share-process-namespace";
  if (!reader.has(name)) return undefined;
  const value = reader.text(name);
  const shared = parseGoBool(value);
  if (shared === undefined) {
    const message = `invalid value ${value} for annotation ${quoteGo(vaultKey(name))}, err=${refuseBool(value)}`;
    reader.refuse(message, "value", name);
  } else if (shared && pod.shareProcessNamespace === false) {
    const message = "shareProcessNamespace explicitly disabled on the pod, refusing to enable it";
    reader.refuse(message, "process-namespace", name);
  }
  return shared;
}

/** Renders the security context of the agent's containers; runAsNonRoot is false if either id is 0. */
export function toSecurityContext({ user, group }: AgentIdentity): Readonly<Record<string, unknown>> {
  return {
    capabilities: { drop: ["ALL"] },
    runAsUser: user,
    runAsGroup: group,
    runAsNonRoot: user !== 0 && group !== 0,
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
  };
}
