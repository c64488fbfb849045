/** `secrets encode`: Flyte's annotations for secrets that are named in plain words. */

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
import { isSecretEngine } from "../../core/vault/secret-engines.ts";
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
    summary: "Engine: kv1, kv2 or db (default: what the webhook's configuration says)",
  },
  "mount-requirement": {
    type: "text",
    value: "MOUNT",
    summary: "How the task wants it; Vault mode serves files",
    choices: ["ANY", "FILE", "ENV_VAR"],
    default: "ANY",
  },
  "env-var": { type: "text", value: "NAME", summary: "Name of a variable, which Vault mode does not use" },
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

export const secretsEncode = defineCommand({
  name: NAME,
  summary: "Write the annotations by which a pod asks for secrets",
  usage: "--group PATH --key KEY [--group-version VERSION] [--name SUFFIX] | -f FILE",
  about: `Prints metadata for a pod or a pod template: the label, and one annotation for each secret. What the webhook would
refuse is refused here (exit code 1). A file has the plain form: secrets: [{ group, key, group_version?, … }].

Examples:
  flyte-vault-webhook secrets encode --group secret/data/team --key api-key
  flyte-vault-webhook secrets encode -f secrets.yaml`,
  options: OPTIONS,
  run: async ({ values }, { io }) => {
    const named = values.file.length > 0 ? await fromFiles(values, io) : fromOptions(values);
    report(io, named.issues);
    if (!named.ok) return Exit.usage;
    const refusals = named.value.flatMap(([annotation, request]) => findRefusals(annotation, request));
    report(io, refusals);
    if (refusals.length > 0) return Exit.refused;
    io.stdout(renderMetadata(named.value));
    return Exit.fine;
  },
});

/** Requests by their annotations' keys, in order. */
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
  const missing = Object.entries({ "--group": group, "--key": key })
    .filter(([, value]) => value === undefined)
    .map(([option]) => cliIssues["cli.option-missing"]({ command: NAME, option }));
  const issues = [...missing, ...checkSuffix(name)];
  if (isNonEmpty(issues)) return failure(issues);
  const request: SecretRequest = {
    group: group ?? "",
    key: key ?? "",
    group_version: values["group-version"] ?? "",
    mount_requirement: MountRequirement[values["mount-requirement"]],
    env_var: values["env-var"] ?? "",
  };
  return success([[REQUEST_PREFIX + name, request]]);
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

function findRefusals(annotation: string, request: SecretRequest): readonly Issue[] {
  const found = new Findings();
  validateRequest(request, { request, hasVersion: false, envVars: "refuse" }, annotation, found);
  // Without a configuration, a request that names no engine is one of a key-value engine, whose paths need no more rules.
  const engine = isSecretEngine(request.group_version) ? request.group_version : "kv2";
  validateSecretPath(engine, request, annotation, found);
  return found.list();
}

function renderMetadata(named: Named): string {
  const annotations = named.map(([annotation, request]) => [annotation, encodeRequest(request, encodeUtf8)]);
  const labels = { [INJECT_LABEL]: "true" };
  return renderYaml([{ metadata: { labels, annotations: Object.fromEntries(annotations) } }]);
}
