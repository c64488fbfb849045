/** A cluster's admission chain, looked at as a whole: facts in, one row for each check out. */
import { doctorIssues } from "../core/issue/doctor.ts";
import type { Issue } from "../core/issue/issue.ts";
import { isObject, type JsonObject } from "../core/json.ts";
import { VaultKey } from "../core/vault/key.ts";
import { readText } from "../preview/input/identify.ts";
import { readTexts, toList } from "./evidence.ts";
import { isCalledFor, type RegisteredWebhook, readRegistrations } from "./registration.ts";

/** Something that was read from the cluster, or why it could not be. */
export type Known<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

/** A webhook that should serve, and does not. */
export interface UnreachableServer {
  readonly registration: string;
  readonly target: string;
  /** What happened instead of a handshake. */
  readonly unreachable: string;
}

/** A webhook's server, as a TLS client sees it. */
export interface ServedCertificate {
  readonly registration: string;
  readonly target: string;
  /** Absent where the certificate is trusted by the registration's caBundle, for the name that the API server uses. */
  readonly untrusted?: string;
  /** End of its validity, milliseconds since the epoch. */
  readonly notAfter: number;
  /** The same as a day: `2026-12-31`. */
  readonly day: string;
}

/** One replica of this webhook. */
export interface Replica {
  readonly pod: string;
  readonly isReady: boolean;
  /** Hash of its configuration, or what is wrong with it. */
  readonly detail: string;
}

/** Everything that a check may look at. */
export interface ClusterFacts {
  readonly registrations: Known<readonly unknown[]>;
  readonly namespaces: Known<readonly unknown[]>;
  readonly services: Known<readonly unknown[]>;
  readonly policies: Known<readonly unknown[]>;
  readonly bindings: Known<readonly unknown[]>;
  readonly deployments: Known<readonly unknown[]>;
  /** `1.35.2`. */
  readonly apiServer: Known<string>;
  readonly nodes: Known<readonly unknown[]>;
  readonly certificates: readonly Known<ServedCertificate | UnreachableServer>[];
  readonly replicas: Known<readonly Replica[]>;
  /** A sample pod after the whole chain. */
  readonly dryRun: { readonly namespace: string; readonly pod: Known<unknown> };
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether this webhook need not be registered yet. */
  readonly isBeforeSwitch: boolean;
}

/** One row of the table. */
export interface DoctorRow {
  readonly check: string;
  readonly verdict: "fine" | "finding" | "not checked";
  readonly detail: string;
  readonly issues: readonly Issue[];
}

interface Chain extends ClusterFacts {
  /** In the order in which they are called. */
  readonly webhooks: readonly RegisteredWebhook[];
}

type Check = readonly [name: string, check: (chain: Chain) => Omit<DoctorRow, "check">];

/** Looks at a cluster. */
export function examineCluster(facts: ClusterFacts): readonly DoctorRow[] {
  const { registrations } = facts;
  const webhooks = registrations.ok ? readRegistrations(registrations.value) : [];
  const known = CHECKS.filter(([name]) => registrations.ok || !NEED_REGISTRATIONS.has(name));
  const rows = known.map(([check, run]) => ({ check, ...run({ ...facts, webhooks }) }));
  if (registrations.ok) return rows;
  return [{ check: "registrations", ...notChecked(registrations.reason) }, ...rows];
}

const DAY_MS = 86_400_000;
const SOON_DAYS = 14;
/** The API server's own limit for a request (kube-apiserver, "Request timeouts"). */
const LONGEST_SECONDS = 30;
const SYSTEM = new Set(["kube-system", "kube-public", "kube-node-lease"]);
/** Pods that ask: the label is what every objectSelector of the chain looks at. */
const SAMPLE_LABELS = { "inject-flyte-secrets": "true" };
const LONGEST_LIST = 8;

const CHECKS: readonly Check[] = [
  ["registrations", checkRegistered],
  ["order", checkOrder],
  ["namespaces", checkNamespaces],
  ["timeouts", checkTimeouts],
  ["failure policies", checkFailurePolicies],
  ["services", checkServices],
  ["certificates", checkCertificates],
  ["guard", checkGuard],
  ["replicas", checkReplicas],
  ["injector", checkInjector],
  ["versions", checkVersions],
  ["dry run", checkDryRun],
];

const NEED_REGISTRATIONS = new Set([
  "registrations",
  "order",
  "namespaces",
  "timeouts",
  "failure policies",
  "services",
  "certificates",
]);

function checkRegistered({ webhooks, isBeforeSwitch }: Chain) {
  const has = (owner: RegisteredWebhook["owner"]) => webhooks.some((webhook) => webhook.owner === owner);
  const issues = [
    ...(has("ours") || isBeforeSwitch ? [] : [doctorIssues["doctor.not-registered"]({})]),
    ...(has("injector") ? [] : [doctorIssues["doctor.injector-missing"]({})]),
  ];
  const called = webhooks
    .filter(({ isForPods }) => isForPods)
    .map(({ registration, owner }) => `${registration} (${owner})`);
  return toRow(`called in this order: ${called.join(", ") || "none"}`, issues);
}

function checkOrder({ webhooks }: Chain) {
  const injectors = webhooks.filter(
    ({ owner, reinvocationPolicy }) => owner === "injector" && reinvocationPolicy === "Never",
  );
  const issues = webhooks
    .filter(({ owner }) => owner === "ours" || owner === "flyte")
    .flatMap(({ registration }) => {
      const first = injectors.find((injector) => injector.registration < registration);
      return first ? [doctorIssues["doctor.order"]({ registration, other: first.registration })] : [];
    });
  return toRow("the injector is called last", issues);
}

function checkNamespaces({ webhooks, namespaces, deployments }: Chain) {
  if (!namespaces.ok) return notChecked(namespaces.reason);
  // A webhook that only observes serves nobody.
  const writers = webhooks.filter(
    ({ owner, registration }) => owner === "flyte" || (owner === "ours" && !isObserver(registration)),
  );
  if (writers.length === 0) return notChecked("no webhook of ours or Flyte's is registered");
  // The namespaces of the webhooks themselves run no tasks.
  const own = new Set(writers.flatMap(({ service }) => service?.namespace ?? []));
  for (const { metadata } of deployments.ok ? toList(deployments.value) : [])
    if (isOurs(metadata)) own.add(readText(metadata, "namespace"));
  const seen = toList(namespaces.value).map(({ metadata }) => {
    const name = readText(metadata, "name");
    const labels = readTexts(isObject(metadata) ? metadata.labels : {});
    const serving = writers.filter((webhook) => isServing(webhook, name, labels));
    return { name, serving };
  });
  const gaps = seen.filter(
    ({ name, serving }) => serving.length === 0 && !SYSTEM.has(name) && !own.has(name),
  );
  const double = seen.filter(({ serving }) => serving.length > 1);
  const names = [
    ...new Set(double.flatMap(({ serving }) => serving.map(({ registration }) => registration))),
  ];
  return toRow(`${seen.length} namespaces, each served once`, [
    ...(gaps.length > 0 ? [doctorIssues["doctor.nobody-serves"]({ namespaces: renderNames(gaps) })] : []),
    ...(double.length > 0
      ? [doctorIssues["doctor.two-serve"]({ namespaces: renderNames(double), names: names.join(", ") })]
      : []),
  ]);
}

function isOurs(metadata: unknown): boolean {
  const labels = readTexts(isObject(metadata) ? metadata.labels : {});
  return labels["app.kubernetes.io/name"] === "flyte-vault-webhook";
}

/** A pilot by project splits each namespace by the pods' label: it serves whoever has one of its projects. */
function isServing(
  webhook: RegisteredWebhook,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): boolean {
  return isCalledFor(webhook, { namespace, labels: SAMPLE_LABELS }, labels);
}

function checkTimeouts({ webhooks }: Chain) {
  const called = webhooks.filter((webhook) =>
    isCalledFor(webhook, { namespace: "default", labels: SAMPLE_LABELS }),
  );
  const seconds = called.reduce((sum, { timeoutSeconds }) => sum + timeoutSeconds, 0);
  const names = called
    .map(({ registration, timeoutSeconds }) => `${registration} ${timeoutSeconds} s`)
    .join(", ");
  return toRow(
    `${seconds} s together`,
    seconds > LONGEST_SECONDS ? [doctorIssues["doctor.timeouts"]({ seconds, names })] : [],
  );
}

function checkFailurePolicies({ webhooks, policies }: Chain) {
  const ignored = webhooks.filter(({ failurePolicy }) => failurePolicy === "Ignore");
  const hasGuard = policies.ok && findGuard(policies.value).length > 0;
  const issues = ignored.flatMap(({ owner, registration }): readonly Issue[] => {
    if (owner === "ours" && !isObserver(registration))
      return [doctorIssues["doctor.failure-policy"]({ registration })];
    return owner === "injector" && !hasGuard
      ? [doctorIssues["doctor.injector-ignored"]({ registration })]
      : [];
  });
  return toRow("a webhook that is down starts no task without its secrets", issues);
}

function checkServices({ webhooks, services }: Chain) {
  if (!services.ok) return notChecked(services.reason);
  const known = new Set(
    toList(services.value).map(
      ({ metadata }) => `${readText(metadata, "namespace")}/${readText(metadata, "name")}`,
    ),
  );
  const issues = webhooks
    .filter(({ owner }) => owner !== "other")
    .flatMap(({ registration, service }) => {
      const target = service && `${service.namespace}/${service.name}`;
      return target !== undefined && !known.has(target)
        ? [doctorIssues["doctor.service-missing"]({ registration, target })]
        : [];
    });
  return toRow("every registration's Service exists", issues);
}

function checkCertificates({ webhooks, certificates, now }: Chain) {
  const missing = webhooks
    .filter(({ owner, caBundle }) => owner !== "other" && caBundle === "")
    .map(({ registration }) => doctorIssues["doctor.ca-missing"]({ registration }));
  const without = new Set(
    webhooks.filter(({ caBundle }) => caBundle === "").map(({ registration }) => registration),
  );
  const found = certificates.flatMap((known) => (known.ok ? [known.value] : []));
  const issues = [...missing, ...found.flatMap((served) => checkServer(served, now, without))];
  const unknown = certificates.flatMap((known) => (known.ok ? [] : [known.reason]));
  if (issues.length === 0 && found.length === 0)
    return notChecked(unknown[0] ?? "no certificate could be looked at");
  const also = unknown.length > 0 ? `; not checked: ${unknown.join("; ")}` : "";
  return toRow(`${found.length} served certificates match their caBundle${also}`, issues);
}

function checkServer(
  served: ServedCertificate | UnreachableServer,
  now: number,
  without: ReadonlySet<string>,
): readonly Issue[] {
  if (!("unreachable" in served)) return checkCertificate(served, now, without);
  const { registration, target, unreachable: reason } = served;
  return [doctorIssues["doctor.unreachable"]({ registration, target, reason })];
}

function checkCertificate(
  { registration, untrusted, notAfter, day }: ServedCertificate,
  now: number,
  without: ReadonlySet<string>,
): readonly Issue[] {
  const days = Math.floor((notAfter - now) / DAY_MS);
  if (notAfter <= now) return [doctorIssues["doctor.expired"]({ registration, day })];
  return [
    ...(untrusted === undefined || without.has(registration)
      ? []
      : [doctorIssues["doctor.ca-mismatch"]({ registration, reason: untrusted })]),
    ...(days < SOON_DAYS ? [doctorIssues["doctor.expires"]({ registration, day, days })] : []),
  ];
}

function checkGuard({ policies, bindings }: Chain) {
  if (!policies.ok) return notChecked(policies.reason);
  const guard = findGuard(policies.value);
  if (guard.length === 0) return toRow("", [doctorIssues["doctor.guard-missing"]({})]);
  if (!bindings.ok) return toRow("it is installed; its actions could not be read", []);
  const names = new Set(guard.map(({ metadata }) => readText(metadata, "name")));
  const actions = toList(bindings.value)
    .map(({ spec }) => spec)
    .filter((spec) => names.has(readText(spec, "policyName")))
    .flatMap((spec) =>
      isObject(spec) && Array.isArray(spec.validationActions) ? spec.validationActions : [],
    )
    .map(String);
  if (actions.length === 0) return toRow("", [doctorIssues["doctor.guard-missing"]({})]);
  const text = [...new Set(actions)].join(", ");
  return toRow(
    `installed, actions ${text}`,
    actions.includes("Deny") ? [] : [doctorIssues["doctor.guard-warns"]({ actions: text })],
  );
}

function findGuard(policies: readonly unknown[]): readonly JsonObject[] {
  return toList(policies).filter(({ metadata }) =>
    readText(metadata, "name").startsWith("flyte-vault-webhook-"),
  );
}

function checkReplicas({ replicas }: Chain) {
  if (!replicas.ok) return notChecked(replicas.reason);
  const unready = replicas.value.filter(({ isReady }) => !isReady);
  const ready = replicas.value.filter(({ isReady }) => isReady);
  const hashes = new Set(ready.map(({ detail }) => detail));
  const text = ready.map(({ pod, detail }) => `${pod} ${detail.slice(0, 12)}`).join(", ");
  return toRow(
    `${ready.length} replicas with configuration ${[...hashes].map((hash) => hash.slice(0, 12)).join(", ")}`,
    [
      ...unready.map(({ pod, detail }) => doctorIssues["doctor.replica-unready"]({ pod, reason: detail })),
      ...(hashes.size > 1 ? [doctorIssues["doctor.configurations-differ"]({ hashes: text })] : []),
    ],
  );
}

const TRIED_VERSION = "1.7.6";

function checkInjector({ deployments }: Chain) {
  if (!deployments.ok) return notChecked(deployments.reason);
  const found = toList(deployments.value).flatMap(readInjector);
  const [first] = found;
  if (!first) return notChecked("no Deployment runs vault-k8s here: it may run elsewhere");
  const { version, address } = first;
  return toRow(`vault-k8s ${version}, Vault at ${address || "(its default)"}`, [
    ...(version === TRIED_VERSION ? [] : [doctorIssues["doctor.injector-version"]({ version })]),
    ...(address !== "" && !/^(?:https?|unix):\/\//.test(address)
      ? [doctorIssues["doctor.injector-address"]({ value: address })]
      : []),
  ]);
}

function readInjector({ spec }: JsonObject): { readonly version: string; readonly address: string }[] {
  const template = isObject(spec) && isObject(spec.template) ? spec.template : {};
  const containers = isObject(template.spec) ? toList(template.spec.containers) : [];
  return containers.flatMap((container) => {
    const image = readText(container, "image");
    const [, version = ""] = /(?:^|\/)vault-k8s(?:@.*|:(.+))?$/.exec(image) ?? [undefined, undefined];
    if (!/(?:^|\/)vault-k8s(?:[:@]|$)/.test(image)) return [];
    const flag = (Array.isArray(container.args) ? container.args : [])
      .map(String)
      .find((arg) => /^-?-vault-address=/.test(arg));
    const variable = toList(container.env).find(({ name }) => name === "AGENT_INJECT_VAULT_ADDR");
    return [
      { version: version || "unknown", address: flag?.replace(/^[^=]*=/, "") ?? readText(variable, "value") },
    ];
  });
}

/** Match conditions and ValidatingAdmissionPolicy are stable since 1.30 (Kubernetes, feature gates). */
const LEAST_MINOR = 30;

function checkVersions({ apiServer, nodes }: Chain) {
  if (!apiServer.ok) return notChecked(apiServer.reason);
  const [, major = "", minor = ""] = /^v?(\d+)\.(\d+)/.exec(apiServer.value) ?? [];
  const isOld = Number(major) === 1 && Number(minor) < LEAST_MINOR;
  const kubelets = nodes.ok
    ? [
        ...new Set(
          toList(nodes.value).map(({ status }) =>
            readText(isObject(status) ? status.nodeInfo : {}, "kubeletVersion"),
          ),
        ),
      ]
    : [];
  const about = kubelets.length > 0 ? `, nodes ${kubelets.join(", ")}` : "";
  return toRow(
    `API server ${apiServer.value}${about}`,
    isOld ? [doctorIssues["doctor.api-server"]({ version: apiServer.value })] : [],
  );
}

function checkDryRun({ dryRun }: Chain) {
  const { namespace, pod } = dryRun;
  if (!pod.ok) {
    // A refusal by admission is a finding; a user who may not create pods has found nothing.
    if (/cannot create resource|Unauthorized|no permission/.test(pod.reason)) return notChecked(pod.reason);
    return toRow("", [doctorIssues["doctor.dry-run-refused"]({ namespace, reason: pod.reason })]);
  }
  const { metadata, spec } = isObject(pod.value) ? pod.value : {};
  const annotations = readTexts(isObject(metadata) ? metadata.annotations : {});
  const names = isObject(spec)
    ? [...toList(spec.initContainers), ...toList(spec.containers)].map(({ name }) => name)
    : [];
  const lacks = [
    ...(annotations[VaultKey.inject] === "true" ? [] : ["the injector's annotations"]),
    ...(names.some((name) => name === "vault-agent-init" || name === "vault-agent")
      ? []
      : ["its Vault agent"]),
  ];
  const issue =
    lacks.length > 0 ? [doctorIssues["doctor.dry-run-bare"]({ namespace, lacks: lacks.join(" and ") })] : [];
  return toRow(`a sample pod in ${namespace} gets annotations and agent`, issue);
}

/** The component observe names its registration so. */
function isObserver(registration: string): boolean {
  return registration.endsWith("-observe");
}

function renderNames(list: readonly { readonly name: string }[]): string {
  const names = list.slice(0, LONGEST_LIST).map(({ name }) => name);
  return `${names.join(", ")}${list.length > LONGEST_LIST ? ` and ${list.length - LONGEST_LIST} more` : ""}`;
}

function toRow(detail: string, issues: readonly Issue[]): Omit<DoctorRow, "check"> {
  return { verdict: issues.length > 0 ? "finding" : "fine", detail, issues };
}

function notChecked(reason: string): Omit<DoctorRow, "check"> {
  return { verdict: "not checked", detail: reason, issues: [] };
}
