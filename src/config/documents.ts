/**
 * Picks the configurations among the documents of a file. It recognizes what people often pass instead: a ConfigMap, whose data
 * is read; Helm values and other nesting with the section too deep; other Kubernetes objects.
 */
import { configIssues } from "../core/issue/config.ts";
import type { Issue } from "../core/issue/issue.ts";
import { isChartSection, isFlyteSection } from "./flyte-names.ts";
import { readSource } from "./read.ts";
import {
  at,
  type Dictionary,
  type FilePosition,
  find,
  type Leaf,
  type Path,
  type Tree,
  toDotted,
} from "./tree.ts";

/** Deeper than the values of any chart. */
const DEEPEST = 10;
/** A text in a ConfigMap that has one of the sections at its top level. */
const SECTION = /^(?:\{\s*)?["']?(?:webhook|policy|plugins)["']?\s*:/im;

/**
 * Picks the configurations among the documents of one file.
 *
 * @param found collects the issues; a document with an error is omitted
 */
export function pickDocuments(documents: readonly Dictionary[], found: Issue[]): Dictionary[] {
  const objects = documents.flatMap(listObjects);
  const plain = documents.filter((document) => listObjects(document).length === 0);
  const own = plain.filter((document) => isConfiguration(document, found));
  if (objects.length === 0) return own;
  const maps = objects.filter(holdsSection);
  if (maps.length > 1) {
    const places = maps.map((map) => `${describeObject(map)} (line ${map.place?.line ?? "?"})`).join(", ");
    found.push(configIssues["config.configmaps-several"]({ at: at(maps[1]?.place), places }));
    return own;
  }
  const [map] = maps;
  if (map) return [...own, ...readData(map, found)];
  const [first] = objects;
  if (plain.length === 0 && first)
    found.push(
      configIssues["config.kubernetes-object"]({ at: at(first.place), object: describeObject(first) }),
    );
  return own;
}

/** @returns the Kubernetes objects of a document, with a List split into its items; empty for any other document */
function listObjects(document: Dictionary): Dictionary[] {
  const [version, kind] = [textAt(document, "apiVersion"), textAt(document, "kind")];
  if (version === undefined || kind === undefined) return [];
  const items = document.entries.get("items")?.tree;
  if (!kind.endsWith("List") || items?.kind !== "list") return [document];
  return items.items.filter((item) => item.kind === "map");
}

function holdsSection(object: Dictionary): boolean {
  return textAt(object, "kind") === "ConfigMap" && listData(object).some(({ text }) => SECTION.test(text));
}

interface DataText {
  readonly name: string;
  readonly text: string;
  readonly leaf: Leaf;
}

/** @returns the texts of a ConfigMap, sorted by name, like the files of a mounted folder */
function listData(map: Dictionary): DataText[] {
  const data = map.entries.get("data")?.tree;
  if (data?.kind !== "map") return [];
  return [...data.entries]
    .flatMap(([name, { tree }]) =>
      tree.kind === "leaf" && typeof tree.value === "string" ? [{ name, text: tree.value, leaf: tree }] : [],
    )
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function readData(map: Dictionary, found: Issue[]): Dictionary[] {
  const texts = listData(map);
  found.push(
    configIssues["config.configmap-read"]({
      at: at(map.place),
      object: describeObject(map),
      names: texts.map(({ name }) => name).join(", "),
    }),
  );
  return texts.flatMap(({ name, text, leaf }) => {
    const file = leaf.place?.file ?? describeObject(map);
    const place = leaf.text ?? { file: `${file} data[${JSON.stringify(name)}]`, line: 1, column: 1 };
    const read = readSource({ content: text, file: place.file, start: place });
    found.push(...read.issues);
    return read.ok
      ? read.value.filter((tree) => tree.kind === "map").filter((tree) => isConfiguration(tree, found))
      : [];
  });
}

/** Refuses a section in the wrong place: it would be ignored, and the defaults would apply without a warning. */
function isConfiguration(document: Dictionary, found: Issue[]): boolean {
  const [nested] = findSections(document, []);
  if (nested) {
    const path = toDotted(nested.path);
    found.push(configIssues["config.nested"]({ at: at(nested.place), path }, { path }));
    return false;
  }
  const [name, top] = [...document.entries].find(([written]) => written.toLowerCase() === "webhook") ?? [];
  if (top?.tree.kind !== "map" || !isChartSection([...top.tree.entries.keys()])) return true;
  const names = [...top.tree.entries.keys()].slice(0, 3).join(", ");
  found.push(configIssues["config.chart-values"]({ at: at(top.place), names }, { path: name ?? "webhook" }));
  return false;
}

/** @returns maps below the top level that look like Flyte's section, in time linear in the document */
function findSections(
  tree: Tree,
  path: Path,
): { readonly path: Path; readonly place: FilePosition | undefined }[] {
  if (tree.kind !== "map" || path.length > DEEPEST) return [];
  return [...tree.entries].flatMap(([name, entry]) => {
    const here = [...path, name];
    const isWebhook = name.toLowerCase() === "webhook" && entry.tree.kind === "map";
    if (isWebhook && path.length === 0 && isSection(entry.tree)) return [];
    if (isWebhook && path.length > 0 && isSection(entry.tree)) return [{ path: here, place: entry.place }];
    return findSections(entry.tree, here);
  });
}

function isSection(tree: Tree): boolean {
  return tree.kind === "map" && isFlyteSection(tree.entries.keys());
}

function describeObject(object: Dictionary): string {
  const name = find(object, ["metadata", "name"]).tree;
  const shown = name?.kind === "leaf" && typeof name.value === "string" ? ` ${name.value}` : "";
  return `${textAt(object, "kind") ?? "object"}${shown}`;
}

function textAt(map: Dictionary, name: string): string | undefined {
  const tree = map.entries.get(name)?.tree;
  return tree?.kind === "leaf" && typeof tree.value === "string" ? tree.value : undefined;
}
