/**
 * Implements the features of kustomize that the shipped manifests use (config/kubernetes): resources, files or folders, ConfigMaps
 * from files, patches. So `manifests` prints the output of `kubectl kustomize` without needing kubectl. Any other feature in a
 * kustomization.yaml throws; test/cluster/printed.cluster.ts compares both outputs.
 */
import * as v from "valibot";
import { parseAllDocuments, parse as parseDocument } from "yaml";
import { changeAt, type Json, type JsonMap, mergeOver, valueAt } from "./tree.ts";

const JsonSchema: v.GenericSchema<Json> = v.lazy(() =>
  v.union([v.null(), v.boolean(), v.number(), v.string(), v.array(JsonSchema), MapSchema]),
);
const MapSchema: v.GenericSchema<JsonMap> = v.record(v.string(), JsonSchema);

const GeneratorSchema = v.strictObject({
  name: v.string(),
  namespace: v.string(),
  behavior: v.optional(v.literal("merge")),
  files: v.array(v.string()),
  options: v.strictObject({
    disableNameSuffixHash: v.literal(true),
    labels: v.optional(v.record(v.string(), v.string())),
  }),
});

const PatchSchema = v.strictObject({
  /** Absent: the one object that the patch itself names, which must exist. */
  target: v.optional(
    v.strictObject({
      kind: v.string(),
      name: v.optional(v.string()),
      labelSelector: v.optional(v.literal("app.kubernetes.io/name=flyte-vault-webhook")),
    }),
  ),
  patch: v.string(),
});

const OperationsSchema = v.array(
  v.strictObject({ op: v.picklist(["add", "replace"]), path: v.string(), value: JsonSchema }),
);

const KustomizationSchema = v.strictObject({
  apiVersion: v.string(),
  kind: v.picklist(["Kustomization", "Component"]),
  resources: v.optional(v.array(v.string()), []),
  configMapGenerator: v.optional(v.array(GeneratorSchema), []),
  patches: v.optional(v.array(PatchSchema), []),
});

/** The content of a shipped kustomization.yaml. */
export type Kustomization = v.InferOutput<typeof KustomizationSchema>;

/** A kustomization, with the texts of its files and the kustomizations of the folders among its resources. */
export interface Part {
  readonly kustomization: Kustomization;
  readonly texts: ReadonlyMap<string, string>;
  readonly folders: ReadonlyMap<string, Part>;
}

/** Reads a kustomization.yaml; throws for features that are not implemented. */
export function parseKustomization(text: string): Kustomization {
  return v.parse(KustomizationSchema, parseDocument(text));
}

/** @returns the names of the files that a kustomization uses */
export function namedFiles({ resources, configMapGenerator }: Kustomization): readonly string[] {
  return [...resources.filter(isFile), ...configMapGenerator.flatMap(({ files }) => files)];
}

/** @returns the paths of the folders that a kustomization uses */
export function namedFolders({ resources }: Kustomization): readonly string[] {
  return resources.filter((name) => !isFile(name));
}

function isFile(name: string): boolean {
  return name.endsWith(".yaml");
}

/**
 * Builds the objects of several parts.
 *
 * @param parts the base, then components in order
 * @returns every object once
 */
export function combine(parts: readonly Part[]): readonly JsonMap[] {
  let manifests: readonly JsonMap[] = [];
  for (const part of parts) manifests = addPart(manifests, part);
  return manifests;
}

function addPart(before: readonly JsonMap[], part: Part): readonly JsonMap[] {
  const { resources, configMapGenerator, patches } = part.kustomization;
  let manifests: readonly JsonMap[] = [...before, ...resources.flatMap((name) => readResource(part, name))];
  for (const generator of configMapGenerator) manifests = generate(manifests, generator, part);
  for (const patch of patches) manifests = applyPatch(manifests, patch);
  return manifests;
}

function readResource(part: Part, name: string): readonly JsonMap[] {
  const folder = part.folders.get(name);
  return folder ? combine([folder]) : parseManifests(textOf(part, name));
}

function textOf({ texts }: Part, name: string): string {
  const text = texts.get(name);
  if (text === undefined) throw new Error(`${name} was not read`);
  return text;
}

function parseManifests(text: string): readonly JsonMap[] {
  return parseAllDocuments(text).map((document) => v.parse(MapSchema, document.toJS()));
}

function generate(
  manifests: readonly JsonMap[],
  { name, namespace, behavior, files, options }: v.InferOutput<typeof GeneratorSchema>,
  part: Part,
): JsonMap[] {
  const data = Object.fromEntries(files.map((file) => [file, textOf(part, file)]));
  if (behavior === "merge") {
    return manifests.map((manifest) =>
      manifest.kind === "ConfigMap" && nameOf(manifest) === name
        ? { ...manifest, data: mergeOver(manifest.data, data) }
        : manifest,
    );
  }
  const metadata = { name, namespace, ...(options.labels && { labels: options.labels }) };
  return [...manifests, { apiVersion: "v1", kind: "ConfigMap", metadata, data }];
}

function applyPatch(
  manifests: readonly JsonMap[],
  { target, patch }: v.InferOutput<typeof PatchSchema>,
): readonly JsonMap[] {
  const content: unknown = parseDocument(patch);
  const isMeant = target ? compileTarget(target.kind, target.name) : compileOwnTarget(content);
  if (!target && !manifests.some(isMeant)) throw new Error(`no object for the patch ${patch}`);
  return manifests.map((manifest) => (isMeant(manifest) ? patchOne(manifest, content) : manifest));
}

function compileTarget(kind: string, name = ".*"): (manifest: JsonMap) => boolean {
  const named = new RegExp(`^(?:${name})$`);
  return (manifest) => manifest.kind === kind && named.test(nameOf(manifest));
}

/** A patch without a target is meant for the object of its own kind and name. */
function compileOwnTarget(content: unknown): (manifest: JsonMap) => boolean {
  const own = v.parse(MapSchema, content);
  return (manifest) => manifest.kind === own.kind && nameOf(manifest) === nameOf(own);
}

function patchOne(manifest: JsonMap, content: unknown): JsonMap {
  if (!Array.isArray(content)) return v.parse(MapSchema, mergeOver(manifest, v.parse(MapSchema, content)));
  let changed: Json = manifest;
  for (const { path, value } of v.parse(OperationsSchema, content))
    changed = changeAt(changed, path.split("/").slice(1), () => value);
  return v.parse(MapSchema, changed);
}

/** @returns the name of an object, or an empty text */
export function nameOf(manifest: JsonMap): string {
  return String(valueAt(manifest, ["metadata", "name"]) ?? "");
}
