/**
 * A plan: valid requests, transformed and folded with the configuration's and the plugins' layers. It depends on the
 * pod only through the annotations of the injector that the pod carries itself, so that pods which ask for the same
 * secrets share one plan.
 */
import type { Pod } from "./admission/pod.ts";
import { renderAudit } from "./audit.ts";
import { BoundedCache } from "./cache.ts";
import type { Issue } from "./issue/issue.ts";
import { foldLayers, type Layer, type Line, toLayer } from "./layer.ts";
import { joinOperations } from "./patch.ts";
import type { PluginInstance } from "./plugin/instance.ts";
import type { PreparedRequest } from "./prepare.ts";
import type { Settings } from "./settings.ts";
import { findCollisions, findForeignFiles, findVersionClashes } from "./vault/collision.ts";
import { VAULT_DOMAIN } from "./vault/key.ts";
import { indexDeclaredFiles, renderCorrections, reuseDeclaredFile } from "./vault/reuse.ts";
import { CONFIG_ANNOTATIONS_PATH, renderCommonLayers, type SecretFile } from "./vault/transformer.ts";
import { checkAnnotation } from "./vault/vocabulary.ts";

/** What a set of requests comes to. */
export interface Plan {
  readonly prepared: readonly PreparedRequest[];
  /** Files after reuse, each identity once. */
  readonly files: readonly SecretFile[];
  /** Layers below the pod, lowest first. */
  readonly layers: readonly Layer[];
  /** What wins over the pod. */
  readonly corrections: Layer;
  /** The layers' winning lines. */
  readonly folded: ReadonlyMap<string, Line>;
  /** The annotations of the injector that the pod will have. */
  readonly final: ReadonlyMap<string, string>;
  /** Patch operations for the pod's annotations, in the order of the layers, joined. */
  readonly operations: string;
  /** UTF-16 units of the annotations that are added. */
  readonly units: number;
  readonly issues: readonly Issue[];
  readonly audit: Readonly<Record<string, string>>;
}

/** Makes plans under one configuration. */
export interface Planner {
  /** @param pluginLayers what plugins set, above the configuration's own annotations */
  readonly plan: (
    prepared: readonly PreparedRequest[],
    pod: Pod,
    vaultKeys: readonly string[],
    pluginLayers?: readonly Layer[],
  ) => Plan;
  /** The same for a pod without annotations of the injector: made once for the requests that it carries. */
  readonly planKnown: (
    pod: Pod,
    requestKeys: readonly string[],
    prepareAll: () => readonly PreparedRequest[],
  ) => Plan;
}

const CACHE_CAPACITY = 512;
/** Longer sets are planned each time: a cache of them would be an attack on our memory. */
const LONGEST_CACHED = 8_192;

/** Creates a planner with its own cache. */
export function createPlanner(settings: Settings, plugins: readonly PluginInstance[], hash: string): Planner {
  const vault = settings.webhook.vaultSecretManager;
  const [webhookLayer, roleLayer] = renderCommonLayers(vault);
  const configLayer = toLayer({ kind: "config", path: CONFIG_ANNOTATIONS_PATH }, vault.annotations);
  const configIssues = configLayer
    .map((line): [Line, Issue[]] => [line, checkAnnotation(line.key, line.value ?? "")])
    .filter(([, issues]) => issues.length > 0);
  const foreignKeys = configLayer.map(({ key }) => key).filter((key) => !key.startsWith(VAULT_DOMAIN));
  const pluginNames = plugins.map(({ name }) => name).join(",");
  const cache = new BoundedCache<Plan>(CACHE_CAPACITY);

  const plan: Planner["plan"] = (prepared, pod, vaultKeys, pluginLayers = []) => {
    const { annotations } = pod;
    const declared = vaultKeys.length > 0 ? indexDeclaredFiles(annotations, vaultKeys) : undefined;
    const files = collectFiles(prepared, declared);
    const layers = [
      webhookLayer,
      ...files.map(({ layer }) => layer),
      roleLayer,
      configLayer,
      ...pluginLayers,
    ];
    const corrections = declared ? renderCorrections(files, annotations) : [];
    const folded = foldLayers(layers);
    const added = [...folded.values()].filter(({ key }) => !Object.hasOwn(annotations, key));
    const final = toFinal(folded, corrections, pod, vaultKeys);
    return {
      ...{ prepared, files, layers, corrections, folded, final },
      operations: joinOperations([...added, ...corrections].map(({ operation }) => operation)),
      units: added.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0),
      issues: [
        ...prepared.flatMap(({ issues }) => issues),
        ...findVersionClashes(files),
        ...findCollisions(files, findForeignFiles(final, files, annotations)),
        ...configIssues.flatMap(([line, issues]) => (folded.get(line.key) === line ? issues : [])),
      ],
      audit: renderAudit(
        prepared.flatMap(({ audit }) => audit ?? []),
        final,
        pluginNames,
        hash,
      ),
    };
  };

  return {
    plan,
    planKnown: (pod, requestKeys, prepareAll) => {
      const { annotations } = pod;
      const parts: string[] = [];
      for (const annotation of requestKeys) parts.push(annotation, annotations[annotation] ?? "");
      const key = parts.join("\n");
      const isShared =
        key.length <= LONGEST_CACHED && !foreignKeys.some((own) => Object.hasOwn(annotations, own));
      return isShared ? cache.get(key, () => plan(prepareAll(), pod, [])) : plan(prepareAll(), pod, []);
    },
  };
}

/** Each identity once, under the id that the pod already has for it. */
function collectFiles(
  prepared: readonly PreparedRequest[],
  declared: ReadonlyMap<string, string> | undefined,
): SecretFile[] {
  const files = new Map<string, SecretFile>();
  for (const { transformed } of prepared) {
    for (const file of transformed?.files ?? []) {
      if (files.has(file.identity)) continue;
      files.set(file.identity, declared ? reuseDeclaredFile(file, declared) : file);
    }
  }
  return [...files.values()];
}

/** Ours, then the pod's own, then what corrects the pod. */
function toFinal(
  folded: ReadonlyMap<string, Line>,
  corrections: Layer,
  { annotations }: Pod,
  vaultKeys: readonly string[],
): Map<string, string> {
  const final = new Map<string, string>();
  for (const [key, { value }] of folded) if (value !== null) final.set(key, value);
  for (const key of vaultKeys) final.set(key, annotations[key] ?? "");
  for (const { key, value } of corrections) if (value !== null) final.set(key, value);
  return final;
}
