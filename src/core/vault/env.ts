/**
 * The variables that tell a task where its secrets are: first in every container and init container, in Flyte's
 * order (Flyte v2 `vault_secret_manager.go`, `AppendEnvVars` with replacement). Every earlier variable of these names
 * goes, since Kubernetes lets the last one win and the task must find its files (DESIGN §3 rule 10).
 */
import type { EnvVar, PodContainer } from "../admission/pod.ts";
import { isObject } from "../json.ts";
import type { EnvChange } from "../outcome.ts";
import { joinOperations, renderAdd, renderJson, renderRemove } from "../patch/render.ts";
import { FLYTE_VOLUME_PATH } from "./key.ts";

const FILE_PREFIX = "FLYTE_SECRETS_FILE_PREFIX";
const DEFAULT_DIR = "FLYTE_SECRETS_DEFAULT_DIR";

/** The variables for one folder, with their JSON text. */
interface Variables {
  readonly variables: readonly EnvVar[];
  readonly json: string;
  readonly items: readonly string[];
}

/** Go leaves an empty value out. */
function toVariables(dir: string): Variables {
  const variables = [{ name: FILE_PREFIX }, { name: DEFAULT_DIR, value: dir }];
  return { variables, json: renderJson(variables), items: variables.map((variable) => renderJson(variable)) };
}

/** Nearly every configuration keeps Flyte's folder. */
const FLYTE = toVariables(FLYTE_VOLUME_PATH);

function variablesFor(dir: string): Variables {
  return dir === FLYTE_VOLUME_PATH ? FLYTE : toVariables(dir);
}

/** @returns the folder that the variable names: the platform's, where that is one */
export function toSecretsDir(platform: string | undefined): string {
  return platform?.startsWith("/") ? platform : FLYTE_VOLUME_PATH;
}

/** @returns joined operations that give every container the variables: none where they are right already. */
export function renderEnvOperations(containers: readonly PodContainer[], dir = FLYTE_VOLUME_PATH): string {
  const operations: string[] = [];
  const wanted = variablesFor(dir);
  for (const { env, path } of containers) {
    if (env.length === 0) operations.push(`{"op":"add","path":"${path}/env","value":${wanted.json}}`);
    else renderChanges(env, `${path}/env`, wanted, operations);
  }
  return joinOperations(operations);
}

/** @returns both variables of every container, with the values they replace. */
export function explainEnv(containers: readonly PodContainer[], dir = FLYTE_VOLUME_PATH): EnvChange[] {
  const { variables } = variablesFor(dir);
  return containers.flatMap((container) =>
    variables.map(({ name, value }): EnvChange => {
      const replaced = container.env.findLast((variable) => variable.name === name);
      const change = { container: container.name, init: container.init, name, value: value ?? "" };
      if (!replaced || isWanted(replaced, change.value)) return change;
      return { ...change, replaced: replaced.value ?? "" };
    }),
  );
}

/** Whether a variable is one of these, with the very value that the webhook gives it. */
export function isOwnVariable(variable: unknown): boolean {
  return (
    isObject(variable) &&
    FLYTE.variables.some(
      ({ name, value = "" }) =>
        variable.name === name && (variable.value ?? "") === value && (variable.valueFrom ?? null) === null,
    )
  );
}

/** Each removal moves all variables behind it, so that many of them would take the API server the square of their number. */
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

/** Whether a variable's name is one of those that tell a task where its secrets are. */
export function isOwnVariableName(name: string): boolean {
  return name === FILE_PREFIX || name === DEFAULT_DIR;
}
