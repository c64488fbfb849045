/** `diagnose pod`: why does this pod hang? */

import { cliIssues } from "../../core/issue/cli.ts";
import { clusterIssues } from "../../core/issue/cluster.ts";
import type { Issue } from "../../core/issue/issue.ts";
import { isObject, type JsonObject } from "../../core/json.ts";
import { failure, type Result, success } from "../../core/result.ts";
import { diagnosePod } from "../../diagnose/diagnose.ts";
import { type Evidence, readTexts, type ServerFault, toList } from "../../diagnose/evidence.ts";
import { isWriter, type RegisteredWebhook, readRegistrations } from "../../diagnose/registration.ts";
import { renderDiagnosis } from "../../diagnose/render.ts";
import { findRefusal } from "../../diagnose/unserved.ts";
import { parseDocuments } from "../../preview/input/parse.ts";
import { CLUSTER, toClusterArgs } from "../cluster-options.ts";
import { type Context, defineCommand } from "../command.ts";
import { Exit } from "../exit.ts";
import { OUTPUT, type Values } from "../options.ts";
import { report } from "../report.ts";
import { decodeUtf8, readSources } from "../source.ts";

const OPTIONS = {
  namespace: { type: "text", short: "n", value: "NAME", summary: "Namespace of the pod (default: default)" },
  file: {
    type: "text",
    short: "f",
    value: "FILE",
    summary: "The stored pod, in place of kubectl; - is standard input",
  },
  logs: {
    type: "text",
    value: "FILE",
    summary: "Log of its agent (kubectl logs POD -c vault-agent-init), with -f",
  },
  events: { type: "text", value: "FILE", summary: "Its events (kubectl get events -o yaml), with -f" },
  registrations: {
    type: "text",
    value: "FILE",
    summary: "Every MutatingWebhookConfiguration of the cluster (kubectl get … -o yaml), with -f",
  },
  output: OUTPUT,
  ...CLUSTER,
} as const;

/** Explains why a pod has no secrets, from its object, events and logs, which kubectl or files provide. */
export const diagnosePodCommand = defineCommand({
  name: "diagnose pod",
  summary: "Say why a pod does not get its secrets",
  usage: "NAME [-n NAMESPACE] | -f FILE [--logs FILE] [--events FILE] [--registrations FILE]  [-o text|json]",
  about: `Follows a pod from its secret requests to its task: requests, annotations, injector, start, the agent's last lines,
files, client. Prints one sentence ("hangs because …"), what was seen at each link, what to change, and a text for the Vault team
where they have to act. Only reads: kubectl get and kubectl logs. No secret is read or printed.

Exit code 1: a fault is found.

Examples:
  flyte-vault-webhook diagnose pod f3a1-n0-0 -n flytesnacks-development
  flyte-vault-webhook diagnose pod -f pod.yaml --logs agent.log -o json`,
  options: OPTIONS,
  takesPositionals: true,
  run: async ({ values, positionals }, context) => {
    const { io } = context;
    const [name, ...more] = positionals;
    const evidence = await collect(name, more, values, context);
    report(io, evidence.issues);
    if (!evidence.ok) return Exit.usage;
    const diagnosis = diagnosePod(evidence.value, { decodeUtf8 });
    io.stdout(
      values.output === "json" ? `${JSON.stringify(diagnosis, null, 2)}\n` : renderDiagnosis(diagnosis),
    );
    return diagnosis.fault ? Exit.refused : Exit.fine;
  },
});

async function collect(
  name: string | undefined,
  [extra]: readonly string[],
  values: Values<typeof OPTIONS>,
  context: Context,
): Promise<Result<Evidence>> {
  const command = "diagnose pod";
  if (extra !== undefined)
    return failure([cliIssues["cli.argument-unexpected"]({ command, argument: extra })]);
  if (values.file !== undefined) return collectFiles(values.file, values, context);
  if (name === undefined)
    return failure([cliIssues["cli.option-missing"]({ command, option: "NAME or -f" })]);
  return collectFromCluster(name, values, context);
}

async function collectFiles(
  file: string,
  { logs, events, registrations }: Values<typeof OPTIONS>,
  { io }: Context,
): Promise<Result<Evidence>> {
  const paths = [file, logs, events, registrations].filter((path) => path !== undefined);
  const sources = await readSources(paths, io);
  if (!sources.ok) return sources;
  const texts = new Map(paths.map((path, i) => [path, sources.value[i]?.text ?? ""]));
  const textOf = (path: string | undefined) => (path === undefined ? undefined : texts.get(path));
  const pod = readObjects(textOf(file) ?? "", file);
  if (!pod.ok) return pod;
  const [first] = pod.value;
  if (!first) return failure([clusterIssues["cluster.answer"]({ what: file, reason: "it has no pod" })]);
  const [read, registered] = [events, registrations].map((path) => {
    const text = textOf(path);
    return path === undefined || text === undefined ? success(undefined) : readObjects(text, path);
  });
  if (read && !read.ok) return read;
  if (registered && !registered.ok) return registered;
  return success({
    ...{ pod: first, log: textOf(logs), events: read?.value, registrations: registered?.value },
  });
}

async function collectFromCluster(
  name: string,
  values: Values<typeof OPTIONS>,
  { io, deps }: Context,
): Promise<Result<Evidence>> {
  const cluster = toClusterArgs(values);
  const { namespace = "default" } = values;
  const inNamespace = ["-n", namespace, ...cluster];
  const read = (args: readonly string[]) => deps.cluster.read(args, io);
  const text = await read(["get", "pod", name, ...inNamespace, "-o", "json"]);
  // A pod that a webhook's failure has refused was never stored; an event of its controller may say so.
  if (!text.ok) return failure([...text.issues, ...(await findRefusals(read, inNamespace))]);
  const pod = readObjects(text.value, `pod ${name}`);
  if (!pod.ok) return pod;
  const [first = {}] = pod.value;
  const selector = `involvedObject.kind=Pod,involvedObject.name=${name}`;
  // A user who may read the pod may not be allowed to read all of these; missing facts are shown as "not known".
  const [log, events, registrations, labels] = await Promise.all([
    read(["logs", name, ...inNamespace, "-c", toAgentName(first), "--tail=2000"]),
    read(["get", "events", ...inNamespace, "--field-selector", selector, "-o", "json"]),
    read(["get", "mutatingwebhookconfigurations", ...cluster, "-o", "json"]),
    read(["get", "namespace", namespace, ...cluster, "-o", "json"]),
  ]);
  const listOf = (result: Result<string>, what: string) => {
    const objects = result.ok ? readObjects(result.value, what) : result;
    return objects.ok ? objects.value : undefined;
  };
  const metadata = listOf(labels, "namespace")?.[0]?.metadata;
  const registered = listOf(registrations, "registrations");
  return success({
    servers: await findServerFaults(first, registered ?? [], (webhook) =>
      deps.cluster.findServerFault(webhook, cluster, io),
    ),
    pod: first,
    log: log.ok ? log.value : undefined,
    events: listOf(events, "events"),
    registrations: registered,
    namespaceLabels: isObject(metadata) ? readTexts(metadata.labels) : undefined,
  });
}

/** @returns what the namespace's events say of webhooks that could not be called */
async function findRefusals(
  read: (args: readonly string[]) => Promise<Result<string>>,
  inNamespace: readonly string[],
): Promise<readonly Issue[]> {
  const text = await read([
    "get",
    "events",
    ...inNamespace,
    "--field-selector",
    "reason=FailedCreate",
    "-o",
    "json",
  ]);
  const events = text.ok ? readObjects(text.value, "events") : text;
  const refused = events.ok ? findRefusal(events.value) : undefined;
  return refused ? [refused.issue] : [];
}

/** Checks the servers of webhooks that have not changed the pod: a handshake takes time, so no others. */
async function findServerFaults(
  pod: JsonObject,
  registrations: readonly unknown[],
  find: (webhook: RegisteredWebhook) => Promise<ServerFault | undefined>,
): Promise<ReadonlyMap<string, ServerFault>> {
  if (hasAgent(pod)) return new Map();
  const silent = readRegistrations(registrations).filter(
    (webhook) => webhook.owner === "injector" || isWriter(webhook),
  );
  const found = await Promise.all(
    silent.map(async (webhook) => [webhook.registration, await find(webhook)] as const),
  );
  return new Map(found.flatMap(([name, fault]) => (fault ? [[name, fault] as const] : [])));
}

function hasAgent({ spec }: JsonObject): boolean {
  const lists = isObject(spec) ? [spec.initContainers, spec.containers] : [];
  return lists.flatMap(toList).some(({ name }) => name === "vault-agent-init" || name === "vault-agent");
}

/** @returns the name of the agent's init container, or of its sidecar if the pod has only that */
function toAgentName({ spec }: JsonObject): string {
  const names = isObject(spec) ? toList(spec.initContainers).map(({ name }) => name) : [];
  return names.includes("vault-agent-init") ? "vault-agent-init" : "vault-agent";
}

/** @returns the objects of a text, with Lists split into their items */
function readObjects(text: string, what: string): Result<readonly JsonObject[]> {
  const documents = parseDocuments(text);
  if (!documents.ok) {
    const reason = documents.issues[0].message;
    return failure([clusterIssues["cluster.answer"]({ what, reason })]);
  }
  const objects = documents.value.flatMap((document) =>
    isObject(document) && Array.isArray(document.items) ? document.items : [document],
  );
  return success(objects.filter(isObject));
}
