/** `certs`: a CA and a server certificate, for clusters without cert-manager. */
import { resolve } from "node:path";
import { cliIssues } from "../../core/issue/cli.ts";
import type { Issue } from "../../core/issue/issue.ts";
import { tlsIssues } from "../../core/issue/tls.ts";
import { failure, isNonEmpty, type Result, success } from "../../core/result.ts";
import type { MadeCertificates } from "../../tls/create.ts";
import { findExisting, readAuthority, writeCertificates } from "../certificate-files.ts";
import { defineCommand } from "../command.ts";
import type { CliDeps } from "../deps.ts";
import { Exit } from "../exit.ts";
import type { Values } from "../options.ts";
import { report } from "../report.ts";

const OPTIONS = {
  out: { type: "text", value: "FOLDER", summary: "Where to write the files", default: "." },
  service: {
    type: "text",
    value: "SERVICE",
    summary: "webhook.serviceName, the Service that the API server calls",
    default: "flyte-vault-webhook",
  },
  namespace: {
    type: "text",
    short: "n",
    value: "NAMESPACE",
    summary: "Namespace of the Service",
    default: "flyte-vault-webhook",
  },
  dns: { type: "list", value: "HOST", summary: "One more DNS name or IP address that it is for" },
  days: {
    type: "text",
    value: "DAYS",
    summary: "How long the server's certificate is valid; the CA's ten years",
    default: "365",
  },
  secret: { type: "text", value: "SECRET", summary: "Print a Secret of that name with the certificate" },
  renew: { type: "flag", summary: "Keep the CA in the folder, and replace tls.crt and tls.key" },
  force: { type: "flag", summary: "Replace all files, the CA too: the registration's caBundle then changes" },
} as const;

/** Writes a CA and a server certificate into a folder; never overwrites files without `--renew` or `--force`. */
export const certs = defineCommand({
  name: "certs",
  summary: "Make a CA and a server certificate, for clusters without cert-manager",
  usage: "[--out FOLDER] [--service SERVICE] [-n NAMESPACE] [--secret SECRET] [--renew | --force]",
  about: `Writes ca.crt, ca.key, tls.crt and tls.key, the keys readable for you alone, and prints the caBundle that the webhook's
registration needs. Existing files are not overwritten. With --secret, standard output is a manifest instead, the caBundle in a
comment; it holds the server's key, so pipe it on rather than into a repository. In a git checkout, the folder's .gitignore
gets the names of the keys. ca.key is never in it: keep that one off the
cluster, and renew with it.

Examples:
  flyte-vault-webhook certs --out tls
  flyte-vault-webhook certs --out tls --renew --secret flyte-vault-webhook-tls > secret.yaml`,
  options: OPTIONS,
  run: async ({ values }, { io, deps }) => {
    const folder = resolve(io.cwd, values.out);
    const made = await make(values, folder, deps);
    report(io, made.issues);
    if (!made.ok) return Exit.usage;
    const files = await writeCertificates(folder, made.value, values);
    const { secret, namespace } = values;
    const lines =
      secret === undefined
        ? files.map((file) => `${file}\n`).join("")
        : await deps.certificates.renderSecret(made.value, secret, namespace);
    io.stdout(`${lines}${renderHint(made.value, secret === undefined ? "" : "# ")}`);
    return Exit.fine;
  },
});

type Given = Values<typeof OPTIONS>;

/** @returns the certificates, without writing them */
async function make(values: Given, folder: string, deps: CliDeps): Promise<Result<MadeCertificates>> {
  const wrong = await checkValues(values, folder);
  if (isNonEmpty(wrong)) return failure(wrong);
  const { service, namespace, days, dns, renew } = values;
  const issuer = renew ? await readAuthority(folder) : success(undefined);
  if (!issuer.ok) return issuer;
  return deps.certificates.create({
    names: [`${service}.${namespace}.svc`, ...dns],
    days: Number(days),
    ...(issuer.value && { issuer: issuer.value }),
  });
}

async function checkValues(values: Given, folder: string): Promise<readonly Issue[]> {
  const { service, namespace, secret, days, renew, force } = values;
  const issues: Issue[] = Object.entries({
    "--service": service,
    "--namespace": namespace,
    "--secret": secret,
  })
    .filter(([, name]) => name !== undefined && !KUBERNETES_NAME.test(name))
    .map(([option, name = ""]) => cliIssues["cli.kubernetes-name"]({ option, name }));
  if (!/^\d+$/.test(days)) issues.push(tlsIssues["tls.days-malformed"]({ days }));
  if (renew && force) issues.push(cliIssues["cli.options-exclusive"]({ one: "--renew", other: "--force" }));
  const existing = renew || force ? [] : await findExisting(folder);
  return [...issues, ...existing.map((file) => tlsIssues["tls.file-exists"]({ file }))];
}

/** A DNS label (RFC 1123), for Services, namespaces and the Secret (which Kubernetes would also allow to contain dots). */
const KUBERNETES_NAME = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

function renderHint({ ca }: MadeCertificates, prefix: string): string {
  return [
    "The registration trusts the certificate by its CA (webhooks[].clientConfig of 00-flyte-vault-webhook):",
    `caBundle: ${btoa(ca.cert)}`,
  ]
    .map((line) => `${prefix}${line}\n`)
    .join("");
}
