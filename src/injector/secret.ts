/**
 * The files that annotations declare, by id. Reads `agent-inject-secret-*`, `agent-inject-template-*`,
 * `agent-inject-template-file-*`, `agent-inject-file-*`, `agent-inject-perms-*`, `agent-inject-command-*`,
 * `agent-template-left-delim-*`, `agent-template-right-delim-*`, `error-on-missing-key-*`, `secret-volume-path[-*]`,
 * `preserve-secret-case[-*]`.
 */

import type { AnnotationName } from "./annotations.ts";
import { parseGoBool } from "./go.ts";
import type { Reader } from "./reader.ts";

/** A file of the agent. */
export interface InjectedSecret {
  /** The suffix of the annotation's name. */
  readonly id: string;
  /** Default file name: the id, in lower case unless its case is preserved. */
  readonly name: string;
  /** Vault path of `agent-inject-secret-*`; empty if only a template declares the id. */
  readonly path: string;
  readonly template: string;
  readonly templateFile: string;
  /** Mount path of the file's volume. */
  readonly mountPath: string;
  readonly command: string;
  readonly leftDelimiter: string;
  readonly rightDelimiter: string;
  /** Path in the volume, from the annotation; empty if there is none. */
  readonly file: string;
  readonly perms: string;
  readonly errorOnMissingKey: boolean;
}

/** Annotations that declare a file of their id. Of several that a name begins with, the first counts. */
export const DECLARING = [
  "agent-inject-secret",
  "agent-inject-template-file",
  "agent-inject-template",
] as const satisfies readonly AnnotationName[];
const PREFIXES = DECLARING.map((name) => `${name}-`);

/** Lists the ids that annotations declare (vault-k8s `agent.secrets`), in their order; the injector reads a Go map, in random order. */
function listDeclaredIds(annotations: ReadonlyMap<string, string>): Set<string> {
  const ids = new Set<string>();
  for (const [name, value] of annotations) {
    const start = PREFIXES.find((each) => name.length > each.length && name.startsWith(each));
    if (start !== undefined && value.trim() !== "") ids.add(name.slice(start.length));
  }
  return ids;
}

/** Lists the files, by the ids that declare them. */
export function listSecrets(reader: Reader): InjectedSecret[] {
  return Array.from(listDeclaredIds(reader.values), (id) => readSecret(id, reader));
}

function readSecret(id: string, reader: Reader): InjectedSecret {
  const template = reader.ofId("agent-inject-template", id);
  const missingKey = reader.ofId("error-on-missing-key", id);
  return {
    id,
    name: keepsCase(id, reader) ? id : id.toLowerCase(),
    path: reader.ofId("agent-inject-secret", id),
    template,
    templateFile: template === "" ? reader.ofId("agent-inject-template-file", id) : "",
    mountPath: reader.ofId("secret-volume-path", id, reader.text("secret-volume-path")),
    command: reader.ofId("agent-inject-command", id),
    leftDelimiter: reader.ofId("agent-template-left-delim", id),
    rightDelimiter: reader.ofId("agent-template-right-delim", id),
    file: reader.ofId("agent-inject-file", id),
    perms: reader.ofId("agent-inject-perms", id),
    errorOnMissingKey: reader.readBool(missingKey, `error-on-missing-key-${id}`),
  };
}

/** An invalid boolean counts as false. */
function keepsCase(id: string, reader: Reader): boolean {
  return parseGoBool(reader.ofId("preserve-secret-case", id, reader.text("preserve-secret-case"))) ?? false;
}
