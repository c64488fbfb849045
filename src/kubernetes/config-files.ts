/** Prepares configuration files for a ConfigMap: refuses secrets, and chooses names, because a mount is read in order of names. */
import { parseAllDocuments } from "yaml";
import { isObject } from "../core/json.ts";

/** A configuration file. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

/** Keys that a component adds to the same ConfigMap. */
const TAKEN: ReadonlySet<string> = new Set(["monitoring.yaml"]);

/**
 * Names files so that they are merged in the given order; keeps their own names if those are in order.
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

/** @returns whether the files set the API server's timeout; Flyte's default (30 s) differs from this webhook's (10 s) */
export function saysTimeout(files: readonly ConfigFile[]): boolean {
  return files.some(({ text }) =>
    sectionsOf(text).some(
      ([name, section]) =>
        isFlytes(name) &&
        isObject(section) &&
        Object.keys(section).some((key) => key.toLowerCase() === "webhooktimeout"),
    ),
  );
}

/** Parts of a file that must not be in a ConfigMap, which many users may read. */
export interface PrivateParts {
  readonly path: string;
  /** Names of top-level sections that are not the webhook's, such as Flyte's `database`. */
  readonly sections: readonly string[];
  /** Whether `server.preview.token` is a literal instead of a variable. */
  readonly token: boolean;
}

/** @returns an entry for each file with such parts */
export function findPrivateParts(files: readonly ConfigFile[]): readonly PrivateParts[] {
  return files
    .map(({ path, text }) => {
      const found = sectionsOf(text);
      const sections = found.map(([name]) => name).filter((name) => !isFlytes(name) && !OWN.has(name));
      return { path, sections: [...new Set(sections)], token: found.some(hasLiteralToken) };
    })
    .filter(({ sections, token }) => sections.length > 0 || token);
}

/** The webhook's own sections, compared case-sensitively. */
const OWN: ReadonlySet<string> = new Set(["version", "plugins", "policy", "server", "audit", "injector"]);

/** Flyte compares names case-insensitively. */
const isFlytes = (name: string): boolean => name.toLowerCase() === "webhook";

/** A token must be exactly one variable; any other text is a literal. */
function hasLiteralToken([name, section]: readonly [string, unknown]): boolean {
  if (name !== "server" || !isObject(section) || !isObject(section.preview)) return false;
  const { token } = section.preview;
  return token !== undefined && token !== null && !/^\$\{env:[^{}]+\}$/.test(String(token).trim());
}

/** @returns the top-level entries of every document */
function sectionsOf(text: string): readonly (readonly [string, unknown])[] {
  return parseAllDocuments(text).flatMap((document) => {
    const content: unknown = document.toJS();
    return isObject(content) ? Object.entries(content) : [];
  });
}
