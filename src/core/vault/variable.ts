/**
 * Environment variables that a request asks for, besides those with the folder of the secrets.
 *
 * - `policy.envVars` with mode `file-key-ref`: an ENV_VAR request is rendered to a separate file, and the kubelet reads the
 *   variable from there (`env[].valueFrom.fileKeyRef`, KEP-3721). The variable has the name that Flyte's K8s manager gives it
 *   (`webhook/utils.go`, `CreateEnvVarForSecret`). More have the names that flytekit looks for where they differ, and the name
 *   in `env_var`, if the task sets it.
 * - `env_var` beside FILE or ANY: the variable holds the file's path, as flytekit documents it.
 */
import type { EnvVar } from "../admission/pod.ts";
import type { JsonObject } from "../json.ts";
import { MountRequirement, type SecretRequest } from "../secret/request.ts";
import type { PolicySettings } from "../settings.ts";
import { describeSecretEngine, type SecretEngine } from "./secret-engines.ts";
import { goString, toAgentPath } from "./template.ts";

/** One environment variable of a task. */
export interface TaskVariable {
  readonly name: string;
  /** Key of the annotation that asked for it; absent for a variable that all requests share. */
  readonly annotation?: string;
  readonly source: /** A fixed text. */
    | { readonly kind: "text"; readonly value: string }
    /** The path of a file in the secrets' folder. */
    | { readonly kind: "path"; readonly file: string }
    /** A value that the kubelet reads from a file, whose path is relative to the secret volume. */
    | { readonly kind: "file-key"; readonly file: string };
}

/** Prefix of variables with secrets: Flyte's default (`K8sDefaultEnvVarPrefix`). */
export const VARIABLE_PREFIX = "_FSEC_";
/** Folder of the files with variables. A request for a file with the same path is refused as any other collision. */
const FOLDER = ".env/";
/** Key within such a file. */
const FILE_KEY = "VALUE";
/** The volume with the agent's files (vault-k8s `agent-inject/agent/agent.go`, `secretVolumeName`). */
const VOLUME = "vault-secrets";

/** @returns whether a request becomes a variable that the kubelet reads from a file */
export function isVariable(
  { mount_requirement: mount }: SecretRequest,
  policy: PolicySettings["envVars"],
): boolean {
  return mount === MountRequirement.ENV_VAR && policy !== "refuse";
}

/** @returns the name that Flyte's K8s manager gives the variable of a secret */
export function toVariableName({ group, key }: SecretRequest): string {
  return `${VARIABLE_PREFIX}${group}_${key}`.toUpperCase();
}

/**
 * Lists the names that flytekit looks for (`core/context_manager.py`, `_get_secrets_env_var`): without an empty group, and with
 * the group_version if the task reads the secret with it.
 */
function toFlytekitVariables({ group, group_version, key }: SecretRequest): readonly string[] {
  const join = (...parts: readonly string[]) =>
    VARIABLE_PREFIX +
    parts
      .filter((part) => part !== "")
      .join("_")
      .toUpperCase();
  return [join(group, key), join(group, group_version, key)];
}

/** @returns the path of a variable's file, relative to the secret volume */
export function toVariableFile(naming: SecretRequest): string {
  return FOLDER + encodeURIComponent(naming.env_var || toVariableName(naming));
}

/** @returns whether Kubernetes accepts a variable's name (`IsRelaxedEnvVarName`): printable ASCII without an equals sign */
export function isVariableName(name: string): boolean {
  return /^[ -<>-~]+$/.test(name);
}

/**
 * Names the variables of a request.
 *
 * @param naming the request whose fields name files and variables
 * @param asked the same, with the group as the task gave it
 * @param file path of its first file, relative to the secrets' folder
 */
export function nameVariables(
  annotation: string,
  naming: SecretRequest,
  asked: SecretRequest,
  file: string,
  policy: PolicySettings["envVars"],
): readonly TaskVariable[] {
  const { env_var: own } = naming;
  if (!isVariable(naming, policy))
    return own === "" ? NONE : [{ name: own, annotation, source: { kind: "path", file } }];
  const names = new Set([
    toVariableName(naming),
    ...toFlytekitVariables(asked),
    ...(own === "" ? [] : [own]),
  ]);
  const source = { kind: "file-key", file } as const;
  const variables = [...names].filter(isVariableName).map((name) => ({ name, annotation, source }));
  return [...variables, PREFIX_VARIABLE];
}

const NONE: readonly TaskVariable[] = [];

/** The variable in which Flyte's clients look up the prefix of variables with secrets. */
export const PREFIX_VARIABLE: TaskVariable = {
  name: "FLYTE_SECRETS_ENV_PREFIX",
  source: { kind: "text", value: VARIABLE_PREFIX },
};

/**
 * Renders a variable for a container.
 *
 * @param dir folder of the secrets in the container
 */
export function toEnvVar({ name, source }: TaskVariable, dir: string): EnvVar {
  switch (source.kind) {
    case "text":
      return { name, value: source.value };
    case "path":
      return { name, value: `${dir}/${source.file}` };
    case "file-key":
      return { name, valueFrom: { fileKeyRef: { volumeName: VOLUME, path: source.file, key: FILE_KEY } } };
  }
}

/** @returns whether a `fileKeyRef` is one that {@link toEnvVar} renders */
export function isVariableRef(ref: JsonObject | undefined): boolean {
  return ref?.volumeName === VOLUME && typeof ref.path === "string" && ref.path.startsWith(FOLDER);
}

/** Longest line that the kubelet reads, less the key and the quotes, in bytes. */
const LONGEST_LINE = 65_500;
/** Longest environment string that Linux accepts (MAX_ARG_STRLEN), less the name, in bytes. */
const LONGEST_VALUE = 130_000;

/**
 * Renders the template of a variable's file: one line `VALUE='…'`, or more where the value has line feeds.
 *
 * The kubelet's parser silently changes some values (CR LF, text after a quote). For others it starts no container, and only its
 * own log says why. The template makes the agent fail for all such values, and the agent's log says why, without the value.
 */
export function renderVariableTemplate(engine: SecretEngine, path: string, key: string): string {
  const data = describeSecretEngine(engine).data ?? ".Data";
  const secret = goString(toAgentPath(engine, path));
  const found = `{{$p:=${secret}}}{{$k:=${goString(key)}}}{{with secret $p}}{{$v:=index ${data} $k}}`;
  const missing = fail("Vault secret %q has no key %q, or it is null");
  const unfit = "{{sprig_fail $u}}";
  return (
    `${found}{{if sprig_kindIs "invalid" $v}}${missing}{{end}}` +
    `{{$u:=printf "${UNFIT}" $p $k}}{{$s:=toUnescapedJSON $v}}{{if sprig_kindIs "string" $v}}{{$s = printf "%v" $v}}{{end}}` +
    `{{if sprig_regexMatch "^$|['\\\\r\\\\x00\\\\x{fffd}]" $s}}${unfit}{{end}}{{if gt (len $s) ${LONGEST_VALUE}}}${unfit}{{end}}` +
    `{{range sprig_splitList "\\n" $s}}{{if gt (len .) ${LONGEST_LINE}}}${unfit}{{end}}{{end}}` +
    `${FILE_KEY}='{{$s}}'{{end}}`
  );
}

const UNFIT =
  "Vault secret %q, key %q, cannot be a variable: it is empty or too long, or has a single quote, CR, NUL or bad UTF-8";

function fail(sentence: string): string {
  return `{{printf "${sentence}" $p $k|sprig_fail}}`;
}
