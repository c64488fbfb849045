/** Finds the `webhook` sections of Flyte's configuration in ConfigMaps, chart values and files. */
import { isObject, type JsonObject } from "../core/json.ts";
import { parseYaml } from "../preview/input/yaml.ts";

/** A `webhook` section, and its dotted path in the given document. */
export interface Section {
  readonly path: string;
  readonly values: JsonObject;
}

/** Depth limit of the search; no chart nests its values as deeply. */
const DEEPEST = 12;

/** Keys by which a section of Flyte's is recognised: charts have a section of the same name about the webhook's own pods. */
const TELLING = new Set([
  ...[
    "secretmanagertype",
    "secretmanagertypes",
    "vaultsecretmanager",
    "awssecretmanager",
    "gcpsecretmanager",
  ],
  ...["azuresecretmanager", "embeddedsecretmanagerconfig", "servicename", "certdir", "localcert"],
  ...["namespaceselector", "disablecreatemutatingwebhookconfig", "cacheinvalidationport", "webhooktimeout"],
  ...["secretenvvarprefix", "imagebuilderconfig", "kubeclientconfig"],
]);

/** @returns the sections of a parsed document, in the order in which Flyte reads them */
export function findSections(document: unknown): Section[] {
  return search(document, "", 0);
}

function search(value: unknown, path: string, depth: number): Section[] {
  if (depth > DEEPEST) return [];
  if (typeof value === "string") return searchText(value, path, depth);
  if (Array.isArray(value)) return value.flatMap((item, at) => search(item, `${path}[${at}]`, depth + 1));
  if (!isObject(value)) return [];
  return listMembers(value).flatMap(([key, member]) => {
    const at = path === "" ? key : `${path}.${key}`;
    const isSection = key.toLowerCase() === "webhook" && isObject(member) && hasTellingName(member);
    return isSection ? [{ path: at, values: member }] : search(member, at, depth + 1);
  });
}

/** Flyte reads the files of a mounted ConfigMap in the order of their names (flytestdlib `config/viper`). */
function listMembers(object: JsonObject): (readonly [string, unknown])[] {
  const { data, ...others } = object;
  if (object.kind !== "ConfigMap" || !isObject(data)) return Object.entries(object);
  const files = Object.entries(data).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return [...Object.entries(others), ["data", Object.fromEntries(files)]];
}

/** Searches a file inside a ConfigMap; a text without a `webhook:` line is not parsed. */
function searchText(text: string, path: string, depth: number): Section[] {
  if (!/^\s*webhook:/m.test(text)) return [];
  const parsed = parseYaml(text);
  return parsed.ok ? parsed.value.flatMap((document) => search(document, path, depth + 1)) : [];
}

function hasTellingName(section: JsonObject): boolean {
  return Object.keys(section).some((key) => TELLING.has(key.toLowerCase()));
}
