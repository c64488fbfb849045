/** `explain`: what the code of an issue means, or a message of Kubernetes about a variable. */
import { cliIssues } from "../../core/issue/cli.ts";
import type { Issue, Severity } from "../../core/issue/issue.ts";
import { describeIssue, ISSUE_CODES } from "../../core/issue/registry.ts";
import { nearest } from "../../core/nearest.ts";
import { translateMessage } from "../../diagnose/messages.ts";
import { defineCommand } from "../command.ts";
import { Exit } from "../exit.ts";
import { report } from "../report.ts";

/** Explains issue codes, and messages of the API server and the kubelet about variables; without arguments, lists all codes. */
export const explain = defineCommand({
  name: "explain",
  summary: "Say what the code of an issue means, or a message of Kubernetes",
  usage: "[CODE|MESSAGE…]",
  about: `A code appears in brackets before every issue, and in the answers of /preview. Without one, all codes are listed.

Messages of the API server and the kubelet about variables from secrets are translated: quote the message as you found it.

Examples:
  flyte-vault-webhook explain secret.base32
  flyte-vault-webhook explain "couldn't parse env file"`,
  options: {},
  takesPositionals: true,
  run: async ({ positionals }, { io }) => {
    if (positionals.length === 0) {
      io.stdout(renderList());
      return Exit.fine;
    }
    const unknown = positionals.filter((code) => !explainText(code));
    report(
      io,
      unknown.map((code) => cliIssues["cli.code-unknown"]({ code, nearest: findNearest(code) })),
    );
    const known = positionals.map(explainText).filter((issue) => issue !== undefined);
    io.stdout(known.map(renderIssue).join("\n"));
    return unknown.length > 0 ? Exit.usage : Exit.fine;
  },
});

/** Explains a code, or a message of Kubernetes, which does not name the container. */
function explainText(text: string): Issue | undefined {
  return describeIssue(text) ?? translateMessage(text, "<container>")?.issue;
}

const MEANINGS: Readonly<Record<Severity, string>> = {
  deny: "always refuses the pod",
  error:
    "the injector refuses the pod, or its task starts without its secret: refused under policy.strict, else a warning",
  warning: "reported; nothing is refused",
  info: "shown in previews and checks only",
};

/** Areas whose errors are about a pod. In all other areas an error fails the command, the request or the start. */
const OF_PODS = /^(?:annotation|pod|secret|policy)\./;

function renderIssue({ code, severity, message, help }: Issue): string {
  const ends = severity === "error" && !OF_PODS.test(code);
  const meaning = ends ? "the command, the request or the start fails" : MEANINGS[severity];
  return `${code}\n  severity: ${severity} (${meaning})\n  message:  ${message}\n  help:     ${help}\n`;
}

function renderList(): string {
  const width = Math.max(...ISSUE_CODES.map((code) => code.length)) + 2;
  return ISSUE_CODES.map((code) => `${code.padEnd(width)}${describeIssue(code)?.severity ?? ""}\n`).join("");
}

/** Finds a code by a part of it, such as `base32`, or by similarity. */
function findNearest(code: string): string | undefined {
  const part = code.toLowerCase();
  return nearest(code, ISSUE_CODES) ?? ISSUE_CODES.find((known) => part !== "" && known.includes(part));
}
