/**
 * Sample pods that every new engine reviews before it may serve: one for each secret engine, a long-lived one, and one for
 * each `when` of the configuration. A plugin that fails on all of them would also fail on the cluster's pods.
 */
import type { AdmissionRequest } from "../core/admission/request.ts";
import type { Engine } from "../core/engine.ts";
import type { Issue } from "../core/issue/issue.ts";
import { pluginIssues } from "../core/issue/plugin.ts";
import type { Outcome } from "../core/outcome.ts";
import type { PluginFailure } from "../core/ports.ts";
import { encodeRequests } from "../core/secret/codec.ts";
import type { PluginEntrySettings, PluginWhen, Settings } from "../core/settings.ts";
import { webPorts } from "./ports.ts";

/** How long one review may take, milliseconds: the API server's default timeout. */
const LIMIT_MS = 10_000;

/** The results of the sample reviews. */
export interface Sampled {
  /** Why the engine must not serve: a defect, or a plugin that fails on every pod that it applies to. */
  readonly wrong: readonly Issue[];
  /** Issues of the configuration that would occur with every pod; the engine may still serve. */
  readonly issues: readonly Issue[];
  readonly outcomes: readonly { readonly request: AdmissionRequest; readonly allowed: boolean }[];
}

/**
 * Reviews the sample pods of a configuration with its engine, through all plugins.
 *
 * @param takeFailures returns the plugins' failures since the previous call
 */
export async function reviewSamples(
  engine: Engine,
  settings: Settings,
  takeFailures: () => readonly PluginFailure[],
): Promise<Sampled> {
  const tally = settings.plugins.map((): EntryTally => ({ reviewed: 0, failed: 0 }));
  const wrong: Issue[] = [];
  const found = new Map<string, Issue>();
  const outcomes: { request: AdmissionRequest; allowed: boolean }[] = [];
  for (const request of createSamples(settings)) {
    try {
      const { outcome, failures } = await reviewTwice(engine, request, takeFailures);
      outcomes.push({ request, allowed: outcome.allowed });
      for (const { entry } of outcome.measure?.().plugins ?? []) count(tally[entry], failures, entry);
      for (const issue of outcome.issues.filter(isAboutConfig))
        found.set(`${issue.code}\n${issue.message}`, nameSource(issue, outcome));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      wrong.push(
        pluginIssues["engine.self-test"]({ reason, help: "Report it: this is a defect of the webhook" }),
      );
      break;
    }
  }
  const judged = tally.map((each, entry) => judgeEntry(each, settings.plugins[entry], entry));
  return {
    wrong: [...wrong, ...judged.flatMap(({ fatal }) => fatal ?? [])],
    issues: [...judged.flatMap(({ issue }) => issue ?? []), ...found.values()],
    outcomes,
  };
}

/** Reviews one sample, and again if a plugin only timed out: the first call of a plugin is its slowest. */
async function reviewTwice(
  engine: Engine,
  request: AdmissionRequest,
  takeFailures: () => readonly PluginFailure[],
) {
  takeFailures();
  const outcome = await reviewSample(engine, request);
  const failures = takeFailures();
  if (!failures.some(({ code }) => code === "plugin.timeout")) return { outcome, failures };
  return { outcome: await reviewSample(engine, request), failures: takeFailures() };
}

/** Reviews one sample within the time that the API server would wait. */
export async function reviewSample(engine: Engine, request: AdmissionRequest): Promise<Outcome> {
  const { signal, cancel } = webPorts.createDeadline(LIMIT_MS, undefined);
  try {
    return await engine.review(request, { signal });
  } finally {
    cancel();
  }
}

interface EntryTally {
  reviewed: number;
  failed: number;
  last?: PluginFailure;
}

function count(tally: EntryTally | undefined, failures: readonly PluginFailure[], entry: number): void {
  if (!tally) return;
  tally.reviewed++;
  const failure = failures.find((each) => each.entry === entry);
  if (!failure) return;
  tally.failed++;
  tally.last = failure;
}

function judgeEntry(
  { reviewed, failed, last }: EntryTally,
  settings: PluginEntrySettings | undefined,
  entry: number,
): { readonly fatal?: Issue; readonly issue?: Issue } {
  if (!last || !settings) return {};
  const at = `plugins[${entry}]`;
  const facts = { at, use: settings.use, hook: last.hook, reason: reasonOf(last), failed, reviewed };
  const isFatal = failed === reviewed && settings.onError === "deny";
  return isFatal
    ? { fatal: pluginIssues["plugin.fails-always"](facts, { path: at }) }
    : { issue: pluginIssues["plugin.fails-sometimes"](facts, { path: at }) };
}

/** Safe to read: what the plugin threw was converted where it was caught. */
function reasonOf({ error, code }: PluginFailure): string {
  return error instanceof Error ? (error.message.split("\n")[0] ?? code) : code;
}

/** Issues of a sample that only the configuration can cause; other issues are left to reviews of real pods. */
const ABOUT_CONFIG: ReadonlySet<string> = new Set([
  ...["pod.inject-off", "pod.configmap", "pod.no-agent", "pod.sidecar-stays", "pod.secrets-late"],
  ...["pod.role-missing", "pod.auth-path-missing", "pod.auth-parameter-missing", "pod.status-injected"],
  ...["pod.request-above-limit", "pod.request-above-default"],
]);

function isAboutConfig({ code, severity }: Issue): boolean {
  return severity !== "info" && (code.startsWith("annotation.") || ABOUT_CONFIG.has(code));
}

/** Names the plugin entry that set the annotation. Annotations of the configuration get their place in the file later. */
function nameSource(issue: Issue, outcome: Outcome): Issue {
  const { annotations } = outcome.explain();
  const source = annotations.find(({ key }) => key === issue.annotation)?.source;
  if (source?.kind !== "plugin") return issue;
  const path = `plugins[${source.entry}]`;
  return { ...issue, path, message: `${path}: ${issue.message}` };
}

/** @returns the samples of a configuration, in a fixed order */
export function createSamples({ plugins }: Settings): AdmissionRequest[] {
  const engines = [
    { group_version: "kv1", group: "secret/self-test" },
    { group_version: "kv2", group: "secret/data/self-test" },
    { group_version: "db", group: "database/creds/self-test", key: "username" },
  ];
  const owner = {
    apiVersion: "ray.io/v1",
    kind: "RayCluster",
    name: "sample",
    uid: "sample",
    controller: true,
  };
  const whens = plugins.map(({ when }) => when).filter((when) => Object.keys(when).length > 0);
  return [
    ...engines.map((secret) => toRequest({ secret })),
    toRequest({ owners: [owner] }),
    ...once(whens.flatMap((when) => toMatching(when) ?? [])).map((sample) => toRequest(sample)),
  ];
}

/** How a sample differs from the others. */
interface Sample {
  readonly secret?: { readonly group?: string; readonly group_version?: string; readonly key?: string };
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly serviceAccount?: string;
  readonly owners?: readonly object[];
}

/** @returns a pod that meets the conditions; absent if no pod can */
function toMatching({
  projects,
  domains,
  namespaces,
  labels = {},
  serviceAccounts,
  groups,
}: PluginWhen): Sample | undefined {
  const lists = [projects, domains, namespaces, serviceAccounts, groups, ...Object.values(labels)];
  if (lists.some((globs) => globs?.length === 0)) return undefined;
  const first = (globs: readonly string[] | undefined) => globs?.[0]?.replaceAll("*", "x");
  const [project, domain, namespace, group] = [projects, domains, namespaces, groups].map(first);
  const serviceAccount = first(serviceAccounts);
  const own = Object.entries(labels).map(([label, globs]) => [label, first(globs) ?? ""] as const);
  return {
    labels: { ...(project && { project }), ...(domain && { domain }), ...Object.fromEntries(own) },
    ...(namespace && { namespace }),
    ...(serviceAccount && { serviceAccount }),
    ...(group && { secret: { group } }),
  };
}

function once(samples: readonly Sample[]): Sample[] {
  return [...new Map(samples.map((sample) => [JSON.stringify(sample), sample])).values()];
}

function toRequest({ secret, labels, owners, serviceAccount, ...sample }: Sample): AdmissionRequest {
  const { namespace = "flytesnacks-development" } = sample;
  const empty = {
    group: "secret/data/self-test",
    group_version: "kv2",
    key: "key",
    env_var: "",
    mount_requirement: 0,
  };
  const annotations = encodeRequests([{ ...empty, ...secret }], webPorts.encodeUtf8);
  return {
    ...{ uid: "self-test", operation: "CREATE", namespace, dryRun: true },
    object: {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        ...{ name: "self-test", namespace, annotations },
        labels: { "inject-flyte-secrets": "true", project: "flytesnacks", domain: "development", ...labels },
        ...(owners && { ownerReferences: owners }),
      },
      spec: {
        containers: [{ name: "main", image: "self-test" }],
        ...(serviceAccount && { serviceAccountName: serviceAccount }),
      },
    },
  };
}
