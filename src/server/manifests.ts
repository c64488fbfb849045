/** Renders the manifests of an installation from its configuration. */
import { readFile } from "node:fs/promises";
import type { ManifestsOptions } from "../cli/deps.ts";
import type { Env } from "../config/env.ts";
import { loadConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import type { Issue } from "../core/issue/issue.ts";
import { manifestIssues } from "../core/issue/manifests.ts";
import { failure, isNonEmpty, type Result, success } from "../core/result.ts";
import { renderYaml } from "../core/yaml.ts";
import { CHANGED, COMPONENTS, type Component } from "../kubernetes/components.ts";
import {
  type ConfigFile,
  findPrivateParts,
  saysTimeout,
  toConfigMapData,
} from "../kubernetes/config-files.ts";
import { type Installation, VARIABLES_SECRET } from "../kubernetes/fill.ts";
import { renderManifests } from "../kubernetes/manifests.ts";
import { readParts } from "../kubernetes/read.ts";
import { toFlyteRegistration, toSelectors } from "../migrate/pilot.ts";

/** Stands for the value of a variable that only the pods have. */
const UNSET = "unset";
/** Where plugin files are mounted in the pods. */
const PLUGINS_FOLDER = "/etc/flyte-vault-webhook/plugins/";
const PLUGINS_PLACE = `Copy it into the image, or give --with team-plugins, and name it as ${PLUGINS_FOLDER}…`;

// Names in config/kubernetes.
const TLS_SECRET = "flyte-vault-webhook-tls";
const PREVIEW_SECRET = "flyte-vault-webhook-preview";
const PLUGINS_MAP = "flyte-vault-webhook-plugins";

/**
 * Renders the manifests of an installation for its configuration. Plugins are not loaded: they are in the image, and need
 * not exist on the machine that renders the manifests.
 *
 * @returns the text for kubectl, with what the operator still has to create as issues; or every error of the configuration
 */
export async function renderInstallation(options: ManifestsOptions): Promise<Result<string>> {
  const variables = new Set<string>();
  const loaded = await loadConfig(options.configPaths, pretendEnv(options.env, variables));
  if (!loaded.ok) return loaded;
  const { config, files: paths } = loaded.value;
  const files = await Promise.all(paths.map(async (path) => ({ path, text: await readFile(path, "utf8") })));
  const secret = checkPrivate(files);
  if (isNonEmpty(secret)) return failure(secret);
  const isObserving = config.policy.mode === "observe";
  // The component sets failurePolicy Ignore: right for a webhook that changes nothing, wrong for one that enforces.
  if (isObserving !== options.components.includes("observe"))
    return failure([manifestIssues["manifests.observe"]({ mode: config.policy.mode })]);
  if (isObserving && options.pilot) return failure([manifestIssues["manifests.observe-pilot"]({})]);
  const components = COMPONENTS.filter((name) => options.components.includes(name));
  const alone = findAlone(components);
  if (isNonEmpty(alone)) return failure(alone);
  const installation = toInstallation(options, config, files, [...variables].sort());
  const parts = await readParts(components, { authority: options.caBundle !== undefined });
  const text = withFlytes(renderManifests(parts, installation), options.pilot);
  return success(text, [...loaded.issues, ...inspect(config, options, installation.variables)]);
}

/** Refuses components whose patches would find nothing to change. */
function findAlone(components: readonly Component[]): Issue[] {
  return components.flatMap((component) => {
    const changed = CHANGED[component];
    return changed === undefined || components.includes(changed)
      ? []
      : [manifestIssues["manifests.component-alone"]({ component, changed })];
  });
}

function toInstallation(
  { namespace, image, caBundle, pilot }: ManifestsOptions,
  { webhook, server }: Config,
  files: readonly ConfigFile[],
  variables: readonly string[],
): Installation {
  // The selectors of the pilot's two registrations must be complements, so the configuration's own selector is left out.
  const conditions = pilot && toSelectors(pilot.pilot).ours;
  const { matchLabels = {}, matchExpressions = [] } = conditions
    ? { matchExpressions: conditions.namespace }
    : (webhook.namespaceSelector ?? {});
  const { serviceName, servicePort, listenPort, certDir } = webhook;
  return {
    ...{ namespace, image, caBundle, serviceName, servicePort, listenPort, certDir, variables },
    managementPort: server.management.port,
    timeoutSeconds: saysTimeout(files) ? webhook.webhookTimeout : undefined,
    namespaceSelector: {
      matchLabels,
      matchExpressions: matchExpressions.map(({ key, operator, values }) =>
        values.length > 0 ? { key, operator, values: [...values] } : { key, operator },
      ),
    },
    objectConditions: (conditions?.object ?? []).map((each) => ({ ...each, values: [...each.values] })),
    files: toConfigMapData(files),
  };
}

/** While the pilot grows, our registration is applied first; while it shrinks, Flyte's: both may see a pod, never neither. */
function withFlytes(text: string, pilot: ManifestsOptions["pilot"]): string {
  if (!pilot) return text;
  const flytes = renderYaml([toFlyteRegistration(pilot.pilot, pilot.flyte)]);
  return pilot.isNarrower ? `${flytes}---\n${text}` : `${text}---\n${flytes}`;
}

/** The files become a ConfigMap, which must not hold secrets; a complete Flyte configuration has passwords. */
function checkPrivate(files: readonly ConfigFile[]): readonly Issue[] {
  return findPrivateParts(files).flatMap(({ path: file, sections, token }) => [
    ...sections.map((section) => manifestIssues["manifests.section"]({ file, section }, { path: file })),
    ...(token ? [manifestIssues["manifests.token"]({ file }, { path: file })] : []),
  ]);
}

/** What the pods need besides the printed manifests. */
function inspect(
  config: Config,
  { namespace, components }: ManifestsOptions,
  variables: readonly string[],
): readonly Issue[] {
  const create = `kubectl -n ${namespace} create`;
  const needed = (name: string, keys: readonly string[], from: string) =>
    manifestIssues["manifests.needed"]({
      ...{ kind: "Secret", name, keys: keys.join(", "), command: `${create} secret ${from}` },
    });
  const token = needed(PREVIEW_SECRET, ["token"], `generic ${PREVIEW_SECRET} --from-literal=token=…`);
  const pair = needed(TLS_SECRET, ["tls.crt", "tls.key"], `tls ${TLS_SECRET} --cert=tls.crt --key=tls.key`);
  const literals = variables.map((name) => `--from-literal=${name}=…`).join(" ");
  const plugins = manifestIssues["manifests.needed"]({
    ...{ kind: "ConfigMap", name: PLUGINS_MAP, keys: "the plugins' files" },
    command: `${create} configmap ${PLUGINS_MAP} --from-file=FOLDER`,
  });
  return [
    ...(components.includes("cert-manager") ? [] : [pair]),
    ...(components.includes("preview") ? [token] : []),
    ...(components.includes("team-plugins") ? [plugins] : []),
    ...(variables.length > 0
      ? [needed(VARIABLES_SECRET, variables, `generic ${VARIABLES_SECRET} ${literals}`)]
      : []),
    ...inspectFiles(config),
  ];
}

/** Files that the configuration names outside of every mounted folder. */
function inspectFiles({ plugins, server, webhook }: Config): readonly Issue[] {
  const foreign = plugins.filter(
    ({ use }) => /^(?:\.{0,2}\/|file:)/.test(use) && !use.startsWith(PLUGINS_FOLDER),
  );
  const issues = foreign.map(({ use }) =>
    manifestIssues["manifests.file"]({ setting: "plugins.use", file: use, place: PLUGINS_PLACE }),
  );
  const { clientCa: file } = server;
  if (file === undefined || file.startsWith(`${webhook.certDir}/`)) return issues;
  const place = `Put it into the Secret ${TLS_SECRET} as ca.crt, and name it as ${webhook.certDir}/ca.crt`;
  return [...issues, manifestIssues["manifests.file"]({ setting: "server.clientCa", file, place })];
}

/** An environment in which every variable is set; `asked` gets the names that the configuration reads. */
function pretendEnv(env: Env, asked: Set<string>): Env {
  const toValue = (name: string | symbol) => (typeof name === "string" ? (env[name] ?? UNSET) : undefined);
  return new Proxy<Record<string, string | undefined>>(
    {},
    {
      get: (_, name) => toValue(name),
      getOwnPropertyDescriptor: (_, name) => {
        if (typeof name === "string") asked.add(name);
        return { value: toValue(name), configurable: true, enumerable: true, writable: true };
      },
    },
  );
}
