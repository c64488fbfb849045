/** Finds the cause of a failure in the agent's log: the newest entry that explains why the agent cannot continue. */
import type { Issue } from "../core/issue/issue.ts";
import type { PodFacts } from "./evidence.ts";
import { type LogEntry, parseAgentLog } from "./log.ts";
import { PATTERNS, type Party } from "./patterns.ts";

/** A cause found in the log. */
export interface AgentFinding {
  readonly issue: Issue;
  readonly party: Party;
  /** Text of the log entry that shows the cause. */
  readonly entry: string;
}

const LOGGED_IN = /authentication successful/;
const RENDERED = /rendered "|all templates rendered|template server: .*rendered/;

/**
 * Searches a log for the cause. An error is ignored if a later entry shows that the agent has got past it.
 *
 * @returns `undefined` if the log has no known error, or the agent has got past all of them
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

/** @returns the text of the newest error entry, known or not; `undefined` if there is none */
export function findLastError(log: string): string | undefined {
  return parseAgentLog(log).findLast(({ level }) => level === "error")?.text;
}

function matchEntry({ level, text }: LogEntry, pod: PodFacts, isLoggedIn: boolean): AgentFinding | undefined {
  if (level !== "error" && level !== "warn") return undefined;
  for (const { matches, toIssue, party, stage } of PATTERNS) {
    const match = matches.exec(text);
    // After a successful login, earlier login errors are not the cause; the connection may still fail again later.
    const isHistory = isLoggedIn && stage === "login";
    if (match && !isHistory) return { issue: toIssue(match, pod), party, entry: text };
  }
  return undefined;
}
