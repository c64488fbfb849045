/**
 * The environment variables with the folder of the secrets, set first in every container and init container, in Flyte's
 * order (Flyte v2 `vault_secret_manager.go`, `AppendEnvVars` with replacement). Variables of the same names that the pod
 * already has are removed: Kubernetes uses the last one of a name, and the task must find its files.
 */
import { parseGoBool } from "../../injector/go.ts";
import type { IndexedAnnotations } from "../../injector/indexed-annotations.ts";
import { vaultKey } from "../../injector/vocabulary.ts";
import type { EnvVar, PodContainer } from "../admission/pod.ts";
import { isObject, type JsonObject } from "../json.ts";
import type { EnvChange } from "../outcome.ts";
import { joinOperations, renderAdd, renderJson, renderRemove } from "../patch/render.ts";
import { FLYTE_VOLUME_PATH } from "./key.ts";
import { isVariableRef, PREFIX_VARIABLE, type TaskVariable, toEnvVar, VARIABLE_PREFIX } from "./variable.ts";

const FILE_PREFIX = "FLYTE_SECRETS_FILE_PREFIX";
const DEFAULT_DIR = "FLYTE_SECRETS_DEFAULT_DIR";

/** The variables for one folder, with their JSON text. */
interface Variables {
  readonly variables: readonly EnvVar[];
  readonly json: string;
  readonly items: readonly string[];
}

/** The prefix has no value because Go leaves out an empty one, and the patch should equal Flyte's. */
function toVariables(dir: string): Variables {
  const variables = [{ name: FILE_PREFIX }, { name: DEFAULT_DIR, value: dir }];
  return { variables, json: renderJson(variables), items: variables.map((variable) => renderJson(variable)) };
}

/** Rendered once, because nearly every configuration keeps Flyte's folder. */
const FLYTE = toVariables(FLYTE_VOLUME_PATH);

function variablesFor(dir: string): Variables {
  return dir === FLYTE_VOLUME_PATH ? FLYTE : toVariables(dir);
}

/** @returns the value of the folder variable: the platform's folder if it is an absolute path, else Flyte's */
export function toSecretsDir(platform: string | undefined): string {
  return platform?.startsWith("/") ? platform : FLYTE_VOLUME_PATH;
}

/** Variables that requests themselves ask for. */
export interface RequestedVariables {
  readonly variables: readonly TaskVariable[];
  /** Whether the agent writes its files before the pod's own init containers start. */
  readonly isInitFirst: boolean;
}

const INIT_FIRST = vaultKey("agent-init-first");

/**
 * Collects the variables that requests ask for, and whether init containers can have them.
 *
 * @param final the pod's final injector annotations
 */
export function toRequested(
  variables: readonly TaskVariable[],
  final: IndexedAnnotations,
): RequestedVariables {
  return { variables, isInitFirst: parseGoBool(final.get(INIT_FIRST) ?? "") === true };
}

const NO_VARIABLES: RequestedVariables = { variables: [], isInitFirst: false };

/**
 * Renders the variables of a pod.
 *
 * @param dir folder of the secrets
 * @param requested appended last, because Kubernetes uses the last variable of a name
 * @returns joined operations that set the variables in every container; empty if all are set already
 */
export function renderEnvOperations(
  containers: readonly PodContainer[],
  dir = FLYTE_VOLUME_PATH,
  requested: RequestedVariables = NO_VARIABLES,
): string {
  const operations: string[] = [];
  const wanted = variablesFor(dir);
  const appended = requested.variables.map((variable) => toAppended(variable, dir));
  for (const container of containers) {
    const { env, path } = container;
    if (env.length === 0) operations.push(`{"op":"add","path":"${path}/env","value":${wanted.json}}`);
    else renderChanges(env, `${path}/env`, wanted, operations);
    if (appended.length === 0) continue;
    const last = indexLast(env);
    for (const { variable, value, json } of appended) {
      if (!suits(container, variable, requested) || isSameVariable(last.get(value.name), value)) continue;
      operations.push(`{"op":"add","path":"${path}/env/-","value":${json}}`);
    }
  }
  return joinOperations(operations);
}

/** A requested variable as it is added to every container; rendered once. */
function toAppended(variable: TaskVariable, dir: string) {
  const value = toEnvVar(variable, dir);
  return { variable, value, json: renderJson(value) };
}

/** @returns the last variable of each name, which is the one that Kubernetes uses */
function indexLast(env: readonly EnvVar[]): ReadonlyMap<string, EnvVar> {
  return new Map(env.map((variable) => [variable.name, variable]));
}

/**
 * Tells whether a container gets a requested variable. An init container that runs before the agent would wait forever for a
 * variable's file, so it gets only variables that need no file when it starts.
 */
export function suits(
  { init }: PodContainer,
  { source }: TaskVariable,
  { isInitFirst }: RequestedVariables,
): boolean {
  return !init || isInitFirst || source.kind !== "file-key";
}

/** @returns whether a container's variable already is the wanted one */
export function isSameVariable(last: EnvVar | undefined, wanted: EnvVar): boolean {
  if (!last) return false;
  if (wanted.valueFrom === undefined) return isWanted(last, wanted.value ?? "");
  return (last.value ?? "") === "" && isSameFileKey(last.valueFrom, wanted.valueFrom);
}

/** Compares without `optional`, because the API server may have added `optional: false`. */
function isSameFileKey(found: unknown, wanted: unknown): boolean {
  const [a, b] = [fileKeyOf(found), fileKeyOf(wanted)];
  return (
    a !== undefined && b !== undefined && ["volumeName", "path", "key"].every((part) => a[part] === b[part])
  );
}

function fileKeyOf(valueFrom: unknown): JsonObject | undefined {
  const ref = isObject(valueFrom) ? valueFrom.fileKeyRef : undefined;
  return isObject(ref) ? ref : undefined;
}

/** @returns the variables of every container, with the values that they replace */
export function explainEnv(
  containers: readonly PodContainer[],
  dir = FLYTE_VOLUME_PATH,
  requested: RequestedVariables = NO_VARIABLES,
): EnvChange[] {
  const own = variablesFor(dir).variables;
  const askers = new Map(requested.variables.map(({ name, annotation }) => [name, annotation]));
  // Such a pod is refused (check/variable.ts), and its preview would be as long as its patch.
  const isTooLong = measureAdded(requested.variables, containers.length, dir) > LONGEST_ADDED;
  const further = isTooLong ? [] : requested.variables;
  return containers.flatMap((container) => {
    const last = indexLast(container.env);
    const asked = further.filter((variable) => suits(container, variable, requested));
    return [...own, ...asked.map((variable) => toEnvVar(variable, dir))].map((variable): EnvChange => {
      const { name } = variable;
      const annotation = askers.get(name);
      const source = annotation === undefined ? WEBHOOK : { kind: "secret" as const, annotation };
      const replaced = last.get(name);
      const where = { container: container.name, init: container.init };
      const change = { ...where, name, value: toShown(variable, dir), source };
      if (!replaced || isSameVariable(replaced, variable)) return change;
      return { ...change, replaced: toReplaced(replaced) };
    });
  });
}

/** Longest patch for requested variables: etcd stores objects of up to 1.5 MiB (etcd `--max-request-bytes`). */
export const LONGEST_ADDED = 1.5 * 1024 * 1024;
/** Length of an operation's text without the variable's name and value. */
const AROUND_VARIABLE = 80;

/** @returns about how many characters the requested variables add to a patch: each container gets each of them */
export function measureAdded(variables: readonly TaskVariable[], containers: number, dir: string): number {
  let each = 0;
  for (const { name, source } of variables) {
    each += AROUND_VARIABLE + name.length;
    each += source.kind === "text" ? source.value.length : dir.length + source.file.length;
  }
  return each * containers;
}

/** @returns the text of a pod's own variable, or the kind of object that it reads */
function toReplaced({ value, valueFrom }: EnvVar): string {
  const [kind] = isObject(valueFrom) ? Object.keys(valueFrom) : [];
  return kind === undefined ? (value ?? "") : `valueFrom ${kind}`;
}

const WEBHOOK = { kind: "webhook" } as const;

/** @returns a variable's value for a preview, or the file that the kubelet reads it from */
function toShown({ value, valueFrom }: EnvVar, dir: string): string {
  const file = fileKeyOf(valueFrom)?.path;
  return typeof file === "string" ? `read by the kubelet from ${dir}/${file}` : (value ?? "");
}

/** @returns whether the webhook sets this variable, with exactly this value */
export function isOwnVariable(variable: unknown): boolean {
  return isObject(variable) && (isSecretVariable(variable) || isPlaceVariable(variable));
}

/** Whether it is a variable with the folder of the secrets. */
function isPlaceVariable(variable: JsonObject): boolean {
  return FLYTE.variables.some(
    ({ name, value = "" }) =>
      variable.name === name && (variable.value ?? "") === value && (variable.valueFrom ?? null) === null,
  );
}

/** Whether the kubelet reads the variable from one of the agent's files, or it holds the prefix of such variables. */
function isSecretVariable({ name, value, valueFrom }: JsonObject): boolean {
  if (name === PREFIX_VARIABLE.name) return value === VARIABLE_PREFIX;
  return isVariableRef(fileKeyOf(valueFrom));
}

/** Most single removals; beyond, the whole list is replaced. Each removal shifts all later variables, so n of them take n² steps. */
const MOST_REMOVED = 50;

function renderChanges(env: readonly EnvVar[], path: string, wanted: Variables, operations: string[]): void {
  const { variables, items } = wanted;
  const kept = variables.findIndex((variable, i) => !isAt(env, i, variable));
  const right = kept < 0 ? variables.length : kept;
  const others = env.filter(({ name }, i) => i < right || !isOwnVariableName(name));
  if (env.length - others.length > MOST_REMOVED) {
    const rest = others.slice(right);
    operations.push(renderAdd(path, [...variables, ...rest]));
    return;
  }
  if (env.length > others.length) {
    for (let i = env.length - 1; i >= right; i--) {
      if (isOwnVariableName(env[i]?.name ?? "")) operations.push(renderRemove(`${path}/${i}`));
    }
  }
  for (let i = right; i < variables.length; i++) {
    operations.push(`{"op":"add","path":"${path}/${i}","value":${items[i]}}`);
  }
}

function isAt(env: readonly EnvVar[], index: number, wanted: EnvVar): boolean {
  const variable = env[index];
  return variable?.name === wanted.name && isWanted(variable, wanted.value ?? "");
}

function isWanted(variable: EnvVar, value: string): boolean {
  return (variable.value ?? "") === value && (variable.valueFrom ?? null) === null;
}

/** @returns whether a variable of this name holds the folder of the secrets */
export function isOwnVariableName(name: string): boolean {
  return name === FILE_PREFIX || name === DEFAULT_DIR;
}
