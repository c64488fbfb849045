/**
 * Variables that a request asks for, besides those that tell where the files are.
 *
 * - `policy.envVars` with mode `file-key-ref`: an ENV_VAR request is rendered to a file of its own, and the kubelet reads the
 *   variable from there (`env[].valueFrom.fileKeyRef`, KEP-3721). The names are those of Flyte's K8s manager
 *   (`webhook/utils.go`, `CreateEnvVarForSecret`), and `env_var` where the task names one.
 * - `env_var` beside FILE or ANY: the variable holds the file's path, as flytekit documents it.
 */
import type { EnvVar } from "../admission/pod.ts";
import type { JsonObject } from "../json.ts";
import { MountRequirement, type SecretRequest } from "../secret/request.ts";
import type { PolicySettings } from "../settings.ts";
import { describeSecretEngine, type SecretEngine } from "./secret-engines.ts";
import { goString, toAgentPath } from "./template.ts";

/** One variable of a task. */
export interface TaskVariable {
  readonly name: string;
  /** Key of the annotation that asked for it; absent for one that belongs to all. */
  readonly annotation?: string;
  readonly source: /** This text. */
    | { readonly kind: "text"; readonly value: string }
    /** The path of a file below the secrets' folder. */
    | { readonly kind: "path"; readonly file: string }
    /** What the kubelet reads from a file, relative to the secret volume. */
    | { readonly kind: "file-key"; readonly file: string };
}

/** Prefix of variables with secrets, Flyte's default (`K8sDefaultEnvVarPrefix`). */
export const VARIABLE_PREFIX = "_FSEC_";
/** Folder of the files that hold variables. A request for a file of that path meets it as any other does, and is refused. */
const FOLDER = ".env/";
/** Key within such a file. */
const FILE_KEY = "VALUE";
/** The volume with the agent's files (vault-k8s `agent-inject/agent/agent.go`, `secretVolumeName`). */
const VOLUME = "vault-secrets";

/** Whether a request is served by a variable that the kubelet reads. */
export function isVariable(
  { mount_requirement: mount }: SecretRequest,
  policy: PolicySettings["envVars"],
): boolean {
  return mount === MountRequirement.ENV_VAR && policy !== "refuse";
}

/** @returns the name that Flyte's clients look for */
export function toVariableName({ group, key }: SecretRequest): string {
  return `${VARIABLE_PREFIX}${group}_${key}`.toUpperCase();
}

/** @returns the file of a variable, below the secret volume */
export function toVariableFile(naming: SecretRequest): string {
  return FOLDER + encodeURIComponent(naming.env_var || toVariableName(naming));
}

/** A name that Kubernetes takes for a variable (`IsRelaxedEnvVarName`): printable ASCII without an equals sign. */
export function isVariableName(name: string): boolean {
  return /^[ -<>-~]+$/.test(name);
}

/**
 * Names the variables of a request.
 *
 * @param naming the request that names files and variables
 * @param file path of its first file, below the folder
 */
export function nameVariables(
  annotation: string,
  naming: SecretRequest,
  file: string,
  policy: PolicySettings["envVars"],
): readonly TaskVariable[] {
  const { env_var: own } = naming;
  if (!isVariable(naming, policy))
    return own === "" ? NONE : [{ name: own, annotation, source: { kind: "path", file } }];
  const names = new Set([toVariableName(naming), ...(own === "" ? [] : [own])]);
  const source = { kind: "file-key", file } as const;
  const variables = [...names].filter(isVariableName).map((name) => ({ name, annotation, source }));
  return [...variables, PREFIX_VARIABLE];
}

const NONE: readonly TaskVariable[] = [];

/** Tells Flyte's clients how names of variables with secrets begin. */
export const PREFIX_VARIABLE: TaskVariable = {
  name: "FLYTE_SECRETS_ENV_PREFIX",
  source: { kind: "text", value: VARIABLE_PREFIX },
};

/**
 * Says what a container gets for a variable.
 *
 * @param dir the folder of the secrets in the container
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

/** Whether a `fileKeyRef` is one that {@link toEnvVar} makes. */
export function isVariableRef(ref: JsonObject | undefined): boolean {
  return ref?.volumeName === VOLUME && typeof ref.path === "string" && ref.path.startsWith(FOLDER);
}

/** The longest line that the kubelet reads, less the key and the quotes. */
const LONGEST_LINE = 65_500;
/** The longest string of an environment that Linux takes, less the name (MAX_ARG_STRLEN). */
const LONGEST_VALUE = 130_000;

/**
 * Renders the template of a variable's file: one line `VALUE='…'`, or more where the value has line feeds.
 *
 * The kubelet's parser changes some values without a word (CR LF, what follows a quote) and starts no container for others, with
 * the cause in its own log only. All of them fail in the agent, with a sentence in its log that has no value.
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
