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

/** Go leaves an empty value out. */
const WANTED: readonly EnvVar[] = [{ name: FILE_PREFIX }, { name: DEFAULT_DIR, value: FLYTE_VOLUME_PATH }];
const WANTED_JSON = renderJson(WANTED);
const WANTED_ITEMS = WANTED.map((variable) => renderJson(variable));

/** @returns joined operations that give every container the variables: none where they are right already. */
export function renderEnvOperations(containers: readonly PodContainer[]): string {
  const operations: string[] = [];
  for (const { env, path } of containers) {
    if (env.length === 0) operations.push(`{"op":"add","path":"${path}/env","value":${WANTED_JSON}}`);
    else renderChanges(env, `${path}/env`, operations);
  }
  return joinOperations(operations);
}

/** @returns both variables of every container, with the values they replace. */
export function explainEnv(containers: readonly PodContainer[]): EnvChange[] {
  return containers.flatMap((container) =>
    WANTED.map(({ name, value }): EnvChange => {
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
    WANTED.some(
      ({ name, value = "" }) =>
        variable.name === name && (variable.value ?? "") === value && (variable.valueFrom ?? null) === null,
    )
  );
}

/** Each removal moves all variables behind it, so that many of them would take the API server the square of their number. */
const MOST_REMOVED = 50;

function renderChanges(env: readonly EnvVar[], path: string, operations: string[]): void {
  const kept = WANTED.findIndex((wanted, i) => !isAt(env, i, wanted));
  const right = kept < 0 ? WANTED.length : kept;
  const others = env.filter(({ name }, i) => i < right || !isOwnVariableName(name));
  if (env.length - others.length > MOST_REMOVED) {
    const rest = others.slice(right);
    operations.push(renderAdd(path, [...WANTED, ...rest]));
    return;
  }
  if (env.length > others.length) {
    for (let i = env.length - 1; i >= right; i--) {
      if (isOwnVariableName(env[i]?.name ?? "")) operations.push(renderRemove(`${path}/${i}`));
    }
  }
  for (let i = right; i < WANTED.length; i++) {
    operations.push(`{"op":"add","path":"${path}/${i}","value":${WANTED_ITEMS[i]}}`);
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
