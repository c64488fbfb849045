/**
 * A plan: valid requests, transformed and folded with the configuration's and the plugins' layers. It depends on the
 * pod only through the annotations of the injector that the pod carries itself, so that pods which ask for the same
 * secrets share one plan.
 */
import type { Pod } from "../admission/pod.ts";
import { judge, type Verdict } from "../admission/status.ts";
import { BoundedCache, toLength } from "../cache.ts";
import { checkAnnotation } from "../check/annotation.ts";
import { findCollisions, findForeignFiles, findVersionClashes } from "../check/file-collision.ts";
import type { Issue } from "../issue/issue.ts";
import { foldLayers, type Layer, type Line } from "../layer.ts";
import { joinOperations, type SharedPatch, sharePatch } from "../patch/render.ts";
import type { PluginInstance } from "../plugin/instance.ts";
import type { Ports } from "../ports.ts";
import type { Settings } from "../settings.ts";
import { indexDeclaredFiles, renderCorrections, reuseDeclaredFile } from "../vault/reuse.ts";
import type { SecretFile } from "../vault/secret-file.ts";
import { renderAudit } from "./audit.ts";
import { foldCommon } from "./common.ts";
import type { PreparedRequest } from "./prepare.ts";

/** What a set of requests comes to. */
export interface Plan {
  readonly prepared: readonly PreparedRequest[];
  /** Layers below the pod, lowest first. */
  readonly layers: readonly Layer[];
  /** Files after reuse, each identity once. */
  readonly files: readonly SecretFile[];
  /** What wins over the pod. */
  readonly corrections: Layer;
  /** The layers' winning lines. */
  readonly folded: ReadonlyMap<string, Line>;
  /** The annotations of the injector that the pod will have. */
  readonly final: ReadonlyMap<string, string>;
  /** Patch operations for the pod's annotations, in the order of the layers. */
  readonly patch: SharedPatch;
  readonly issues: readonly Issue[];
  /** What the issues come to where a pod adds none of its own. */
  readonly verdict: Verdict;
  readonly audit: Readonly<Record<string, string>>;
  /** JSON text of {@link audit}. */
  readonly auditText: string;
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
  /** A plan with what plugins set on top; made once for a plan of `planKnown` and what plugins set. */
  readonly planOver: (base: Plan, layers: readonly Layer[], pod: Pod, vaultKeys: readonly string[]) => Plan;
}

const CACHE_LIMITS = { entries: 512, units: 500_000 };
/** Most plugins set the same for every pod; one that does not must not fill the memory. */
const OVER_LIMITS = { entries: 4, units: 16_000 };
/** Longer sets are planned each time, since a few of them would push out all others. */
const LONGEST_CACHED = 32_768;

type Draft = Omit<Plan, "patch" | "verdict" | "audit" | "auditText"> & { readonly operations: string };

/** Creates a planner with its own cache. */
export function createPlanner(
  settings: Settings,
  plugins: readonly PluginInstance[],
  hash: string,
  encodeBase64: Ports["encodeBase64"],
): Planner {
  const common = foldCommon(settings.webhook.vaultSecretManager);
  const pluginNames = plugins.map(({ name }) => name).join(",");
  const cache = new BoundedCache<Plan>(CACHE_LIMITS);
  /** Plans with what plugins set on top, by the plan below. */
  const over = new WeakMap<Plan, BoundedCache<Plan>>();

  function finish(draft: Draft): Plan {
    const requests = draft.prepared.flatMap(({ audit }) => audit ?? []);
    const audit = renderAudit(requests, draft.final, pluginNames, hash);
    return Object.assign(draft, {
      patch: sharePatch(draft.operations, encodeBase64),
      verdict: judge(draft.issues, settings.policy.strict),
      audit,
      auditText: JSON.stringify(audit),
    });
  }

  /** Lines may meet: every key is folded. */
  const plan: Planner["plan"] = (prepared, pod, vaultKeys, pluginLayers = []) => {
    const { annotations } = pod;
    const declared = vaultKeys.length > 0 ? indexDeclaredFiles(annotations, vaultKeys) : undefined;
    const files = collectFiles(prepared, declared);
    const layers = [...common.around(files), ...pluginLayers];
    const corrections = declared ? renderCorrections(files, annotations) : [];
    const folded = foldLayers(layers);
    const added = [...folded.values()].filter(({ key }) => !Object.hasOwn(annotations, key));
    const final = toFinal(folded, corrections, pod, vaultKeys);
    return finish({
      ...{ prepared, files, layers, corrections, folded, final },
      operations: joinOperations([...added, ...corrections].map(({ operation }) => operation)),
      issues: [
        ...prepared.flatMap(({ issues }) => issues),
        ...findVersionClashes(files),
        ...findCollisions(files, findForeignFiles(final, files, annotations)),
        ...common.issues.flatMap(([line, issues]) => (folded.get(line.key) === line ? issues : [])),
        ...checkLayers(pluginLayers, folded),
      ],
    });
  };

  /** No two lines meet: ids are unique, and neither pod nor configuration has annotations of single files. */
  function planApart(prepared: readonly PreparedRequest[]): Plan {
    const files = collectFiles(prepared, undefined);
    const { head, tail } = common;
    let layers: Plan["layers"] | undefined;
    let folded: Plan["folded"] | undefined;
    const final = new Map(head.entries);
    for (const { annotations } of files) for (const { key, value } of annotations) final.set(key, value);
    for (const [key, value] of tail.entries) final.set(key, value);
    return finish({
      ...{ prepared, files, final, corrections: [] },
      get layers() {
        layers ??= common.around(files);
        return layers;
      },
      get folded() {
        folded ??= foldLayers(this.layers);
        return folded;
      },
      operations: joinOperations([
        head.operations,
        ...files.map(({ operations }) => operations),
        tail.operations,
      ]),
      issues: [
        ...prepared.flatMap(({ issues }) => issues),
        ...findVersionClashes(files),
        ...findCollisions(files, []),
        ...common.issues.flatMap(([, issues]) => issues),
      ],
    });
  }

  return {
    plan,
    planKnown: (pod, requestKeys, prepareAll) => {
      const { annotations } = pod;
      const isApart =
        !common.declaresFiles && !common.foreignKeys.some((own) => Object.hasOwn(annotations, own));
      if (!isApart) return plan(prepareAll(), pod, []);
      const key = toKey(annotations, requestKeys);
      if (toLength(key) > LONGEST_CACHED) return planApart(prepareAll());
      const known = cache.get(key, () => planApart(prepareAll()));
      if (plugins.length > 0 && !over.has(known)) over.set(known, new BoundedCache(OVER_LIMITS));
      return known;
    },
    planOver: (base, layers, pod, vaultKeys) => {
      if (layers.length === 0) return base;
      const planAll = () => plan(base.prepared, pod, vaultKeys, layers);
      const known = vaultKeys.length === 0 ? over.get(base) : undefined;
      if (!known || layers.some((layer) => layer.some(({ key }) => Object.hasOwn(pod.annotations, key)))) {
        return planAll();
      }
      return known.get(toLayersKey(layers), planAll);
    },
  };
}

function toKey(annotations: Pod["annotations"], requestKeys: readonly string[]): readonly string[] {
  const key: string[] = [];
  for (const annotation of requestKeys) key.push(annotation, annotations[annotation] ?? "");
  return key;
}

function toLayersKey(layers: readonly Layer[]): readonly string[] {
  const texts: string[] = [];
  for (const layer of layers) {
    for (const { source, key, value } of layer) {
      const entry = source.kind === "plugin" ? String(source.entry) : "";
      // Removed, or set to a text.
      texts.push(value === null ? `${entry}-` : `${entry}+`, key, value ?? "");
    }
  }
  return texts;
}

/** Issues of the lines that win, each by itself. */
function checkLayers(layers: readonly Layer[], folded: ReadonlyMap<string, Line>): Issue[] {
  return layers.flatMap((layer) =>
    layer.flatMap((line) =>
      line.value !== null && folded.get(line.key) === line ? checkAnnotation(line.key, line.value) : [],
    ),
  );
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
