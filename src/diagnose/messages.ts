/**
 * A table of messages of Kubernetes about variables that the kubelet reads from files (`fileKeyRef`). The first two are of the API
 * server (`pkg/apis/core/validation`), which refuses the pod; the others are of the kubelet (`pkg/kubelet/kubelet_pods.go`).
 */
import { diagnoseIssues } from "../core/issue/diagnose.ts";
import type { Issue } from "../core/issue/issue.ts";
import type { Party } from "./patterns.ts";

/** A message and its meaning. */
interface Message {
  readonly party: Party;
  readonly matches: RegExp;
  readonly toIssue: (match: RegExpExecArray, container: string) => Issue;
}

const MESSAGES: readonly Message[] = [
  {
    party: "platform",
    matches: /fileKeyRef\.volumeName: Not found: "vault-secrets"/,
    toIssue: () => diagnoseIssues["diagnose.variable-refused"]({}),
  },
  {
    party: "platform",
    matches: /valueFrom: Invalid value: "": must specify one of/,
    toIssue: () => diagnoseIssues["diagnose.variable-dropped"]({}),
  },
  {
    party: "platform",
    matches: /couldn't parse env file/,
    toIssue: (_, container) => diagnoseIssues["diagnose.variable-file"]({ container }),
  },
  {
    party: "task",
    // The file is named by its path on the node, of which the part below the volume says which variable it is.
    matches: /environment variable key ".*?" not found in file "(?:.*\/vault-secrets\/)?(.*?)"/,
    toIssue: ([, file = ""], container) => diagnoseIssues["diagnose.variable-empty"]({ container, file }),
  },
];

/**
 * Translates a message of the API server or the kubelet.
 *
 * @param container name of the container that the message is about
 * @returns `undefined` if the message is not about a variable
 */
export function translateMessage(
  text: string,
  container: string,
): { readonly issue: Issue; readonly party: Party } | undefined {
  for (const { matches, toIssue, party } of MESSAGES) {
    const match = matches.exec(text);
    if (match) return { issue: toIssue(match, container), party };
  }
  return undefined;
}
