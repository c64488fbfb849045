/** Reads what a webhook did for a pod in a comparable form, without ids and order. */
import { isObject, type JsonObject } from "../core/json.ts";
import { REQUEST_PREFIX } from "../core/secret/request.ts";
import { isOwnVariableName } from "../core/vault/env.ts";
import { VaultKey, VaultKeyPrefix } from "../core/vault/key.ts";

/** The annotations that declare one file to the injector. */
export interface DeclaredFile {
  readonly id: string;
  /** Vault path. */
  readonly secret: string;
  /** Path in the folder of secrets. */
  readonly file: string;
  /** Absent if the injector's default template is used. */
  readonly template?: string;
  /** Full keys of its annotations. */
  readonly keys: readonly string[];
}

/** A variable of one container with the folder of the secrets. */
interface ServedVariable {
  readonly container: string;
  readonly name: string;
  /** The effective value: Kubernetes uses the last variable of a name. */
  readonly value: string;
  /** How often the container sets it. */
  readonly count: number;
}

/** The result of one webhook for a pod. */
export interface Served {
  /** All annotations except requests, the injector's status, and those of declared files. */
  readonly annotations: ReadonlyMap<string, string>;
  readonly files: readonly DeclaredFile[];
  readonly variables: readonly ServedVariable[];
}

/** Annotation of kubectl, which no webhook writes. */
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** @returns the annotations, files and variables of a pod in comparable form */
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

/** @returns the files that annotations declare */
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

/** @returns a text that is equal if and only if secret and file are */
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
    // A value from elsewhere is unknown, but certainly not one that a webhook sets.
    const text = isObject(variable.valueFrom) ? JSON.stringify(variable.valueFrom) : value;
    seen.set(name, {
      ...{ container: String(container), name, count },
      value: typeof text === "string" ? text : "",
    });
  }
  return [...seen.values()];
}
