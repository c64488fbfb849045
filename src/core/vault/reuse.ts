/**
 * What a pod already carries for its requests: an earlier pass of this webhook, of Flyte's, or its author's own
 * annotations. A suffix whose secret and file equal a request is reused, so that `reinvocationPolicy: IfNeeded`
 * is safe.
 */
import { type Layer, toLayer } from "../layer.ts";
import { VaultKeyPrefix } from "./key.ts";
import type { SecretFile } from "./secret-file.ts";

/** The injector reads the template of an id that begins so as the path of a template file, for another id. */
const TEMPLATE_FILE = "file-";

type Annotations = Readonly<Record<string, string | null>>;

/**
 * Finds the ids under which a pod already declares files.
 *
 * @param keys keys of the pod's Vault annotations
 * @returns bytewise first id by Vault path and file
 */
export function indexDeclaredFiles(annotations: Annotations, keys: readonly string[]): Map<string, string> {
  const index = new Map<string, string>();
  for (const key of keys) {
    if (!key.startsWith(VaultKeyPrefix.secret)) continue;
    const id = key.slice(VaultKeyPrefix.secret.length);
    if (id.startsWith(TEMPLATE_FILE)) continue;
    const file = annotations[VaultKeyPrefix.file + id];
    if (typeof file !== "string") continue;
    const declared = toDeclared(annotations[key] ?? "", file);
    const other = index.get(declared);
    if (other === undefined || id < other) index.set(declared, id);
  }
  return index;
}

/**
 * Gives a file the id under which the pod already declares it. Where the pod has a template there, ours stays below it, so
 * that all can see whether it is ours or the pod's own. Where it has none, ours is set: the injector would paste the path
 * into its default template without quoting it.
 *
 * @returns the file itself where the pod does not declare it
 */
export function reuseDeclaredFile(file: SecretFile, index: ReadonlyMap<string, string>): SecretFile {
  const id = index.get(toDeclared(file.vaultPath, file.path));
  return id === undefined ? file : file.declaredAs(id);
}

/**
 * The one thing that wins over the pod: Flyte's unguarded template, which the agent cannot parse or which reads
 * another secret, gives way to ours.
 */
export function renderCorrections(files: readonly SecretFile[], annotations: Annotations): Layer {
  return files.flatMap(({ id, annotation, template, flyteTemplate }) => {
    const key = VaultKeyPrefix.template + id;
    const carried = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
    if (template === undefined || carried !== flyteTemplate || carried === template) return [];
    return toLayer({ kind: "secret", annotation }, { [key]: template });
  });
}

function toDeclared(vaultPath: string, file: string): string {
  return `${vaultPath}\0${file}`;
}
