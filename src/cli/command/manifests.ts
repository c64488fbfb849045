/** `manifests`: what to apply to a cluster, for a configuration. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { cliIssues } from "../../core/issue/cli.ts";
import type { Issue } from "../../core/issue/issue.ts";
import { manifestIssues } from "../../core/issue/manifests.ts";
import { nearest } from "../../core/nearest.ts";
import { failure, isNonEmpty, type Result, success } from "../../core/result.ts";
import { parsePilot } from "../../migrate/pilot.ts";
import { defineCommand } from "../command.ts";
import { toConfigPaths } from "../config-paths.ts";
import type { ManifestsOptions } from "../deps.ts";
import { Exit } from "../exit.ts";
import type { CliIo } from "../io.ts";
import { CONFIG, type Values } from "../options.ts";
import { report } from "../report.ts";

/** Components that are included by default, besides cert-manager or own-certificates. */
const USUAL = ["injection-guard", "network-policy"];
const CERT_MANAGER = "cert-manager";

const OPTIONS = {
  config: CONFIG,
  namespace: {
    type: "text",
    short: "n",
    value: "NAME",
    summary: "Where the webhook runs",
    default: "flyte-vault-webhook",
  },
  image: { type: "text", value: "IMAGE", summary: "What it runs (default: flyte-vault-webhook:VERSION)" },
  "ca-bundle": {
    type: "text",
    value: "FILE",
    summary: "Authority of your own certificate (PEM), in place of cert-manager's",
  },
  with: { type: "list", value: "COMPONENT", summary: "Add a component" },
  without: { type: "list", value: "COMPONENT", summary: "Leave a component out" },
  pilot: {
    type: "text",
    value: "LIST",
    summary: "Serve namespaces=a,b or project=a,b only; also print Flyte's registration for all others",
  },
  flyte: {
    type: "text",
    value: "NAMESPACE/SERVICE",
    summary: "Service of Flyte's webhook, for --pilot",
    default: "flyte/flyte-pod-webhook",
  },
  narrow: {
    type: "flag",
    summary: "The list of --pilot has become shorter: Flyte's registration comes first",
  },
} as const;

/** Prints the manifests for a configuration. Reads no cluster; what the operator still has to create is reported as issues. */
export const manifests = defineCommand({
  name: "manifests",
  summary: "Print what to apply to a cluster, for a configuration",
  usage:
    "[--config PATH]… [--image IMAGE] [-n NAME] [--ca-bundle FILE] [--with COMPONENT]… [--without COMPONENT]… [--pilot LIST]",
  about: `Fills config/kubernetes in: the configuration's files go into a ConfigMap; its ports, service, folder of
certificates, timeout and namespaceSelector into the manifests; variables (\${env:NAME}) are taken from
the Secret flyte-vault-webhook-env. No Secret is printed; what else the pods need is listed on standard error. A file with
other sections than the webhook's, or with a preview token written out, is refused: a ConfigMap would make it readable.

Components: cert-manager, injection-guard and network-policy (printed unless left out), injection-guard-deny, monitoring,
preview, team-plugins, observe (with policy.mode: observe, and only then).

--pilot prints two registrations that are complements: this webhook's for the namespaces or projects given, and Flyte's for all
others (apply with --server-side --force-conflicts, so that Flyte's keeps its caBundle; docs/migrate.md). It takes the place of
webhook.namespaceSelector.

Examples:
  flyte-vault-webhook manifests > install.yaml
  flyte-vault-webhook manifests --pilot project=fraud,search | kubectl apply --server-side --force-conflicts -f -
  flyte-vault-webhook manifests --with monitoring --image registry.example/flyte-vault-webhook:0.1.0 | kubectl apply -f -`,
  options: OPTIONS,
  run: async ({ values }, { io, deps }) => {
    const authority = await readAuthority(values["ca-bundle"], io);
    const components = toComponents(values, deps.manifests.components);
    const pilot = toPilot(values);
    const issues = [
      ...checkNamespace(values.namespace),
      ...authority.issues,
      ...components.issues,
      ...pilot.issues,
    ];
    if (isNonEmpty(issues) || !authority.ok || !components.ok || !pilot.ok) {
      report(io, issues);
      return Exit.usage;
    }
    const rendered = await deps.manifests.render({
      configPaths: toConfigPaths(values.config, io),
      env: io.env,
      namespace: values.namespace,
      image: values.image ?? `flyte-vault-webhook:${deps.version}`,
      caBundle: authority.value,
      components: components.value,
      ...(pilot.value && { pilot: pilot.value }),
    });
    report(io, rendered.issues);
    if (!rendered.ok) return Exit.usage;
    io.stdout(rendered.value);
    return Exit.fine;
  },
});

function toComponents(values: Values<typeof OPTIONS>, known: readonly string[]): Result<readonly string[]> {
  const { with: added, without: left, "ca-bundle": authority } = values;
  const issues: Issue[] = (["with", "without"] as const).flatMap((option) =>
    values[option]
      .filter((name) => !known.includes(name))
      .map((value) =>
        cliIssues["cli.option-value"]({
          ...{ option: `--${option}`, value, choices: known.join(", "), nearest: nearest(value, known) },
        }),
      ),
  );
  if (authority !== undefined && added.includes(CERT_MANAGER))
    issues.push(cliIssues["cli.options-exclusive"]({ one: "--ca-bundle", other: `--with ${CERT_MANAGER}` }));
  if (authority === undefined && left.includes(CERT_MANAGER))
    issues.push(manifestIssues["manifests.no-authority"]({}));
  if (isNonEmpty(issues)) return failure(issues);
  const usual = authority === undefined ? [CERT_MANAGER, ...USUAL] : USUAL;
  return success([...usual, ...added].filter((name) => !left.includes(name)));
}

function toPilot({
  pilot: list,
  flyte,
  narrow,
  namespace: own,
}: Values<typeof OPTIONS>): Result<ManifestsOptions["pilot"]> {
  if (list === undefined) return success(undefined);
  const pilot = parsePilot(list, own);
  const [, namespace, name] = /^([a-z0-9][-a-z0-9]{0,62})\/([a-z0-9][-a-z0-9]{0,62})$/.exec(flyte) ?? [];
  const refuse = (option: string, value: string, expected: string) =>
    failure([manifestIssues["manifests.option"]({ option, value, expected })]);
  if (typeof pilot === "string") return refuse("--pilot", list, pilot);
  if (namespace === undefined || name === undefined) return refuse("--flyte", flyte, "NAMESPACE/SERVICE");
  return success({ pilot, flyte: { namespace, name }, isNarrower: narrow });
}

const CERTIFICATES = /^(?:\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----)+\s*$/;

/** Reads the CA certificate, which is printed; a file that also contains a key is refused. */
async function readAuthority(file: string | undefined, io: CliIo): Promise<Result<string | undefined>> {
  if (file === undefined) return success(undefined);
  try {
    const text = await readFile(resolve(io.cwd, file), "utf8");
    if (CERTIFICATES.test(text)) return success(text);
    const found = text.includes("PRIVATE KEY") ? "a private key" : "no certificate alone";
    return failure([manifestIssues["manifests.authority"]({ file, found })]);
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split(",")[0] ?? "") : String(error);
    return failure([cliIssues["cli.input-unreadable"]({ file, reason })]);
  }
}

function checkNamespace(value: string): readonly Issue[] {
  if (/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(value)) return [];
  const expected = "a namespace's name: lower-case letters, digits and dashes, at most 63";
  return [manifestIssues["manifests.option"]({ option: "--namespace", value, expected })];
}
