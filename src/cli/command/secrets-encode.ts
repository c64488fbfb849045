/** `secrets encode`: writes Flyte's annotations for secrets given by group and key. */

import { validateRequest } from "../../core/check/request.ts";
import { validateSecretPath } from "../../core/check/secret-engine.ts";
import { cliIssues } from "../../core/issue/cli.ts";
import { Findings } from "../../core/issue/findings.ts";
import type { Issue } from "../../core/issue/issue.ts";
import { failure, isNonEmpty, type Result, success } from "../../core/result.ts";
import { encodeRequest } from "../../core/secret/codec.ts";
import {
  INJECT_LABEL,
  MountRequirement,
  REQUEST_PREFIX,
  type SecretRequest,
} from "../../core/secret/request.ts";
import { SDK_MOUNT, toSdkMount } from "../../core/secret/sdk.ts";
import type { PolicySettings } from "../../core/settings.ts";
import { ENGINE_NAMES, isSecretEngine } from "../../core/vault/secret-engines.ts";
import { renderYaml } from "../../core/yaml.ts";
import { defineCommand } from "../command.ts";
import { Exit } from "../exit.ts";
import type { Values } from "../options.ts";
import { readPlainSecrets } from "../plain-secrets.ts";
import { report } from "../report.ts";
import { encodeUtf8 } from "../source.ts";

const NAME = "secrets encode";

const OPTIONS = {
  group: { type: "text", value: "PATH", summary: "Path in Vault, such as secret/data/team" },
  key: { type: "text", value: "KEY", summary: "Key within the secret" },
  "group-version": {
    type: "text",
    value: "VERSION",
    summary: `Engine: ${ENGINE_NAMES} (default: the one in the webhook's configuration)`,
  },
  "mount-requirement": {
    type: "text",
    value: "MOUNT",
    summary: "How the task wants it; Vault mode serves files",
    choices: ["ANY", "FILE", "ENV_VAR"],
    default: "ANY",
  },
  "as-env-var": {
    type: "text",
    value: "NAME",
    summary: "The v2 SDK's as_env_var: the secret itself in this variable",
  },
  mount: {
    type: "text",
    value: "FOLDER",
    summary: `The v2 SDK's mount: a file below this folder, ${SDK_MOUNT}`,
  },
  "allow-env-vars": { type: "flag", summary: "Take requests for variables: the platform has policy.envVars" },
  "allow-no-group": {
    type: "flag",
    summary:
      "Take requests without a group, as the v2 SDK makes them: the platform has the plugin request-defaults",
  },
  "env-var": {
    type: "text",
    value: "NAME",
    summary: "Variable with the file's path; with ENV_VAR, with the secret",
  },
  name: {
    type: "text",
    value: "SUFFIX",
    summary: `What follows ${REQUEST_PREFIX} in the annotation's name`,
    default: "0",
  },
  file: {
    type: "list",
    short: "f",
    value: "PATH",
    summary: "A file of the plain form, a folder of them, or -",
  },
} as const;

/** Prints annotations in Flyte's wire format, from options or from a file with requests in the plain form. */
export const secretsEncode = defineCommand({
  name: NAME,
  summary: "Write the annotations by which a pod asks for secrets",
  usage: "[--group PATH] --key KEY [--group-version VERSION] [--name SUFFIX] | -f FILE",
  about: `Prints metadata for a pod or a pod template: the label, and one annotation for each secret. What the webhook would
refuse is refused here (exit code 1). A file has the plain form: secrets: [{ group, key, group_version?, … }].

Examples:
  flyte-vault-webhook secrets encode --group secret/data/team --key api-key
  flyte-vault-webhook secrets encode --key api-key --as-env-var API_KEY --allow-no-group --allow-env-vars   # v2
  flyte-vault-webhook secrets encode -f secrets.yaml`,
  options: OPTIONS,
  run: async ({ values }, { io }) => {
    const named = values.file.length > 0 ? await fromFiles(values, io) : fromOptions(values);
    report(io, named.issues);
    if (!named.ok) return Exit.usage;
    const allowed: Allowed = {
      envVars: values["allow-env-vars"] ? ALLOWED : "refuse",
      noGroup: values["allow-no-group"],
    };
    const refusals = named.value.flatMap(([annotation, request]) =>
      findRefusals(annotation, request, allowed),
    );
    report(io, refusals);
    if (refusals.length > 0) return Exit.refused;
    io.stdout(renderMetadata(named.value));
    return Exit.fine;
  },
});

/** Stands for the group that a plugin will fill in; its path has nothing to refuse. */
const LATER = "secret/data/group";

/** Requests with their annotation keys, in order. */
type Named = readonly (readonly [string, SecretRequest])[];

async function fromFiles(
  values: Values<typeof OPTIONS>,
  io: Parameters<typeof readPlainSecrets>[1],
): Promise<Result<Named>> {
  const { group, key } = values;
  const other = group !== undefined ? "--group" : key !== undefined ? "--key" : undefined;
  if (other !== undefined) return failure([cliIssues["cli.options-exclusive"]({ one: "-f", other })]);
  const secrets = await readPlainSecrets(values.file, io);
  if (!secrets.ok) return secrets;
  return success(secrets.value.map((request, i) => [`${REQUEST_PREFIX}${i}`, request] as const));
}

function fromOptions(values: Values<typeof OPTIONS>): Result<Named> {
  const { group, key, name } = values;
  // The v2 SDK's requests may have no group.
  const needed =
    values["allow-no-group"] || isInSdkWords(values) ? { "--key": key } : { "--group": group, "--key": key };
  const missing = Object.entries(needed)
    .filter(([, value]) => value === undefined)
    .map(([option]) => cliIssues["cli.option-missing"]({ command: NAME, option }));
  const issues = [...missing, ...checkSuffix(name), ...checkWords(values)];
  if (isNonEmpty(issues)) return failure(issues);
  const names = { group: group ?? "", key: key ?? "", group_version: values["group-version"] ?? "" };
  return success([[REQUEST_PREFIX + name, { ...names, ...toMount(values, names) }]]);
}

/** Whether the options are the v2 SDK's words. */
function isInSdkWords({ "as-env-var": variable, mount }: Values<typeof OPTIONS>): boolean {
  return variable !== undefined || mount !== undefined;
}

/** The v2 SDK's words, or Flyte's. */
function toMount(
  values: Values<typeof OPTIONS>,
  names: Pick<SecretRequest, "group" | "key">,
): Pick<SecretRequest, "mount_requirement" | "env_var"> {
  const { "as-env-var": variable, mount } = values;
  if (isInSdkWords(values)) return toSdkMount(names, variable ?? "", mount !== undefined);
  return {
    mount_requirement: MountRequirement[values["mount-requirement"]],
    env_var: values["env-var"] ?? "",
  };
}

/** One client's words at a time: the other's would be dropped. */
function checkWords(values: Values<typeof OPTIONS>): Issue[] {
  const { "as-env-var": variable, mount } = values;
  if (!isInSdkWords(values)) return [];
  if (mount !== undefined && mount !== SDK_MOUNT) {
    return [
      cliIssues["cli.option-value"]({
        option: "--mount",
        value: mount,
        choices: SDK_MOUNT,
        nearest: undefined,
      }),
    ];
  }
  const one = variable === undefined ? "--mount" : "--as-env-var";
  if (values["env-var"] !== undefined)
    return [cliIssues["cli.options-exclusive"]({ one, other: "--env-var" })];
  if (values["mount-requirement"] === "ANY") return [];
  return [cliIssues["cli.options-exclusive"]({ one, other: "--mount-requirement" })];
}

/** Kubernetes' rule for the name part of an annotation's key, which begins with our `s`. */
const SUFFIX = /^(?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const LONGEST_NAME = 63;

function checkSuffix(suffix: string): Issue[] {
  const length = suffix.length + 1;
  const reason =
    length > LONGEST_NAME
      ? `the name would have ${length} characters, and Kubernetes allows ${LONGEST_NAME}`
      : SUFFIX.test(suffix)
        ? undefined
        : "Kubernetes allows letters, digits, -, _ and ., and at the end a letter or digit";
  return reason === undefined ? [] : [cliIssues["cli.annotation-name"]({ suffix, reason })];
}

const ALLOWED = { mode: "file-key-ref", nodes: "all-1.35-or-newer" } as const;

/** What the platform takes beyond the defaults. */
interface Allowed {
  readonly envVars: PolicySettings["envVars"];
  /** Whether a plugin fills in the groups of requests without one. */
  readonly noGroup: boolean;
}

function findRefusals(
  annotation: string,
  asked: SecretRequest,
  { envVars, noGroup }: Allowed,
): readonly Issue[] {
  const found = new Findings();
  const request = noGroup && asked.group === "" ? { ...asked, group: LATER } : asked;
  validateRequest(request, { request, hasVersion: false, envVars }, annotation, found);
  // Without a configuration, a request without an engine is checked as kv2.
  const engine = isSecretEngine(request.group_version) ? request.group_version : "kv2";
  validateSecretPath(engine, request, annotation, found);
  return found.list();
}

function renderMetadata(named: Named): string {
  const annotations = named.map(([annotation, request]) => [annotation, encodeRequest(request, encodeUtf8)]);
  const labels = { [INJECT_LABEL]: "true" };
  return renderYaml([{ metadata: { labels, annotations: Object.fromEntries(annotations) } }]);
}
