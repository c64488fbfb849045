/** What a webhook did for a pod, as far as two results can be compared: ids are taken out, and so is the order. */
import { isObject, type JsonObject } from "../core/json.ts";
import { REQUEST_PREFIX } from "../core/secret/request.ts";
import { isOwnVariableName } from "../core/vault/env.ts";
import { VaultKey, VaultKeyPrefix } from "../core/vault/key.ts";

/** The annotations that declare one file to the injector. */
export interface DeclaredFile {
  readonly id: string;
  /** Vault path. */
  readonly secret: string;
  /** Path below the folder of secrets. */
  readonly file: string;
  /** Absent where the injector's own template is used. */
  readonly template?: string;
  /** Full keys of its annotations. */
  readonly keys: readonly string[];
}

/** A variable of one container that tells the task where its secrets are. */
interface ServedVariable {
  readonly container: string;
  readonly name: string;
  /** What the container sees: Kubernetes takes the last one of a name. */
  readonly value: string;
  /** How often the container has it. */
  readonly count: number;
}

/** One result. */
export interface Served {
  /** Every annotation but requests, the injector's mark, and those of declared files. */
  readonly annotations: ReadonlyMap<string, string>;
  readonly files: readonly DeclaredFile[];
  readonly variables: readonly ServedVariable[];
}

/** kubectl writes it, and no webhook. */
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** Reads what was done for a pod. */
export function readServed(pod: unknown): Served {
  const metadata = isObject(pod) && isObject(pod.metadata) ? pod.metadata : {};
  const given = isObject(metadata.annotations) ? metadata.annotations : {};
  const files = readDeclaredFiles(given);
  const passedOver = new Set([...files.flatMap(({ keys }) => keys), VaultKey.status, LAST_APPLIED]);
  const annotations = Object.entries(given)
    .filter(([key]) => !passedOver.has(key) && !key.startsWith(REQUEST_PREFIX))
    .map(([key, value]) => [key, typeof value === "string" ? value : ""] as const);
  const spec = isObject(pod) && isObject(pod.spec) ? pod.spec : {};
  const containers = [spec.initContainers, spec.containers].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  return {
    annotations: new Map(annotations),
    files,
    variables: containers.filter(isObject).flatMap(readVariables),
  };
}

/** @returns the files that a pod's annotations declare, each with its id. */
export function readDeclaredFiles(annotations: JsonObject): readonly DeclaredFile[] {
  return Object.entries(annotations).flatMap(([key, secret]) => {
    if (!key.startsWith(VaultKeyPrefix.secret) || typeof secret !== "string") return [];
    const id = key.slice(VaultKeyPrefix.secret.length);
    const [fileKey, templateKey] = [VaultKeyPrefix.file + id, VaultKeyPrefix.template + id];
    const { [fileKey]: file, [templateKey]: template } = annotations;
    if (typeof file !== "string") return [];
    const hasTemplate = typeof template === "string";
    const keys = [key, fileKey, ...(hasTemplate ? [templateKey] : [])];
    return [{ id, secret, file, keys, ...(hasTemplate && { template }) }];
  });
}

/** @returns a text that is equal for two declarations of one secret in one file. */
export function toFileKey(secret: string, file: string): string {
  return `${secret}\0${file}`;
}

function readVariables({ name: container, env }: JsonObject): readonly ServedVariable[] {
  const seen = new Map<string, ServedVariable>();
  for (const variable of Array.isArray(env) ? env : []) {
    if (!isObject(variable) || typeof variable.name !== "string" || !isOwnVariableName(variable.name))
      continue;
    const { name, value } = variable;
    const count = (seen.get(name)?.count ?? 0) + 1;
    // A value from elsewhere is not known here; it is none of ours in any case.
    const text = isObject(variable.valueFrom) ? JSON.stringify(variable.valueFrom) : value;
    seen.set(name, {
      ...{ container: String(container), name, count },
      value: typeof text === "string" ? text : "",
    });
  }
  return [...seen.values()];
}
