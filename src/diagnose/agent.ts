/** The agent's last lines: the newest entry that says why it cannot go on. */
import type { Issue } from "../core/issue/issue.ts";
import type { PodFacts } from "./evidence.ts";
import { type LogEntry, parseAgentLog } from "./log.ts";
import { PATTERNS, type Party } from "./patterns.ts";

/** What the log says. */
export interface AgentFinding {
  readonly issue: Issue;
  readonly party: Party;
  /** The entry that says so. */
  readonly entry: string;
}

const LOGGED_IN = /authentication successful/;
const RENDERED = /rendered "|all templates rendered|template server: .*rendered/;

/**
 * Looks for the cause in a log. An error is history when the agent has come further since then.
 *
 * @returns nothing where the log has no error that is known, or the agent has got over all of them
 */
export function findInLog(log: string, pod: PodFacts): AgentFinding | undefined {
  let isLoggedIn = false;
  for (const entry of parseAgentLog(log).toReversed()) {
    if (RENDERED.test(entry.text)) return undefined;
    if (LOGGED_IN.test(entry.text)) isLoggedIn = true;
    const found = matchEntry(entry, pod, isLoggedIn);
    if (found) return found;
  }
  return undefined;
}

/** @returns the newest entry that reports an error, known or not. */
export function findLastError(log: string): string | undefined {
  return parseAgentLog(log).findLast(({ level }) => level === "error")?.text;
}

function matchEntry({ level, text }: LogEntry, pod: PodFacts, isLoggedIn: boolean): AgentFinding | undefined {
  if (level !== "error" && level !== "warn") return undefined;
  for (const { matches, toIssue, party, stage } of PATTERNS) {
    const match = matches.exec(text);
    // Reading can lose the connection again, but a login that has succeeded since is no cause.
    const isHistory = isLoggedIn && stage === "login";
    if (match && !isHistory) return { issue: toIssue(match, pod), party, entry: text };
  }
  return undefined;
}
