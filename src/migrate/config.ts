/**
 * Converts Flyte's configuration into this webhook's: from a ConfigMap, values of the charts flyte-core and flyte-binary, or a
 * file with a `webhook` section. Only known settings of that section are ever written or printed, so that nothing else in the
 * files (database passwords, tokens) leaves this module.
 */
import { isObject, type JsonObject } from "../core/json.ts";
import { findSections, type Section } from "./config-sections.ts";

/** One setting of Flyte's configuration, and how it was migrated. */
export interface MigratedSetting {
  /** Dotted path in the given file. */
  readonly path: string;
  readonly fate: "carried over" | "not needed" | "refused";
  /** The reason, or the new setting. */
  readonly why: string;
}

/** A migrated configuration. */
export interface MigratedConfig {
  /** This webhook's configuration; `undefined` if no section was found or a setting is refused. */
  readonly config: JsonObject | undefined;
  /** Every setting of Flyte's sections, in the order of the files. */
  readonly settings: readonly MigratedSetting[];
}

type Rule = (value: unknown, config: Record<string, unknown>) => Omit<MigratedSetting, "path">;

const carried = (why: string): ReturnType<Rule> => ({ fate: "carried over", why });
const notNeeded = (why: string) => (): ReturnType<Rule> => ({ fate: "not needed", why });
const refused = (why: string): ReturnType<Rule> => ({ fate: "refused", why });

const overridden = (by: string) => notNeeded(`overridden by ${by}`)();

const OWN_SERVICE = "this webhook has its own Service and certificate beside Flyte's";
const OWN_RIGHTS = "this webhook has no rights in the cluster: its registration is a manifest";
const OTHER_MANAGER = "this webhook serves secrets from Vault only";

/** Flyte's settings (v1 `flytepropeller/pkg/webhook/config`, v2 `pluginmachinery/secret/config`), in lower case as viper reads them. */
const RULES: Readonly<Record<string, Rule>> = {
  // An empty section; its settings are rules of their own.
  vaultsecretmanager: (value) => (value === null ? notNeeded("it is empty")() : refused("expected a map")),
  "vaultsecretmanager.role": carryRole,
  "vaultsecretmanager.kvversion": (value, config) => migrateVersion(value, vaultOf(config)),
  "vaultsecretmanager.annotations": (value, config) => migrateAnnotations(value, vaultOf(config)),
  secretmanagertype: (value) => carryManagers([value]),
  secretmanagertypes: (value) => carryManagers(Array.isArray(value) ? value : [value]),
  namespaceselector: (value, config) => {
    config.namespaceSelector = value;
    return carried("webhook.namespaceSelector, which `manifests` puts into the registration");
  },
  webhooktimeout: (value, config) => {
    const seconds = Number(value);
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > 30) return refused("expected 1 to 30 seconds");
    config.webhookTimeout = seconds;
    return carried("webhook.webhookTimeout");
  },
  listenport: notNeeded(OWN_SERVICE),
  certdir: notNeeded(OWN_SERVICE),
  localcert: notNeeded("certificates are files, from cert-manager or from `certs`"),
  secretname: notNeeded(OWN_SERVICE),
  servicename: notNeeded(OWN_SERVICE),
  serviceport: notNeeded(OWN_SERVICE),
  "metrics-prefix": notNeeded("metrics begin with flyte_vault_webhook_"),
  disablecreatemutatingwebhookconfig: notNeeded(OWN_RIGHTS),
  kubeclientconfig: notNeeded(OWN_RIGHTS),
  cacheinvalidationport: notNeeded("this webhook never sees a secret's value, so it has no cache"),
  secretenvvarprefix: notNeeded(
    "variables (policy.envVars) begin with _FSEC_, which clients read from FLYTE_SECRETS_ENV_PREFIX",
  ),
  imagebuilderconfig: notNeeded("this webhook does not rewrite images"),
  imagepullsecrets: notNeeded("this webhook does not mirror image pull secrets: keep Flyte's own for that"),
  awssecretmanager: notNeeded(OTHER_MANAGER),
  gcpsecretmanager: notNeeded(OTHER_MANAGER),
  azuresecretmanager: notNeeded(OTHER_MANAGER),
  embeddedsecretmanagerconfig: notNeeded(OTHER_MANAGER),
  k8ssecretmanager: notNeeded(OTHER_MANAGER),
  // Settings of the charts beside Flyte's own.
  enabled: notNeeded("it switches Flyte's own webhook: see docs/migrate.md"),
};

/** Chart settings in a section of the same name (flyte-core `webhook`). */
const CHART_SETTINGS = new Set([
  ...[
    "serviceaccount",
    "service",
    "podannotations",
    "podlabels",
    "podenv",
    "priorityclassname",
    "securitycontext",
  ],
  ...[
    "nodeselector",
    "tolerations",
    "affinity",
    "autoscaling",
    "prometheus",
    "deployment",
    "secretname",
    "resources",
  ],
  ...["configmap", "replicacount", "extraargs", "strategy", "hostnetwork", "dnspolicy"],
]);

const MANAGERS = ["global", "k8s", "aws", "gcp", "vault", "embedded", "azure"];

/**
 * Migrates configurations. As in Flyte, the last value of a setting counts, and a list of managers counts over a single one.
 *
 * @param documents parsed files
 */
export function migrateConfig(documents: readonly unknown[]): MigratedConfig {
  const given = documents.flatMap((document) => findSections(document)).flatMap(listSettings);
  if (given.length === 0) return { config: undefined, settings: [] };
  const config: Record<string, unknown> = {};
  const last = new Map(given.map((setting) => [setting.name, setting]));
  const hasList = isSetList(last.get(MANAGER_LIST)?.value);
  const settings = given.map((setting): MigratedSetting => {
    const { name, path, value } = setting;
    const final = last.get(setting.name);
    if (final && final !== setting) return { path, ...overridden(final.path) };
    if (name === MANAGER_LIST && !hasList) return { path, ...notNeeded("it is empty")() };
    if (name === MANAGER && hasList) return { path, ...overridden("secretManagerTypes") };
    return { path, ...applyRule(name, value, config) };
  });
  if (!hasList && !last.has(MANAGER)) settings.push(toMissingManager(given));
  const isWhole = settings.every(({ fate }) => fate !== "refused");
  return { config: isWhole ? { version: 1, webhook: config } : undefined, settings };
}

/** One setting of a section. */
interface GivenSetting {
  /** Dotted name below `webhook`, in lower case. */
  readonly name: string;
  readonly path: string;
  readonly value: unknown;
}

const VAULT = "vaultsecretmanager";
const MANAGER = "secretmanagertype";
const MANAGER_LIST = "secretmanagertypes";

/** @returns a section's settings, those of Vault one by one */
function listSettings({ path, values }: Section): GivenSetting[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const setting = { name: key.toLowerCase(), path: `${path}.${key}`, value };
    if (setting.name !== VAULT || !isObject(value)) return [setting];
    return Object.entries(value).map(([inner, member]) => ({
      ...{ name: `${VAULT}.${inner.toLowerCase()}`, path: `${setting.path}.${inner}`, value: member },
    }));
  });
}

/** Flyte ignores an empty list (v2 `pluginmachinery/secret/config`, "if secretManagerTypes is set"). */
function isSetList(value: unknown): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}

/** Without a setting Flyte's default counts: K8s in v1, Embedded in v2. */
function toMissingManager(given: readonly GivenSetting[]): MigratedSetting {
  const path = given.at(-1)?.path.replace(/\.vaultSecretManager\.[^.]+$|\.[^.]+$/i, "") ?? "webhook";
  return {
    path: `${path}.secretManagerType`,
    ...refused("not set, and Flyte's default is not Vault: add the file that sets it"),
  };
}

function applyRule(name: string, value: unknown, config: Record<string, unknown>): ReturnType<Rule> {
  const rule = Object.hasOwn(RULES, name) ? RULES[name] : undefined;
  if (rule) return rule(value, config);
  if (CHART_SETTINGS.has(name)) return notNeeded("it is about the pods of Flyte's webhook")();
  return refused("unknown setting: remove it, or report it");
}

/** @returns the Vault settings of the new configuration, created on first use */
function vaultOf(config: Record<string, unknown>): Record<string, unknown> {
  const vault: Record<string, unknown> = isObject(config.vaultSecretManager) ? config.vaultSecretManager : {};
  config.vaultSecretManager = vault;
  return vault;
}

function carryManagers(managers: readonly unknown[]): ReturnType<Rule> {
  const names = managers.map((value) =>
    typeof value === "number" ? (MANAGERS[value] ?? "") : String(value).toLowerCase(),
  );
  const others = names.filter((name) => name !== "vault" && name !== "global");
  if (!names.includes("vault"))
    return refused("Vault is not among Flyte's secret managers, so there is nothing to take over");
  if (others.length === 0) return carried("this webhook serves Vault");
  return refused(
    `secrets of ${others.join(", ")} would be lost: keep Flyte's webhook for their projects (manifests --pilot)`,
  );
}

function carryRole(value: unknown, config: Record<string, unknown>): ReturnType<Rule> {
  if (typeof value !== "string") return refused("expected a string");
  vaultOf(config).role = value;
  return carried("webhook.vaultSecretManager.role");
}

/** Flyte reads a number as an index in its enumeration: 1 is version 2, and 2 is invalid (docs/differences.md, rule 11). */
function migrateVersion(value: unknown, vault: Record<string, unknown>): ReturnType<Rule> {
  if (value === "1" || value === "2") {
    vault.kvVersion = Number(value);
    return carried("webhook.vaultSecretManager.kvVersion");
  }
  if (value !== 0 && value !== 1) return refused('expected "1" or "2" in quotes, as Flyte reads it');
  vault.kvVersion = value + 1;
  return carried(`as ${value + 1}: Flyte reads the unquoted number ${value} as version ${value + 1}`);
}

/** Accepts a map, or a list of maps with one key each, because viper changes the keys of a map to lower case. */
function migrateAnnotations(value: unknown, vault: Record<string, unknown>): ReturnType<Rule> {
  const maps = (Array.isArray(value) ? value : [value]).filter((map) => map !== null);
  if (!maps.every(isObject)) return refused("expected a map of strings, or a list of maps");
  const entries = maps.flatMap((map) => Object.entries(map));
  const wrong = entries.find(([, text]) => typeof text === "object");
  if (wrong) return refused(`the value of ${wrong[0]} is not a string`);
  vault.annotations = Object.fromEntries(entries.map(([key, text]) => [key, String(text)]));
  return carried(`${entries.length} annotations, as webhook.vaultSecretManager.annotations`);
}
