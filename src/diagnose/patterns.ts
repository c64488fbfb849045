/**
 * A table of log messages of a Vault Agent that cannot continue. Each row has a recorded log in `test/fixtures/agent-logs`, most
 * of them from the real agent. The messages are those of Vault 1.21, its Kubernetes auth plugin, consul-template and Go.
 */
import { diagnoseIssues } from "../core/issue/diagnose.ts";
import type { Issue } from "../core/issue/issue.ts";
import type { PodFacts } from "./evidence.ts";

/** Who has to act. */
export type Party = "task" | "platform" | "vault";

/** The agent's stage in which an error occurs; errors before a later success of the stage are ignored. */
type Stage = "connect" | "login" | "read" | "render";

/** One row: a log message and its meaning. */
export interface Pattern {
  /** Code of the issue. */
  readonly code: keyof typeof diagnoseIssues;
  readonly stage: Stage;
  readonly party: Party;
  /** Matches the text of one entry. */
  readonly matches: RegExp;
  readonly toIssue: (match: RegExpExecArray, pod: PodFacts) => Issue;
}

const LOGIN = "/login\\b.*";
const toLogin = ({ role, authPath, namespace, account }: PodFacts) => ({
  ...{ role, mount: authPath, account: `${namespace}/${account}` },
});
const toServer = (match: RegExpExecArray, { address }: PodFacts) => ({
  address: /https?:\/\/[^/\s"]+/.exec(match.input)?.[0] ?? (address || "(the injector's own setting)"),
});
/** @returns the Vault path of an entry: the one it names, or that of the template that it quotes (`at <.Data.data.x>`) */
const toPath = ({ input }: RegExpExecArray, { files }: PodFacts) => {
  const named = /vault\.(?:read|write)\(([^)]*)\)/.exec(input)?.[1] ?? /\/v1\/(\S+)/.exec(input)?.[1];
  const quoted = /at <([^>]+)>/.exec(input)?.[1];
  const file = files.find(({ template }) => quoted !== undefined && template?.includes(quoted)) ?? files[0];
  return { path: named ?? file?.secret ?? "" };
};

/** All rows; the first one that matches an entry counts. */
export const PATTERNS: readonly Pattern[] = [
  {
    ...{ code: "diagnose.dns", stage: "connect", party: "platform" },
    matches:
      /lookup ([\w.-]+)(?: on [^ ]+)?: (?:no such host|server misbehaving|Temporary failure|i\/o timeout)/,
    toIssue: ([, host = ""]) => diagnoseIssues["diagnose.dns"]({ host }),
  },
  {
    ...{ code: "diagnose.tls-authority", stage: "connect", party: "platform" },
    matches:
      /x509: (?:certificate signed by unknown authority|certificate is not trusted)|tls: failed to verify certificate: x509: certificate signed by/,
    toIssue: (match, pod) => diagnoseIssues["diagnose.tls-authority"](toServer(match, pod)),
  },
  {
    ...{ code: "diagnose.tls-expired", stage: "connect", party: "vault" },
    matches: /x509: certificate has expired or is not yet valid/,
    toIssue: (match, pod) => diagnoseIssues["diagnose.tls-expired"](toServer(match, pod)),
  },
  {
    ...{ code: "diagnose.tls-name", stage: "connect", party: "platform" },
    matches:
      /x509: (certificate is valid for .+?, not [\w.:-]+|cannot validate certificate for \S+ because it doesn't contain any IP SANs|certificate is not valid for any names[^"]*)/,
    toIssue: (match, pod) =>
      diagnoseIssues["diagnose.tls-name"]({ ...toServer(match, pod), reason: match[1] ?? "" }),
  },
  {
    ...{ code: "diagnose.tls-plain", stage: "connect", party: "platform" },
    matches:
      /server gave HTTP response to HTTPS client|Client sent an HTTP request to an HTTPS server|unsupported protocol scheme|tls: first record does not look like a TLS handshake/,
    toIssue: (match, pod) => diagnoseIssues["diagnose.tls-plain"](toServer(match, pod)),
  },
  {
    ...{ code: "diagnose.refused", stage: "connect", party: "platform" },
    matches: /connect: connection refused/,
    toIssue: (match, pod) => diagnoseIssues["diagnose.refused"](toServer(match, pod)),
  },
  {
    ...{ code: "diagnose.timeout", stage: "connect", party: "platform" },
    matches:
      /i\/o timeout|context deadline exceeded|Client\.Timeout exceeded|no route to host|TLS handshake timeout|network is unreachable/,
    toIssue: (match, pod) => diagnoseIssues["diagnose.timeout"](toServer(match, pod)),
  },
  {
    ...{ code: "diagnose.sealed", stage: "connect", party: "vault" },
    matches: /Vault is sealed/,
    toIssue: (match, pod) => diagnoseIssues["diagnose.sealed"](toServer(match, pod)),
  },
  {
    ...{ code: "diagnose.quota", stage: "connect", party: "vault" },
    matches: /((?:rate limit|lease count) quota exceeded|request path "[^"]*": rate limit quota exceeded)/,
    toIssue: ([, reason = ""]) => diagnoseIssues["diagnose.quota"]({ reason }),
  },
  {
    ...{ code: "diagnose.token-missing", stage: "login", party: "platform" },
    matches:
      /(?:error reading (?:JWT|service account token)|open) .*?(\/\S*serviceaccount\S*?)"?: (?:no such file or directory|permission denied)/i,
    toIssue: ([, file = ""]) => diagnoseIssues["diagnose.token-missing"]({ file }),
  },
  {
    ...{ code: "diagnose.role-unknown", stage: "login", party: "vault" },
    matches: new RegExp(`${LOGIN}invalid role name`),
    toIssue: (_, pod) => diagnoseIssues["diagnose.role-unknown"](toLogin(pod)),
  },
  {
    ...{ code: "diagnose.account-not-bound", stage: "login", party: "vault" },
    matches: new RegExp(`${LOGIN}service account name not authorized`),
    toIssue: (_, pod) => diagnoseIssues["diagnose.account-not-bound"](toLogin(pod)),
  },
  {
    ...{ code: "diagnose.namespace-not-bound", stage: "login", party: "vault" },
    matches: new RegExp(`${LOGIN}namespace not authorized`),
    toIssue: (_, pod) => diagnoseIssues["diagnose.namespace-not-bound"](toLogin(pod)),
  },
  {
    ...{ code: "diagnose.audience", stage: "login", party: "vault" },
    matches: new RegExp(`${LOGIN}(?:invalid audience|audience claim)`),
    toIssue: (_, pod) => diagnoseIssues["diagnose.audience"](toLogin(pod)),
  },
  {
    ...{ code: "diagnose.vault-namespace", stage: "login", party: "vault" },
    matches: /namespace not found|no such namespace|namespace "[^"]*" (?:does not exist|not found)/,
    toIssue: (_, { vaultNamespace: namespace }) => diagnoseIssues["diagnose.vault-namespace"]({ namespace }),
  },
  {
    ...{ code: "diagnose.auth-path", stage: "login", party: "vault" },
    matches: new RegExp(`${LOGIN}(?:no handler for route|unsupported path|unsupported operation)`),
    toIssue: (_, pod) => diagnoseIssues["diagnose.auth-path"](toLogin(pod)),
  },
  {
    ...{ code: "diagnose.login-denied", stage: "login", party: "vault" },
    matches: new RegExp(
      `${LOGIN}(?:permission denied|lookup failed|missing client token|service account unauthorized)`,
    ),
    toIssue: (_, pod) => diagnoseIssues["diagnose.login-denied"](toLogin(pod)),
  },
  {
    ...{ code: "diagnose.key-missing", stage: "render", party: "task" },
    // The message of this webhook's own templates (core/vault/template.ts); the next row has that of its first version.
    matches: /Vault secret \\*"(.+?)\\*" has no key \\*"(.+?)\\*"/,
    toIssue: ([, path = "", key = ""]) => diagnoseIssues["diagnose.key-missing"]({ key, path }),
  },
  {
    ...{ code: "diagnose.key-missing", stage: "render", party: "task" },
    matches: /Cannot render key \\*"(.+?)\\*" of Vault secret \\*"(.+?)\\*"/,
    toIssue: ([, key = "", path = ""]) => diagnoseIssues["diagnose.key-missing"]({ key, path }),
  },
  {
    ...{ code: "diagnose.key-missing", stage: "render", party: "task" },
    matches: /Vault secret \\*"(.+?)\\*" has no key \\*"(.+?)\\*"/,
    toIssue: ([, path = "", key = ""]) => diagnoseIssues["diagnose.key-missing"]({ key, path }),
  },
  {
    ...{ code: "diagnose.variable-unfit", stage: "render", party: "task" },
    // The message of the templates of variables (core/vault/variable.ts).
    matches: /Vault secret \\*"(.+?)\\*", key \\*"(.+?)\\*", cannot be a variable/,
    toIssue: ([, path = "", key = ""]) => diagnoseIssues["diagnose.variable-unfit"]({ key, path }),
  },
  {
    ...{ code: "diagnose.kv-version", stage: "render", party: "task" },
    matches:
      /Invalid path for a versioned K\/V secrets engine|can't evaluate field data in type|nil pointer evaluating interface \{\}\.\w+|map has no entry for key \\*"data\\*"/,
    toIssue: (match, pod) => diagnoseIssues["diagnose.kv-version"](toPath(match, pod)),
  },
  {
    ...{ code: "diagnose.key-missing", stage: "render", party: "task" },
    matches: /map has no entry for key \\*"(.+?)\\*"/,
    toIssue: (match, pod) =>
      diagnoseIssues["diagnose.key-missing"]({ key: match[1] ?? "", ...toPath(match, pod) }),
  },
  {
    ...{ code: "diagnose.secret-missing", stage: "read", party: "task" },
    matches: /no secret exists at ([^ "(]+)/,
    toIssue: ([, path = ""]) =>
      diagnoseIssues["diagnose.secret-missing"]({ path: path.replace(/[.,;:]+$/, "") }),
  },
  {
    ...{ code: "diagnose.read-denied", stage: "read", party: "vault" },
    matches: /Code: 403.*permission denied|vault\.(?:read|write)\(.*permission denied/,
    toIssue: (match, pod) =>
      diagnoseIssues["diagnose.read-denied"]({ ...toPath(match, pod), role: pod.role }),
  },
  {
    ...{ code: "diagnose.template", stage: "render", party: "platform" },
    matches:
      /template: :?\d*:?\d*:? ?(.*(?:bad character|unexpected|function ".*" not defined|unterminated|missing value).*)|(?:parsing|parse) template:? (.*)|template server error: error="?(.*)/,
    toIssue: (match) =>
      diagnoseIssues["diagnose.template"]({ reason: (match[1] ?? match[2] ?? match[3] ?? "").slice(0, 300) }),
  },
];
