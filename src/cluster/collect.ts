/** Reads the facts that `doctor` checks: a few lists from kubectl, handshakes with the webhooks' servers, and two dry runs. */
import type { JsonObject } from "../core/json.ts";
import type { ClusterFacts, Known } from "../diagnose/doctor-facts.ts";
import { readRegistrations } from "../diagnose/registration.ts";
import { readText } from "../preview/input/identify.ts";
import { readCertificates } from "./certificates.ts";
import type { KubectlOptions } from "./kubectl.ts";
import { readJson, readList } from "./read.ts";
import { readReplicas } from "./replicas.ts";

/** Which cluster to read, and the sample pods. */
export interface CollectOptions extends KubectlOptions {
  /** kubectl's arguments that select the cluster. */
  readonly args: readonly string[];
  /** Namespace of the sample pods. */
  readonly namespace: string;
  /** A sample pod that asks for a file, and one that asks for a variable. */
  readonly samples: { readonly file: object; readonly variable: object };
  readonly isBeforeSwitch: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Collects the facts. A fact that cannot be read is recorded with kubectl's message. */
export async function collectFacts(options: CollectOptions): Promise<ClusterFacts> {
  const list = (...what: readonly string[]) =>
    readList(["get", ...what, ...options.args, "-o", "json"], options);
  const [registrations, namespaces, services, policies, bindings, deployments, configMaps, nodes, apiServer] =
    await Promise.all([
      list("mutatingwebhookconfigurations"),
      list("namespaces"),
      list("services", "-A"),
      list("validatingadmissionpolicies"),
      list("validatingadmissionpolicybindings"),
      list("deployments", "-A"),
      list("configmaps", "-A", "--field-selector", "metadata.name=flyte-vault-webhook"),
      list("nodes"),
      readVersion(options),
    ]);
  const { file, variable } = options.samples;
  const [dryRun, variableRun] = await Promise.all([readDryRun(file, options), readDryRun(variable, options)]);
  const webhooks = registrations.ok
    ? readRegistrations(registrations.value).filter(({ owner }) => owner !== "other")
    : [];
  return {
    ...{ registrations, namespaces, services, policies, bindings, deployments, configMaps, nodes, apiServer },
    certificates: (await Promise.all(webhooks.map((webhook) => readCertificates(webhook, options)))).flat(),
    replicas: await readReplicas(options),
    dryRun: { namespace: options.namespace, pod: dryRun },
    variableRun,
    now: options.now,
    isBeforeSwitch: options.isBeforeSwitch,
  };
}

async function readVersion(options: CollectOptions): Promise<Known<string>> {
  const read = await readJson(["version", ...options.args, "-o", "json"], options);
  if (!read.ok) return read;
  const version = readText(read.value.serverVersion, "gitVersion");
  return version === ""
    ? { ok: false, reason: "the API server reported no version" }
    : { ok: true, value: version };
}

function readDryRun(
  sample: object,
  { args, namespace, ...options }: CollectOptions,
): Promise<Known<JsonObject>> {
  const command = ["create", "--dry-run=server", "-n", namespace, ...args, "-o", "json", "-f", "-"];
  return readJson(command, options, JSON.stringify(sample));
}
