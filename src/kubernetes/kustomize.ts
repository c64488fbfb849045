/**
 * Builds kustomizations as `kubectl kustomize` does, as far as config/kubernetes goes: resources, components, generated
 * ConfigMaps, and both kinds of patches. What it cannot do is an error, so that nothing is left out unseen;
 * test/cluster compares every overlay with what kustomize itself makes of it.
 */
import * as v from "valibot";
import { applyPatch, type Operation } from "../core/preview/apply.ts";
import { parseYaml } from "../core/preview/yaml.ts";

/** One object of a cluster. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly labels?: Readonly<Record<string, string>> | undefined;
  };
  readonly [field: string]: unknown;
}

/** Reads a file below config/kubernetes. */
export type ReadFile = (path: string) => Promise<string>;

const ManifestSchema = v.looseObject({
  apiVersion: v.string(),
  kind: v.string(),
  metadata: v.looseObject({
    name: v.string(),
    namespace: v.optional(v.string()),
    labels: v.optional(v.record(v.string(), v.string())),
  }),
});

const ConfigMapSchema = v.strictObject({
  name: v.string(),
  namespace: v.string(),
  behavior: v.optional(v.picklist(["create", "merge"]), "create"),
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
    labelSelector: v.optional(v.string()),
  }),
  patch: v.string(),
});

const KustomizationSchema = v.strictObject({
  apiVersion: v.string(),
  kind: v.picklist(["Kustomization", "Component"]),
  resources: v.optional(v.array(v.string()), []),
  configMapGenerator: v.optional(v.array(ConfigMapSchema), []),
  patches: v.optional(v.array(PatchSchema), []),
  // The authority: whoever asks for manifests gives it (manifests.ts).
  replacements: v.optional(v.array(v.unknown()), []),
});

const OperationsSchema = v.array(
  v.strictObject({ op: v.picklist(["add", "replace"]), path: v.string(), value: v.unknown() }),
);

/**
 * Builds folders on top of each other, as an overlay that names them in this order.
 *
 * @param folders relative to config/kubernetes, the base first
 * @throws where a kustomization has something that is not known here: they are our own, so that it is a defect
 */
export async function buildManifests(
  folders: readonly string[],
  read: ReadFile,
): Promise<readonly Manifest[]> {
  let manifests: readonly Manifest[] = [];
  for (const folder of folders) {
    const [content] = parseDocuments(await read(`${folder}/kustomization.yaml`));
    const { resources, configMapGenerator, patches } = v.parse(KustomizationSchema, content);
    for (const file of resources) {
      const documents = parseDocuments(await read(`${folder}/${file}`));
      manifests = [...manifests, ...documents.map((document) => v.parse(ManifestSchema, document))];
    }
    for (const { files, ...generator } of configMapGenerator) {
      const data: Record<string, string> = {};
      for (const file of files) data[file] = await read(`${folder}/${file}`);
      manifests = addConfigMap(manifests, generator, data);
    }
    for (const patch of patches)
      manifests = manifests.map((one) => (isTarget(one, patch.target) ? change(one, patch.patch) : one));
  }
  return manifests;
}

function parseDocuments(text: string): readonly unknown[] {
  const parsed = parseYaml(text);
  if (!parsed.ok) throw new Error(parsed.issues[0].message);
  return parsed.value.filter((document) => document !== null);
}

type Generator = Omit<v.InferOutput<typeof ConfigMapSchema>, "files">;

function addConfigMap(
  manifests: readonly Manifest[],
  { name, namespace, behavior, options: { labels } }: Generator,
  data: Readonly<Record<string, string>>,
): readonly Manifest[] {
  if (behavior === "merge") {
    return manifests.map((one) =>
      one.kind === "ConfigMap" && one.metadata.name === name
        ? { ...one, data: { ...Object(one.data), ...data } }
        : one,
    );
  }
  const metadata = { name, namespace, ...(labels && { labels }) };
  return [...manifests, { apiVersion: "v1", kind: "ConfigMap", metadata, data }];
}

function isTarget(
  { kind, metadata }: Manifest,
  target: v.InferOutput<typeof PatchSchema>["target"],
): boolean {
  const [label = "", value] = target.labelSelector?.split("=") ?? [];
  return (
    kind === target.kind &&
    (target.name === undefined || new RegExp(`^(?:${target.name})$`).test(metadata.name)) &&
    (target.labelSelector === undefined || metadata.labels?.[label] === value)
  );
}

/** A list is a JSON Patch (RFC 6902), an object is laid over the manifest. */
function change(manifest: Manifest, patch: string): Manifest {
  const [content] = parseDocuments(patch);
  const operations = v.safeParse(OperationsSchema, content);
  const changed = operations.success
    ? applyPatch(manifest, operations.output satisfies readonly Operation[])
    : overlay(manifest, content);
  return v.parse(ManifestSchema, changed);
}

/** Kubernetes' strategic merge, as far as it is one of objects: lists would be merged by keys. */
function overlay(below: unknown, above: unknown): unknown {
  if (Array.isArray(above)) throw new Error("a patch that is laid over a manifest must not have lists");
  if (typeof above !== "object" || above === null) return above;
  const merged: Record<string, unknown> = { ...Object(below) };
  for (const [key, value] of Object.entries(above)) merged[key] = overlay(merged[key], value);
  return merged;
}
