/** Checks the registrations: which webhooks are called for a Flyte pod, in which order, and whether they can answer. */
import { doctorIssues } from "../core/issue/doctor.ts";
import type { Issue } from "../core/issue/issue.ts";
import { isObject } from "../core/json.ts";
import { readText } from "../preview/input/identify.ts";
import {
  type Chain,
  notChecked,
  type ServedCertificate,
  toRow,
  type UnreachableServer,
} from "./doctor-facts.ts";
import { findGuard } from "./doctor-guard.ts";
import { readTexts, toList } from "./evidence.ts";
import { isCalledFor, isWriter, type RegisteredWebhook } from "./registration.ts";

const DAY_MS = 86_400_000;
const SOON_DAYS = 14;
/** The API server's own limit for a request (kube-apiserver, "Request timeouts"). */
const LONGEST_SECONDS = 30;
const SYSTEM = new Set(["kube-system", "kube-public", "kube-node-lease"]);
/** Labels of a sample pod that asks for secrets. */
const SAMPLE_LABELS = { "inject-flyte-secrets": "true" };
const LONGEST_LIST = 8;

/** Checks that this webhook and the injector are registered; the row shows the order of the webhooks. */
export function checkRegistered({ webhooks, isBeforeSwitch }: Chain) {
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

/** Checks that the injector is called after this webhook or Flyte's, whose annotations it reads. */
export function checkOrder({ webhooks }: Chain) {
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

/** Reports namespaces that no webhook serves, or that two serve. */
export function checkNamespaces({ webhooks, namespaces, deployments }: Chain) {
  if (!namespaces.ok) return notChecked(namespaces.reason);
  // A webhook that only observes does not serve pods.
  const writers = webhooks.filter(isWriter);
  if (writers.length === 0) return notChecked("no webhook of ours or Flyte's is registered");
  // No tasks run in the namespaces of the webhooks themselves.
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

/** Whether a webhook is called for a Flyte pod in a namespace; a pilot by project is called only for pods with its label. */
function isServing(
  webhook: RegisteredWebhook,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): boolean {
  return isCalledFor(webhook, { namespace, labels: SAMPLE_LABELS }, labels);
}

/**
 * Checks the sum of the timeouts, because all webhooks for a pod share the time of one API request; where namespaces differ, the
 * one with the largest sum counts.
 */
export function checkTimeouts({ webhooks, namespaces, dryRun }: Chain) {
  const places = namespaces.ok
    ? toList(namespaces.value).map(({ metadata }) => ({
        name: readText(metadata, "name"),
        labels: readTexts(isObject(metadata) ? metadata.labels : {}),
      }))
    : [{ name: dryRun.namespace, labels: {} }];
  const sums = places
    .filter(({ name }) => !SYSTEM.has(name))
    .map(({ name, labels }) => {
      const called = webhooks.filter((webhook) => isServing(webhook, name, labels));
      return { called, seconds: called.reduce((sum, { timeoutSeconds }) => sum + timeoutSeconds, 0) };
    });
  const { called, seconds } = sums.toSorted((one, other) => other.seconds - one.seconds)[0] ?? {
    ...{ called: [], seconds: 0 },
  };
  const names = called
    .map(({ registration, timeoutSeconds }) => `${registration} ${timeoutSeconds} s`)
    .join(", ");
  return toRow(
    `${seconds} s together`,
    seconds > LONGEST_SECONDS ? [doctorIssues["doctor.timeouts"]({ seconds, names })] : [],
  );
}

/** Checks that no task starts without its secrets while a webhook is down. */
export function checkFailurePolicies({ webhooks, policies }: Chain) {
  const ignored = webhooks.filter(({ failurePolicy }) => failurePolicy === "Ignore");
  const hasGuard = policies.ok && findGuard(policies.value).length > 0;
  const issues = ignored.flatMap(({ owner, registration, isObserver }): readonly Issue[] => {
    if (owner === "ours" && !isObserver) return [doctorIssues["doctor.failure-policy"]({ registration })];
    return owner === "injector" && !hasGuard
      ? [doctorIssues["doctor.injector-ignored"]({ registration })]
      : [];
  });
  return toRow("a webhook that is down starts no task without its secrets", issues);
}

/** Checks that each registration's Service exists; without it, pods are refused or stored unchanged. */
export function checkServices({ webhooks, services }: Chain) {
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

/** Checks serving certificates against caBundle, and their expiry. */
export function checkCertificates({ webhooks, certificates, now }: Chain) {
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
    return notChecked(unknown[0] ?? "no webhook of this chain is registered");
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
  { registration, target, untrusted, notAfter, day }: ServedCertificate,
  now: number,
  without: ReadonlySet<string>,
): readonly Issue[] {
  const days = Math.floor((notAfter - now) / DAY_MS);
  if (notAfter <= now) return [doctorIssues["doctor.expired"]({ registration, target, day })];
  return [
    ...(untrusted === undefined || without.has(registration)
      ? []
      : [doctorIssues["doctor.ca-mismatch"]({ registration, target, reason: untrusted })]),
    ...(days < SOON_DAYS ? [doctorIssues["doctor.expires"]({ registration, target, day, days })] : []),
  ];
}

function renderNames(list: readonly { readonly name: string }[]): string {
  const names = list.slice(0, LONGEST_LIST).map(({ name }) => name);
  return `${names.join(", ")}${list.length > LONGEST_LIST ? ` and ${list.length - LONGEST_LIST} more` : ""}`;
}
