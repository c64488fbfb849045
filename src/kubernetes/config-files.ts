/** Configuration files on their way into a ConfigMap, whose mount is read in the order of names. */
import { parseAllDocuments } from "yaml";
import { isObject } from "../core/json.ts";

/** A configuration file. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

/** What a component puts into the same ConfigMap. */
const TAKEN: ReadonlySet<string> = new Set(["monitoring.yaml"]);

/**
 * Names files so that they are merged in the order given, under their own names wherever those do it.
 *
 * @returns the ConfigMap's data; its keys hold only what Kubernetes allows (letters, digits, `-`, `_`, `.`)
 */
export function toConfigMapData(files: readonly ConfigFile[]): Readonly<Record<string, string>> {
  const names = files.map(({ path }) =>
    path.slice(path.lastIndexOf("/") + 1).replaceAll(/[^-._a-zA-Z0-9]/g, "-"),
  );
  const keep = names.every(
    (name, index) => !TAKEN.has(name) && (index === 0 || (names[index - 1] ?? "") < name),
  );
  const width = `${files.length - 1}`.length;
  return Object.fromEntries(
    files.map(({ text }, index) => {
      const name = names[index] ?? "";
      return [keep ? name : `${`${index}`.padStart(width, "0")}-${name}`, text];
    }),
  );
}

/** @returns whether the files say how long the API server waits; Flyte's default for it (30 s) is not ours (10 s). */
export function saysTimeout(files: readonly ConfigFile[]): boolean {
  return files.some(({ text }) =>
    parseAllDocuments(text).some((document) => {
      const content: unknown = document.toJS();
      if (!isObject(content)) return false;
      return Object.entries(content).some(
        ([name, section]) =>
          name.toLowerCase() === "webhook" &&
          isObject(section) &&
          Object.keys(section).some((key) => key.toLowerCase() === "webhooktimeout"),
      );
    }),
  );
}
