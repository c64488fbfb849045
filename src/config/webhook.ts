/**
 * The schema of Flyte's `webhook` section (Flyte v2 `flyteplugins/go/tasks/pluginmachinery/secret/config/config.go`), with
 * Flyte's names, defaults and forms. Settings that need rights in the cluster, and other managers' sections, have no effect.
 */
import * as v from "valibot";
import { nearest } from "../core/nearest.ts";
import { about, labelKey, port, weakInteger, weakText } from "./weak.ts";

/** A text as Flyte reads it that must not be empty. */
const someText = (expected: string) => v.pipe(weakText, v.nonEmpty(expected));
const SERVICE = "a Service's name: lower-case letters, digits and dashes, at most 63";
const VALUES = "values with the operators In and NotIn, and none with Exists and DoesNotExist";
/** Flyte's secret managers, in the order of Flyte's enumeration, whose numbers are accepted as well. */
const MANAGERS = ["Global", "K8s", "AWS", "GCP", "Vault", "Embedded", "Azure"] as const;

/** One of Flyte's secret managers. */
export type Manager = (typeof MANAGERS)[number];

const EXPECTED_MANAGER = `one of ${MANAGERS.join(", ")}`;

const manager = v.pipe(
  v.union([v.picklist(MANAGERS), v.string(), v.number()], EXPECTED_MANAGER),
  v.rawTransform(({ dataset, addIssue, NEVER }): Manager => {
    const found = toManager(dataset.value);
    if (found !== undefined) return found;
    const near = nearest(String(dataset.value), MANAGERS);
    addIssue({
      message: near === undefined ? EXPECTED_MANAGER : `${near} (or another of ${MANAGERS.join(", ")})`,
    });
    return NEVER;
  }),
);

function toManager(value: string | number): Manager | undefined {
  if (typeof value === "number") return MANAGERS[value];
  const name = value.trim().toLowerCase();
  return MANAGERS.find((known) => known.toLowerCase() === name);
}

// In Flyte a number is a position in the enumeration: 1 means version 2. Here the number is the version.
const kvVersion = v.pipe(
  v.union([v.picklist([1, 2]), v.picklist(["1", "2"])], "1 or 2"),
  v.transform((value): 1 | 2 => (String(value) === "1" ? 1 : 2)),
);

// Keys keep their case. viper lower-cases names in maps but not in lists, so Flyte's users write annotations as a list of
// one-key maps. Both forms arrive here as one map.
const annotations = v.record(v.string(), weakText, "a map of strings, or a list of one-key maps");

const vaultSecretManager = v.object(
  {
    role: v.optional(
      about(
        weakText,
        "Vault role with which task pods log in; an empty text sets an empty annotation, as in Flyte",
      ),
      "flyte",
    ),
    kvVersion: v.optional(
      about(kvVersion, "Version of Vault's key-value engine for secret requests without group_version"),
      2,
    ),
    annotations: v.optional(
      about(annotations, "Annotations for every pod with secret requests; they override Flyte's defaults"),
      {},
    ),
  },
  "a map",
);

const labelSelector = v.object(
  {
    matchLabels: v.optional(
      about(v.record(labelKey, weakText, "a map of strings"), "Labels that must be equal"),
      {},
    ),
    matchExpressions: v.optional(
      about(
        v.array(
          v.pipe(
            v.object(
              {
                key: about(labelKey, "Label"),
                operator: about(
                  v.picklist(["In", "NotIn", "Exists", "DoesNotExist"], "In, NotIn, Exists or DoesNotExist"),
                  "How the label is compared",
                ),
                values: v.optional(
                  about(v.array(weakText, "a list of strings"), "Values to compare with"),
                  [],
                ),
              },
              "a map of key, operator and values",
            ),
            v.check(({ operator, values }) => operator.endsWith("In") === values.length > 0, VALUES),
          ),
          "a list",
        ),
        "Conditions on labels, all of which must hold",
      ),
      [],
    ),
  },
  "a label selector (matchLabels, matchExpressions)",
);

/** A known name without effect; `instead` completes "accepted but not used: …". */
function unused(instead: string) {
  const text = `Accepted but not used: ${instead}`;
  return v.optional(
    v.pipe(v.unknown(), v.description(text), v.metadata({ unused: instead, deprecated: true })),
  );
}

const OTHER_MANAGER = "this webhook serves secrets from Vault only";
const NO_RIGHTS =
  "this webhook has no rights in the cluster; apply config/kubernetes, or what `manifests` prints";
const CERTIFICATES = "certificates are files in certDir, from cert-manager or from `certs`";

const entries = {
  secretManagerTypes: v.optional(
    about(v.array(manager, "a list of secret managers"), "Secret managers; absent means Vault"),
  ),
  secretManagerType: v.optional(
    v.pipe(
      about(manager, "Older form of secretManagerTypes, which overrides it"),
      v.metadata({ deprecated: true }),
    ),
  ),
  vaultSecretManager: v.optional(about(vaultSecretManager, "How task pods get their secrets from Vault"), {}),
  listenPort: v.optional(about(port, "Port of the admission listener (TLS)"), 9443),
  certDir: v.optional(
    about(
      someText("a folder's path"),
      "Folder with tls.crt and tls.key; $NAME is replaced by an environment variable, as in Flyte",
    ),
    "/etc/webhook/certs",
  ),
  serviceName: v.optional(
    about(
      v.pipe(weakText, v.regex(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/, SERVICE)),
      "Kubernetes Service that the API server calls",
    ),
    "flyte-pod-webhook",
  ),
  servicePort: v.optional(about(port, "Port of that Service"), 443),
  namespaceSelector: v.optional(
    about(labelSelector, "Namespaces whose pods are sent here; absent means all"),
  ),
  webhookTimeout: v.optional(
    about(weakInteger(1, 30), "Seconds that the API server waits for an answer; Flyte's own default is 30"),
    10,
  ),
  "metrics-prefix": v.optional(about(weakText, "Prefix of the names of Flyte's metrics"), "flyte:"),
  secretName: unused(CERTIFICATES),
  localCert: unused(CERTIFICATES),
  disableCreateMutatingWebhookConfig: unused(NO_RIGHTS),
  kubeClientConfig: unused(NO_RIGHTS),
  cacheInvalidationPort: unused("this webhook never sees a secret's value, so that it caches none"),
  secretEnvVarPrefix: unused(
    "variables (policy.envVars) begin with _FSEC_, which clients read from FLYTE_SECRETS_ENV_PREFIX",
  ),
  imageBuilderConfig: unused("this webhook does not rewrite images"),
  awsSecretManager: unused(OTHER_MANAGER),
  gcpSecretManager: unused(OTHER_MANAGER),
  azureSecretManager: unused(OTHER_MANAGER),
  embeddedSecretManagerConfig: unused(OTHER_MANAGER),
};

/** The schema of the section; its output has only the settings that are used. */
export const WebhookSchema = v.pipe(
  v.object(entries, "a map"),
  v.transform((section) => ({
    vaultSecretManager: section.vaultSecretManager,
    secretManagerTypes: toManagers(section.secretManagerTypes, section.secretManagerType),
    listenPort: section.listenPort,
    certDir: section.certDir,
    serviceName: section.serviceName,
    servicePort: section.servicePort,
    ...(section.namespaceSelector && { namespaceSelector: section.namespaceSelector }),
    webhookTimeout: section.webhookTimeout,
    metricsPrefix: section["metrics-prefix"],
  })),
);

// As in Flyte, a non-empty list overrides the single value. Flyte's default is another manager; here it is Vault.
function toManagers(list: readonly Manager[] | undefined, one: Manager | undefined): readonly Manager[] {
  if (list !== undefined && list.length > 0) return list;
  return [one ?? "Vault"];
}
