/**
 * Reuses files that a pod already declares, from an earlier call of this webhook, from Flyte's webhook or from its author. A
 * request whose secret and file are declared under some id gets that id, so the API server may call the webhook again
 * (`reinvocationPolicy: IfNeeded`) without changing the pod again.
 */
import { type Layer, toLayer } from "../layer.ts";
import { VaultKeyPrefix } from "./key.ts";
import type { SecretFile } from "./secret-file.ts";

/** The injector also reads the template annotation of an id with this prefix as another id's template file. */
const TEMPLATE_FILE = "file-";

type Annotations = Readonly<Record<string, string | null>>;

/**
 * Finds the ids under which a pod already declares files.
 *
 * @param keys keys of the pod's injector annotations
 * @param paths Vault paths of the requests; files of other secrets are left out
 * @returns ids by Vault path and file; of several, the first in byte order
 */
export function indexDeclaredFiles(
  annotations: Annotations,
  keys: readonly string[],
  paths: ReadonlySet<string>,
): Map<string, string> {
  const index = new Map<string, string>();
  for (const key of keys) {
    if (!key.startsWith(VaultKeyPrefix.secret)) continue;
    const path = annotations[key] ?? "";
    if (!paths.has(path)) continue;
    const id = key.slice(VaultKeyPrefix.secret.length);
    if (id.startsWith(TEMPLATE_FILE)) continue;
    const file = annotations[VaultKeyPrefix.file + id];
    if (typeof file !== "string") continue;
    const declared = toDeclared(path, file);
    const other = index.get(declared);
    if (other === undefined || id < other) index.set(declared, id);
  }
  return index;
}

/**
 * Gives a file the id under which the pod already declares it. If the pod has a template under that id, the file's template
 * stays in a layer below it, where checks can compare the two. If it has none, the file's template is set: the injector
 * would paste the path into its default template without quoting it.
 *
 * @returns the file with the pod's id, or the same file if the pod does not declare it
 */
export function reuseDeclaredFile(file: SecretFile, index: ReadonlyMap<string, string>): SecretFile {
  const id = index.get(toDeclared(file.vaultPath, file.path));
  return id === undefined ? file : file.declaredAs(id);
}

/**
 * Renders the only layer that wins over the pod: it replaces Flyte's unguarded template, which the agent may not be able to
 * parse, or which may read another secret.
 */
export function renderCorrections(files: readonly SecretFile[], annotations: Annotations): Layer {
  return files.flatMap(({ id, annotation, template, flyteTemplate }) => {
    const key = VaultKeyPrefix.template + id;
    const carried = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
    // Flyte's webhook writes no template for some files, such as those of variables.
    if (flyteTemplate === undefined || template === undefined) return [];
    if (carried !== flyteTemplate || carried === template) return [];
    return toLayer({ kind: "secret", annotation }, { [key]: template });
  });
}

function toDeclared(vaultPath: string, file: string): string {
  return `${vaultPath}\0${file}`;
}
