/** The links between a secret request and the task that reads its file. */
import type { Issue } from "../core/issue/issue.ts";
import type { Evidence, PodFacts } from "./evidence.ts";
import type { Party } from "./patterns.ts";

/** The result of checking one link. */
export interface Link {
  readonly name: "requests" | "webhook" | "injector" | "start" | "agent" | "files" | "client";
  readonly verdict: "fine" | "fault" | "waiting" | "unknown";
  /** What was found, in words. */
  readonly detail: string;
  readonly issue?: Issue;
  readonly party?: Party;
  /** The log entry or event that shows the fault. */
  readonly evidence?: string;
  /** What the injector adds to such a pod by its model: containers and volumes, or why it adds nothing. */
  readonly expected?: string;
}

/** The input of each check. */
export interface Chain extends Evidence {
  readonly facts: PodFacts;
}

/** Init container that writes the secrets before the task starts. */
export const AGENT_INIT = "vault-agent-init";
/** Sidecar that keeps renewing the secrets. */
export const AGENT = "vault-agent";

/** @returns a link without a fault */
export function fine(name: Link["name"], detail: string): Link {
  return { name, verdict: "fine", detail };
}

/** @returns a link with a fault, and who has to act */
export function fault(name: Link["name"], issue: Issue, party: Party): Link {
  return { name, verdict: "fault", detail: issue.message, issue, party };
}

/** @returns whether the injector uses this name for a container */
export function isAgent(name: string): boolean {
  return name === AGENT_INIT || name === AGENT;
}
