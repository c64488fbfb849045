/**
 * Implements the features of kustomize that the shipped manifests use (config/kubernetes): resources, ConfigMaps from files,
 * patches. So `manifests` prints the output of `kubectl kustomize` without needing kubectl. Any other feature in a
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
  target: v.strictObject({
    kind: v.string(),
    name: v.optional(v.string()),
    labelSelector: v.optional(v.literal("app.kubernetes.io/name=flyte-vault-webhook")),
  }),
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

/** A kustomization, with the texts of its files. */
export interface Part {
  readonly kustomization: Kustomization;
  readonly texts: ReadonlyMap<string, string>;
}

/** Reads a kustomization.yaml; throws for features that are not implemented. */
export function parseKustomization(text: string): Kustomization {
  return v.parse(KustomizationSchema, parseDocument(text));
}

/** @returns the names of the files that a kustomization uses */
export function namedFiles({ resources, configMapGenerator }: Kustomization): readonly string[] {
  return [...resources, ...configMapGenerator.flatMap(({ files }) => files)];
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
  let manifests = [...before, ...resources.flatMap((name) => parseManifests(textOf(part, name)))];
  for (const generator of configMapGenerator) manifests = generate(manifests, generator, part);
  for (const patch of patches) manifests = manifests.map((manifest) => applyPatch(manifest, patch));
  return manifests;
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

function applyPatch(manifest: JsonMap, { target, patch }: v.InferOutput<typeof PatchSchema>): JsonMap {
  const named = target.name === undefined || new RegExp(`^(?:${target.name})$`).test(nameOf(manifest));
  if (manifest.kind !== target.kind || !named) return manifest;
  const content: unknown = parseDocument(patch);
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
