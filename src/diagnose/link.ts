/** One link of the chain from a secret request to a task that reads its file, and the verdict on it. */
import type { Issue } from "../core/issue/issue.ts";
import type { Evidence, PodFacts } from "./evidence.ts";
import type { Party } from "./patterns.ts";

/** What one link says. */
export interface Link {
  readonly name: "requests" | "webhook" | "injector" | "start" | "agent" | "files" | "client";
  readonly verdict: "fine" | "fault" | "waiting" | "unknown";
  /** What was seen, in words. */
  readonly detail: string;
  readonly issue?: Issue;
  readonly party?: Party;
  /** The line of a log or an event that shows it. */
  readonly evidence?: string;
}

/** What every link is given. */
export interface Chain extends Evidence {
  readonly facts: PodFacts;
}

/** Init container that writes the secrets before the task starts. */
export const AGENT_INIT = "vault-agent-init";
/** Sidecar that goes on renewing them. */
export const AGENT = "vault-agent";

/** @returns a link that holds. */
export function fine(name: Link["name"], detail: string): Link {
  return { name, verdict: "fine", detail };
}

/** @returns a link that is broken, and who has to act. */
export function fault(name: Link["name"], issue: Issue, party: Party): Link {
  return { name, verdict: "fault", detail: issue.message, issue, party };
}

/** Whether a container is one of those that the injector adds. */
export function isAgent(name: string): boolean {
  return name === AGENT_INIT || name === AGENT;
}
