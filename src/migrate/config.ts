/**
 * Converts Flyte's configuration into this webhook's: from a ConfigMap, values of the charts flyte-core and flyte-binary, or a
 * file with a `webhook` section. Only known settings of that section are ever written or printed, so that nothing else in the
 * files (database passwords, tokens) leaves this module.
 */
import { isObject, type JsonObject } from "../core/json.ts";
import { parseYaml } from "../preview/input/yaml.ts";

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

/** A `webhook` section and its path. */
interface Section {
  readonly path: string;
  readonly values: JsonObject;
}

type Rule = (value: unknown, config: Record<string, unknown>) => Omit<MigratedSetting, "path">;

const carried = (why: string): ReturnType<Rule> => ({ fate: "carried over", why });
const notNeeded = (why: string) => (): ReturnType<Rule> => ({ fate: "not needed", why });
const refused = (why: string): ReturnType<Rule> => ({ fate: "refused", why });

const OWN_SERVICE = "this webhook has a Service and a certificate of its own beside Flyte's";
const OWN_RIGHTS = "this webhook has no rights in the cluster: its registration is a manifest";
const OTHER_MANAGER = "this webhook serves secrets from Vault only";

/** Flyte's settings (v1 `flytepropeller/pkg/webhook/config`, v2 `pluginmachinery/secret/config`), in lower case as viper reads them. */
const RULES: Readonly<Record<string, Rule>> = {
  vaultsecretmanager: () => carried("webhook.vaultSecretManager"),
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
  cacheinvalidationport: notNeeded("this webhook never sees a secret's value, so it has no cache of them"),
  secretenvvarprefix: notNeeded("it names variables of the K8s manager; secrets from Vault are files"),
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
 * Migrates configurations; the last value of a setting counts, as in Flyte.
 *
 * @param documents parsed files
 */
export function migrateConfig(documents: readonly unknown[]): MigratedConfig {
  const sections = documents.flatMap((document) => findSections(document, "", 0));
  const config: Record<string, unknown> = {};
  const settings = sections.flatMap((section) => migrateSection(section, config));
  const isWhole = sections.length > 0 && settings.every(({ fate }) => fate !== "refused");
  return { config: isWhole ? { version: 1, webhook: config } : undefined, settings };
}

/** Depth limit of the search; no chart nests its values as deeply. */
const DEEPEST = 12;
/** Keys by which a Flyte section is recognised. */
const TELLING = [
  "secretmanagertype",
  "secretmanagertypes",
  "vaultsecretmanager",
  "servicename",
  "certdir",
  "localcert",
];

function findSections(value: unknown, path: string, depth: number): Section[] {
  if (depth > DEEPEST) return [];
  if (typeof value === "string") return findInText(value, path, depth);
  if (Array.isArray(value))
    return value.flatMap((item, at) => findSections(item, `${path}[${at}]`, depth + 1));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const at = path === "" ? key : `${path}.${key}`;
    const isSection = key.toLowerCase() === "webhook" && isObject(member) && hasTellingName(member);
    return isSection ? [{ path: at, values: member }] : findSections(member, at, depth + 1);
  });
}

/** Searches a file inside a ConfigMap; a text without a `webhook:` line is not parsed. */
function findInText(text: string, path: string, depth: number): Section[] {
  if (!/^\s*webhook:/m.test(text)) return [];
  const parsed = parseYaml(text);
  return parsed.ok ? parsed.value.flatMap((document) => findSections(document, path, depth + 1)) : [];
}

function hasTellingName(section: JsonObject): boolean {
  return Object.keys(section).some((key) => TELLING.includes(key.toLowerCase()));
}

function migrateSection({ path, values }: Section, config: Record<string, unknown>): MigratedSetting[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const name = key.toLowerCase();
    const at = `${path}.${key}`;
    if (name === "vaultsecretmanager") return migrateVault(value, at, config);
    const rule = RULES[name];
    if (rule) return [{ path: at, ...rule(value, config) }];
    if (CHART_SETTINGS.has(name))
      return [{ path: at, fate: "not needed" as const, why: "it is about the pods of Flyte's webhook" }];
    return [{ path: at, ...refused("unknown setting: remove it, or report it") }];
  });
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

function migrateVault(value: unknown, path: string, config: Record<string, unknown>): MigratedSetting[] {
  if (!isObject(value)) return value === null ? [] : [{ path, ...refused("expected a map") }];
  const vault: Record<string, unknown> = {
    ...(isObject(config.vaultSecretManager) && config.vaultSecretManager),
  };
  config.vaultSecretManager = vault;
  return Object.entries(value).map(([key, member]) => {
    const at = `${path}.${key}`;
    switch (key.toLowerCase()) {
      case "role":
        if (typeof member !== "string") return { path: at, ...refused("expected a text") };
        vault.role = member;
        return { path: at, ...carried("webhook.vaultSecretManager.role") };
      case "kvversion":
        return { path: at, ...migrateVersion(member, vault) };
      case "annotations":
        return { path: at, ...migrateAnnotations(member, vault) };
      default:
        return { path: at, ...refused("unknown setting: remove it, or report it") };
    }
  });
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
  if (!maps.every(isObject)) return refused("expected a map of texts, or a list of maps");
  const entries = maps.flatMap((map) => Object.entries(map));
  const wrong = entries.find(([, text]) => typeof text === "object");
  if (wrong) return refused(`the value of ${wrong[0]} is not a text`);
  vault.annotations = Object.fromEntries(entries.map(([key, text]) => [key, String(text)]));
  return carried(`${entries.length} annotations, as webhook.vaultSecretManager.annotations`);
}
