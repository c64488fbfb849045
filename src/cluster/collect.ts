/** Reads the facts that `doctor` checks: a few lists from kubectl, handshakes with the webhooks' servers, and two dry runs. */
import { isObject, type JsonObject } from "../core/json.ts";
import type { Result } from "../core/result.ts";
import type { ClusterFacts, Known, Replica } from "../diagnose/doctor-facts.ts";
import { toList } from "../diagnose/evidence.ts";
import { type RegisteredWebhook, readRegistrations } from "../diagnose/registration.ts";
import { readText } from "../preview/input/identify.ts";
import { withForward } from "./forward.ts";
import { type KubectlOptions, readKubectl } from "./kubectl.ts";
import { probeServer } from "./probe.ts";

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
  const [registrations, namespaces, services, policies, bindings, deployments, nodes, apiServer] =
    await Promise.all([
      list("mutatingwebhookconfigurations"),
      list("namespaces"),
      list("services", "-A"),
      list("validatingadmissionpolicies"),
      list("validatingadmissionpolicybindings"),
      list("deployments", "-A"),
      list("nodes"),
      readVersion(options),
    ]);
  const { file, variable } = options.samples;
  const [dryRun, variableRun] = await Promise.all([readDryRun(file, options), readDryRun(variable, options)]);
  const webhooks = registrations.ok
    ? readRegistrations(registrations.value).filter(({ owner }) => owner !== "other")
    : [];
  return {
    ...{ registrations, namespaces, services, policies, bindings, deployments, nodes, apiServer },
    certificates: await Promise.all(webhooks.map((webhook) => readCertificate(webhook, options))),
    replicas: await readReplicas(options),
    dryRun: { namespace: options.namespace, pod: dryRun },
    variableRun,
    now: options.now,
    isBeforeSwitch: options.isBeforeSwitch,
  };
}

async function readList(
  args: readonly string[],
  options: KubectlOptions,
): Promise<Known<readonly unknown[]>> {
  const read = await readJson(args, options);
  return read.ok ? { ok: true, value: toList(read.value.items) } : read;
}

async function readJson(
  args: readonly string[],
  options: KubectlOptions,
  input?: string,
): Promise<Known<JsonObject>> {
  const text = await readKubectl(args, input === undefined ? options : { ...options, input });
  if (!text.ok) return { ok: false, reason: toReason(text) };
  try {
    const value: unknown = JSON.parse(text.value);
    return isObject(value) ? { ok: true, value } : { ok: false, reason: "kubectl printed no object" };
  } catch {
    return { ok: false, reason: "kubectl printed no JSON" };
  }
}

/** kubectl's message, without the command. */
function toReason(failed: Result<unknown>): string {
  const text = failed.issues[0]?.message ?? "unknown";
  return text
    .replace(/^`[^`]*` failed: /, "")
    .replace(/^(?:Warning: [^\n]*\n)+/, "")
    .slice(0, 500);
}

async function readVersion(options: CollectOptions): Promise<Known<string>> {
  const read = await readJson(["version", ...options.args, "-o", "json"], options);
  if (!read.ok) return read;
  const version = readText(read.value.serverVersion, "gitVersion");
  return version === "" ? { ok: false, reason: "the API server did not say" } : { ok: true, value: version };
}

function readDryRun(
  sample: object,
  { args, namespace, ...options }: CollectOptions,
): Promise<Known<JsonObject>> {
  const command = ["create", "--dry-run=server", "-n", namespace, ...args, "-o", "json", "-f", "-"];
  return readJson(command, options, JSON.stringify(sample));
}

/** @returns the certificate of a webhook's server, or that the server does not answer, or why it could not be reached */
export async function readCertificate(
  webhook: RegisteredWebhook,
  options: Pick<CollectOptions, "args" | "env" | "cwd">,
): Promise<ClusterFacts["certificates"][number]> {
  const { registration, service, target } = webhook;
  const ca = Buffer.from(webhook.caBundle, "base64").toString("utf8");
  const seen = service
    ? await withForward(
        `service/${service.name}`,
        service.namespace,
        service.port,
        options.args,
        options,
        (port) =>
          probeServer({
            host: "127.0.0.1",
            port,
            serverName: `${service.name}.${service.namespace}.svc`,
            ca,
          }),
      )
    : await probeUrl(target, ca);
  if (!seen.ok) return { ok: false, reason: `${registration}: ${toReason(seen)}` };
  if (typeof seen.value === "string")
    return { ok: true, value: { registration, target, unreachable: seen.value } };
  return { ok: true, value: { registration, target, ...seen.value } };
}

async function probeUrl(target: string, ca: string) {
  const { hostname, port } = new URL(target);
  const seen = await probeServer({ host: hostname, port: Number(port || "443"), serverName: hostname, ca });
  return { ok: true as const, value: seen, issues: [] };
}

/** Reads the state of each replica through a forwarded port, which also reaches listeners on the pod's loopback. */
async function readReplicas(options: CollectOptions): Promise<Known<readonly Replica[]>> {
  const selector = "app.kubernetes.io/name=flyte-vault-webhook";
  const pods = await readList(["get", "pods", "-A", "-l", selector, ...options.args, "-o", "json"], options);
  if (!pods.ok) return pods;
  if (pods.value.length === 0) return { ok: false, reason: "no pod of this webhook runs in the cluster" };
  const replicas: Replica[] = [];
  for (const pod of toList(pods.value)) {
    const [name, namespace] = [readText(pod.metadata, "name"), readText(pod.metadata, "namespace")];
    const asked = await withForward(
      `pod/${name}`,
      namespace,
      MANAGEMENT_PORT,
      options.args,
      options,
      askReadiness,
    );
    if (!asked.ok) return { ok: false, reason: toReason(asked) };
    replicas.push({ pod: name, ...asked.value });
  }
  return { ok: true, value: replicas };
}

/** Default of `server.management.port`. */
const MANAGEMENT_PORT = 8080;

async function askReadiness(port: number): Promise<Omit<Replica, "pod">> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(5_000) });
    const body: unknown = await response.json();
    const checks = isObject(body) && isObject(body.checks) ? body.checks : {};
    return { isReady: response.ok, detail: readText(checks.config, "detail") || `status ${response.status}` };
  } catch (error) {
    return { isReady: false, detail: error instanceof Error ? error.message : String(error) };
  }
}
