/**
 * Fills the settings of an installation into the shipped manifests, by a table of changes. To pass on a new setting, add a
 * line.
 */
import { nameOf } from "./kustomize.ts";
import { changeAt, isMap, type Json, type JsonMap } from "./tree.ts";

/** The settings of an installation. */
export interface Installation {
  readonly namespace: string;
  readonly image: string;
  /** PEM of the CA that the API server should trust; absent if cert-manager writes it. */
  readonly caBundle: string | undefined;
  readonly serviceName: string;
  readonly servicePort: number;
  readonly listenPort: number;
  readonly managementPort: number;
  readonly certDir: string;
  /** The API server's timeout, seconds; absent keeps the shipped value. */
  readonly timeoutSeconds: number | undefined;
  /** Additional conditions on namespaces. */
  readonly namespaceSelector: { readonly matchLabels: JsonMap; readonly matchExpressions: readonly Json[] };
  /** Additional conditions on the labels of pods. */
  readonly objectConditions: readonly Json[];
  /** Configuration files by their name in the ConfigMap. */
  readonly files: Readonly<Record<string, string>>;
  /** Environment variables that the configuration reads. */
  readonly variables: readonly string[];
}

/** The Secret that provides the variables, one key for each. */
export const VARIABLES_SECRET = "flyte-vault-webhook-env";

/** The shipped name of the namespace, the Service and the image. */
const SHIPPED = "flyte-vault-webhook";
const CONTAINER = "spec.template.spec.containers.0";

/** One field of the shipped manifests that an installation changes. */
interface FieldChange {
  readonly kind: string;
  readonly name?: string;
  /** Dotted path; `*` is every item of a list. */
  readonly at: string;
  readonly to: (value: Json | undefined) => Json | undefined;
}

/** @returns one manifest with the installation's settings */
export function fillIn(manifest: JsonMap, installation: Installation): JsonMap {
  const changes = toFieldChanges(installation).filter(
    ({ kind, name }) =>
      (kind === "*" || kind === manifest.kind) && (name === undefined || name === nameOf(manifest)),
  );
  const filled = changes.reduce<Json>((tree, { at, to }) => changeAt(tree, at.split("."), to), manifest);
  return isMap(filled) ? filled : manifest;
}

function toFieldChanges(installation: Installation): readonly FieldChange[] {
  return [
    ...changesOfService(installation),
    ...changesOfPods(installation),
    ...changesOfAdmission(installation),
    ...changesOfNamespace(installation),
  ];
}

function changesOfNamespace({ namespace }: Installation): readonly FieldChange[] {
  const rename = (value: Json | undefined) => (value === SHIPPED ? namespace : value);
  return [
    { kind: "*", at: "metadata.namespace", to: rename },
    { kind: "Namespace", at: "metadata.name", to: rename },
    {
      kind: "MutatingWebhookConfiguration",
      at: "metadata.annotations",
      to: (value) =>
        changeAt(value ?? null, ["cert-manager.io/inject-ca-from"], (from) =>
          typeof from === "string" ? from.replace(`${SHIPPED}/`, `${namespace}/`) : from,
        ) ?? undefined,
    },
    ...SELECTORS.map(({ kind, at }) => ({
      ...{ kind, at: `${at}.matchExpressions.0.values.*`, to: rename },
    })),
  ];
}

function changesOfService({ serviceName, servicePort, namespace }: Installation): readonly FieldChange[] {
  const host = `${serviceName}.${namespace}.svc`;
  return [
    { kind: "Service", name: SHIPPED, at: "spec.ports.0.port", to: () => servicePort },
    { kind: "Service", name: SHIPPED, at: "metadata.name", to: () => serviceName },
    {
      kind: "MutatingWebhookConfiguration",
      at: "webhooks.*.clientConfig.service",
      to: (service) =>
        isMap(service) ? { ...service, name: serviceName, namespace, port: servicePort } : service,
    },
    {
      kind: "Certificate",
      name: `${SHIPPED}-tls`,
      at: "spec.dnsNames",
      to: () => [host, `${host}.cluster.local`],
    },
  ];
}

function changesOfPods({ image, listenPort, managementPort, certDir, files, variables }: Installation) {
  const withPort = (ports: Json | undefined): Json | undefined =>
    Array.isArray(ports)
      ? ports.map((port) =>
          isMap(port)
            ? { ...port, containerPort: port.name === "webhook" ? listenPort : managementPort }
            : port,
        )
      : ports;
  const changes: readonly FieldChange[] = [
    { kind: "Deployment", at: `${CONTAINER}.image`, to: () => image },
    { kind: "Deployment", at: `${CONTAINER}.ports`, to: withPort },
    { kind: "Deployment", at: `${CONTAINER}.env`, to: (env) => withVariables(env, variables) },
    {
      kind: "Deployment",
      at: `${CONTAINER}.volumeMounts.*`,
      to: (mount) =>
        isMap(mount) && mount.name === "certificate" ? { ...mount, mountPath: certDir } : mount,
    },
    {
      kind: "ConfigMap",
      name: SHIPPED,
      at: "data",
      to: (data) => ({ ...withoutShipped(data), ...files }),
    },
  ];
  return changes;
}

function changesOfAdmission(installation: Installation): readonly FieldChange[] {
  const { caBundle, timeoutSeconds, namespaceSelector, objectConditions } = installation;
  const kind = "MutatingWebhookConfiguration";
  const changes: FieldChange[] = SELECTORS.map((place) => ({
    ...place,
    to: (selector) => (isMap(selector) ? withConditions(selector, namespaceSelector) : selector),
  }));
  if (objectConditions.length > 0) {
    const more = { matchLabels: {}, matchExpressions: objectConditions };
    const to: FieldChange["to"] = (selector) => (isMap(selector) ? withConditions(selector, more) : selector);
    changes.push({ kind, at: "webhooks.*.objectSelector", to });
  }
  if (timeoutSeconds !== undefined)
    changes.push({ kind, at: "webhooks.*.timeoutSeconds", to: () => timeoutSeconds });
  if (caBundle !== undefined) {
    const encoded = btoa(caBundle);
    changes.push({ kind, at: "webhooks.*.clientConfig.caBundle", to: () => encoded });
  }
  return changes;
}

/** The guard's selectors must match those of the registration. */
const SELECTORS = [
  { kind: "MutatingWebhookConfiguration", at: "webhooks.*.namespaceSelector" },
  { kind: "ValidatingAdmissionPolicy", at: "spec.matchConstraints.namespaceSelector" },
] as const;

function withConditions(
  selector: JsonMap,
  { matchLabels, matchExpressions }: Installation["namespaceSelector"],
): JsonMap {
  const { matchExpressions: shipped } = selector;
  return {
    ...selector,
    ...(Object.keys(matchLabels).length > 0 && { matchLabels }),
    matchExpressions: [...(Array.isArray(shipped) ? shipped : []), ...matchExpressions],
  };
}

/** Adds variables; one that the manifest already sets stays unchanged. */
function withVariables(env: Json | undefined, variables: readonly string[]): Json | undefined {
  if (!Array.isArray(env)) return env;
  const set = new Set(env.map((one) => (isMap(one) ? one.name : undefined)));
  const added = variables
    .filter((name) => !set.has(name))
    .map((name) => ({ name, valueFrom: { secretKeyRef: { name: VARIABLES_SECRET, key: name } } }));
  return [...env, ...added];
}

/** Removes the shipped configuration; keys that components add stay. */
function withoutShipped(data: Json | undefined): JsonMap {
  if (!isMap(data)) return {};
  return Object.fromEntries(Object.entries(data).filter(([name]) => name !== "webhook.yaml"));
}
