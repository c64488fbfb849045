/** The files that a pod's annotations declare to the injector. */
import { VaultKeyPrefix } from "../core/vault/key.ts";

/** One declared file. */
export interface DeclaredFile {
  readonly id: string;
  /** Vault path. */
  readonly secret: string;
  /** Path in the folder of secrets. */
  readonly file: string;
  /** Absent if the injector's default template is used. */
  readonly template?: string;
}

/** @returns the declared files, in the order of the annotations; without a file annotation, a file is named after its id, as in the injector */
export function readDeclaredFiles(annotations: Readonly<Record<string, string>>): readonly DeclaredFile[] {
  return Object.entries(annotations).flatMap(([key, secret]) => {
    if (!key.startsWith(VaultKeyPrefix.secret)) return [];
    const id = key.slice(VaultKeyPrefix.secret.length);
    const template = annotations[VaultKeyPrefix.template + id];
    const file = annotations[VaultKeyPrefix.file + id] ?? id.toLowerCase();
    return [{ id, secret, file, ...(template !== undefined && { template }) }];
  });
}
