/** Hands the configuration to the manifests. */
import { readFile } from "node:fs/promises";
import type { ManifestsOptions } from "../cli/deps.ts";
import { loadConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import type { Issue } from "../core/issue/issue.ts";
import { manifestIssues } from "../core/issue/manifests.ts";
import { type Result, success } from "../core/result.ts";
import { type ConfigFile, saysTimeout, toConfigMapData } from "../kubernetes/config-files.ts";
import { type Installation, VARIABLES_SECRET } from "../kubernetes/fill.ts";
import { renderManifests } from "../kubernetes/manifests.ts";
import { COMPONENTS, readParts } from "../kubernetes/read.ts";
import type { Env } from "./environment.ts";

/** Stands for the value of a variable that only the pods have. */
const UNSET = "unset";
/** Where the pods find plugins that are files. */
const PLUGINS_FOLDER = "/etc/flyte-vault-webhook/plugins/";

/**
 * Renders the manifests of an installation for its configuration. The configuration is read without its plugins: they are
 * in the image, not on the machine of whoever prints manifests.
 *
 * @returns the text for kubectl and what the operator has to see to, or everything that is wrong with the configuration
 */
export async function renderInstallation(options: ManifestsOptions): Promise<Result<string>> {
  const variables = new Set<string>();
  const loaded = await loadConfig(options.configPaths, pretendEnv(options.env, variables));
  if (!loaded.ok) return loaded;
  const { config, files: paths } = loaded.value;
  const files = await Promise.all(paths.map(async (path) => ({ path, text: await readFile(path, "utf8") })));
  const components = COMPONENTS.filter((name) => options.components.includes(name));
  const installation = toInstallation(options, config, files, [...variables].sort());
  const text = renderManifests(await readParts(components), installation);
  return success(text, [...loaded.issues, ...inspect(config, options, installation.variables)]);
}

function toInstallation(
  { namespace, image, caBundle }: ManifestsOptions,
  { webhook, server }: Config,
  files: readonly ConfigFile[],
  variables: readonly string[],
): Installation {
  const { matchLabels = {}, matchExpressions = [] } = webhook.namespaceSelector ?? {};
  const { serviceName, servicePort, listenPort, certDir } = webhook;
  return {
    ...{ namespace, image, caBundle, serviceName, servicePort, listenPort, certDir, variables },
    managementPort: server.management.port,
    timeoutSeconds: saysTimeout(files) ? webhook.webhookTimeout : undefined,
    namespaceSelector: {
      matchLabels,
      matchExpressions: matchExpressions.map(({ key, operator, values }) =>
        values.length > 0 ? { key, operator, values } : { key, operator },
      ),
    },
    files: toConfigMapData(files),
  };
}

/** What the pods need that is not printed. */
function inspect(
  { plugins }: Config,
  { namespace, components, caBundle }: ManifestsOptions,
  variables: readonly string[],
): readonly Issue[] {
  const secret = (name: string, keys: readonly string[]) =>
    manifestIssues["manifests.secret"]({ name, keys: keys.join(", "), namespace });
  const foreign = plugins.filter(
    ({ use }) => /^(?:\.{0,2}\/|file:)/.test(use) && !use.startsWith(PLUGINS_FOLDER),
  );
  return [
    ...(caBundle === undefined ? [] : [secret("flyte-vault-webhook-tls", ["tls.crt", "tls.key"])]),
    ...(components.includes("preview") ? [secret("flyte-vault-webhook-preview", ["token"])] : []),
    ...(variables.length > 0 ? [secret(VARIABLES_SECRET, variables)] : []),
    ...foreign.map(({ use }) => manifestIssues["manifests.plugin-file"]({ use })),
  ];
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
