/** Reads MutatingWebhookConfigurations: which webhooks are called for a pod, and in which order. */
import { isObject, type JsonObject } from "../core/json.ts";
import { VAULT_DOMAIN } from "../core/vault/key.ts";
import { readText } from "../preview/input/identify.ts";
import { readTexts, toList } from "./evidence.ts";

/** The program that a registration belongs to. */
type Owner = "ours" | "flyte" | "injector" | "other";

/** One webhook of a registration. */
export interface RegisteredWebhook {
  /** Name of the MutatingWebhookConfiguration. The API server calls webhooks in the byte order of these names. */
  readonly registration: string;
  /** Name of the webhook in the configuration. */
  readonly name: string;
  readonly owner: Owner;
  /** Whether it belongs to the component observe, which compares and changes nothing. */
  readonly isObserver: boolean;
  /** When the configuration was created, such as `2026-11-26T08:00:00Z`; empty if it does not say. */
  readonly created: string;
  readonly failurePolicy: "Fail" | "Ignore";
  readonly timeoutSeconds: number;
  readonly reinvocationPolicy: "Never" | "IfNeeded";
  readonly caBundle: string;
  /** `namespace/name:port` of its Service, or its URL. */
  readonly target: string;
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number } | undefined;
  readonly namespaceSelector: unknown;
  readonly objectSelector: unknown;
  /** Whether its rules include the creation of pods. */
  readonly isForPods: boolean;
}

/** The API server's default timeout, in seconds (Kubernetes API, `MutatingWebhook` v1). */
const DEFAULT_TIMEOUT = 10;

/** @returns the webhooks of all registrations, in the order in which the API server calls them */
export function readRegistrations(configurations: readonly unknown[]): readonly RegisteredWebhook[] {
  return configurations
    .filter(isObject)
    .flatMap((configuration) => {
      const registration = readText(configuration.metadata, "name");
      const created = readText(configuration.metadata, "creationTimestamp");
      return toList(configuration.webhooks).map((webhook) => readWebhook(registration, created, webhook));
    })
    .toSorted((a, b) => (a.registration < b.registration ? -1 : a.registration > b.registration ? 1 : 0));
}

function readWebhook(registration: string, created: string, webhook: JsonObject): RegisteredWebhook {
  const client = isObject(webhook.clientConfig) ? webhook.clientConfig : {};
  const service = isObject(client.service)
    ? {
        namespace: readText(client.service, "namespace"),
        name: readText(client.service, "name"),
        port: typeof client.service.port === "number" ? client.service.port : 443,
      }
    : undefined;
  const name = readText(webhook, "name");
  return {
    ...{ registration, name, service, created, owner: toOwner(registration, name) },
    isObserver: name.endsWith(OURS) && registration.endsWith("-observe"),
    failurePolicy: webhook.failurePolicy === "Ignore" ? "Ignore" : "Fail",
    timeoutSeconds: typeof webhook.timeoutSeconds === "number" ? webhook.timeoutSeconds : DEFAULT_TIMEOUT,
    reinvocationPolicy: webhook.reinvocationPolicy === "IfNeeded" ? "IfNeeded" : "Never",
    caBundle: readText(client, "caBundle"),
    target: service ? `${service.namespace}/${service.name}:${service.port}` : readText(client, "url"),
    namespaceSelector: webhook.namespaceSelector,
    objectSelector: webhook.objectSelector,
    isForPods: toList(webhook.rules).some(isForPods),
  };
}

/** Recognises this webhook, Flyte's and vault-k8s by the names that they are installed with. */
function toOwner(registration: string, name: string): Owner {
  if (name.endsWith(OURS)) return "ours";
  if (name.endsWith(".flyte.org") || registration === "flyte-pod-webhook") return "flyte";
  return name === INJECTOR_WEBHOOK || registration.endsWith("agent-injector-cfg") ? "injector" : "other";
}

/** How the names of this program's webhooks end. */
const OURS = "flyte-vault-webhook.io";

/** Name of the injector's webhook (vault-helm `injector-mutating-webhook.yaml`). */
const INJECTOR_WEBHOOK = VAULT_DOMAIN.slice(0, -1);

/** @returns whether a webhook was registered after a pod had been created; `false` if either does not say when */
export function isYounger({ created }: RegisteredWebhook, pod: { readonly created: string }): boolean {
  return pod.created !== "" && created > pod.created;
}

/** @returns whether a webhook puts the injector's annotations on pods; one that observes does not */
export function isWriter({ owner, isObserver }: RegisteredWebhook): boolean {
  return (owner === "ours" && !isObserver) || owner === "flyte";
}

function isForPods(rule: JsonObject): boolean {
  const has = (field: string, ...values: readonly string[]) => {
    const list = rule[field];
    return Array.isArray(list) && values.some((value) => list.includes(value));
  };
  return (
    has("resources", "pods", "*", "*/*") &&
    has("operations", "CREATE", "*") &&
    has("apiGroups", "", "*") &&
    has("apiVersions", "v1", "*") &&
    rule.scope !== "Cluster"
  );
}

/**
 * Checks whether a webhook is called for a pod. Match conditions are not evaluated; they could only exclude pods.
 *
 * @param namespaceLabels labels of the namespace; its name is added as `kubernetes.io/metadata.name`
 */
export function isCalledFor(
  webhook: RegisteredWebhook,
  pod: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
  namespaceLabels: Readonly<Record<string, string>> = {},
): boolean {
  const labels = { "kubernetes.io/metadata.name": pod.namespace, ...namespaceLabels };
  return (
    webhook.isForPods &&
    matchesSelector(webhook.namespaceSelector, labels) &&
    matchesSelector(webhook.objectSelector, pod.labels)
  );
}

/**
 * Checks whether labels match a label selector (Kubernetes API, `LabelSelector`); an absent or empty one matches everything.
 */
function matchesSelector(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  if (!isObject(selector)) return true;
  const equal = Object.entries(readTexts(selector.matchLabels)).every(
    ([key, value]) => get(labels, key) === value,
  );
  return (
    equal && toList(selector.matchExpressions).every((expression) => matchesExpression(expression, labels))
  );
}

function matchesExpression(expression: JsonObject, labels: Readonly<Record<string, string>>): boolean {
  const value = get(labels, readText(expression, "key"));
  const values = Array.isArray(expression.values) ? expression.values : [];
  switch (expression.operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      // Kubernetes' NotIn also matches if the label is absent.
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return false;
  }
}

function get(labels: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
