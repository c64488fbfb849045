/**
 * A plan: valid requests, transformed and folded with the configuration's and the plugins' layers. It depends on the
 * pod only through the annotations of the injector that the pod carries itself, and those that somebody else sets as well.
 * Pods that carry the same ones of the injector and none of the others share the plan of the requests that they ask for.
 */
import { IndexedAnnotations } from "../../injector/indexed-annotations.ts";
import type { Pod } from "../admission/pod.ts";
import { judge, type Verdict } from "../admission/status.ts";
import { BoundedCache, toLength } from "../cache.ts";
import { checkAgentConfig, mayBeTooLarge } from "../check/agent-config.ts";
import { reportAnnotation } from "../check/annotation.ts";
import type { PodCheck } from "../check/change.ts";
import { findCollisions, findForeignFiles, findVersionClashes } from "../check/file-collision.ts";
import { compileRules } from "../check/finished.ts";
import { findSharedCredentials } from "../check/secret-engine.ts";
import { checkVariables, collectVariables } from "../check/variable.ts";
import { Findings } from "../issue/findings.ts";
import type { Layer, Line } from "../layer.ts";
import { joinOperations, type SharedPatch, sharePatch } from "../patch/render.ts";
import type { PluginInstance } from "../plugin/instance.ts";
import type { Ports } from "../ports.ts";
import type { Settings } from "../settings.ts";
import { type RequestedVariables, toRequested } from "../vault/env.ts";
import { indexDeclaredFiles, renderCorrections, reuseDeclaredFile } from "../vault/reuse.ts";
import type { SecretFile } from "../vault/secret-file.ts";
import { renderAudit } from "./audit.ts";
import { foldCommon } from "./common.ts";
import { FoldedLines, type Lines, PlainLines } from "./lines.ts";
import type { PreparedRequest } from "./prepare.ts";

/** The annotations, files, variables and findings for a set of requests. */
export interface Plan {
  readonly prepared: readonly PreparedRequest[];
  /** Annotations below the pod's own. */
  readonly lines: Lines;
  /** Files, each identity once, under the ids that the pod may already have for them. */
  readonly files: readonly SecretFile[];
  /** The layer that wins over the pod's own annotations. */
  readonly corrections: Layer;
  /** The pod's final injector annotations; without those of files if no check depends on them. */
  readonly final: IndexedAnnotations;
  /** Environment variables that requests ask for, each name once. */
  readonly requested: RequestedVariables;
  /** The checks for a pod with these annotations, compiled for the first pod that no other issue refuses. */
  readonly rules: readonly PodCheck[];
  /** Patch operations for the pod's annotations, in the order of the layers. */
  readonly patch: SharedPatch;
  readonly found: Findings;
  /** Verdict on {@link found}, for pods whose own checks find nothing. */
  readonly verdict: Verdict;
  readonly audit: Readonly<Record<string, string>>;
  /** JSON text of {@link audit}. */
  readonly auditText: string;
}

/** A pod's own annotations, as far as a plan may depend on them. */
type Carried = Pick<Pod, "annotations" | "vaultKeys">;

/** Makes plans under one configuration. */
export interface Planner {
  /**
   * Plans a pod's requests; pods with the same requests and no other relevant annotations share the plan.
   *
   * @param requestKeys keys of the pod's requests
   * @param prepareAll prepares the requests; called only if the plan is not cached
   */
  readonly plan: (
    carried: Carried,
    requestKeys: readonly string[],
    prepareAll: () => readonly PreparedRequest[],
  ) => Plan;
  /** Plans requests that plugins have changed. */
  readonly planChanged: (carried: Carried, prepared: readonly PreparedRequest[]) => Plan;
  /** Adds the plugins' layers to a plan; cached per shared plan and layers. */
  readonly planOver: (base: Plan, layers: readonly Layer[], carried: Carried) => Plan;
}

/**
 * A plan takes about 33 bytes for each UTF-16 unit of its key: at most 3 MiB a generation. More would cost more than it saves: a
 * heap grows to four times what is kept in it before all of it is collected.
 */
const CACHE_LIMITS = { entries: 256, units: 100_000 };
/** Longer sets are rare and have a cache of their own: in the main cache, one of them would push out many short ones. */
const LONGEST_CACHED = 32_768;
const LARGE_LIMITS = { entries: 4, units: 1_000_000 };
/** Most plugins set the same annotations on every pod; the limit bounds the memory for those that do not. */
const OVER_LIMITS = { entries: 4, units: 16_000 };

/** Pods of one workflow carry the same annotations, and a second pass finds what the first one wrote. */
const OWN_LIMITS = { entries: 128, units: 100_000 };
/** Longer annotations of a pod's own are few, and may be an attack. */
const LONGEST_OWN = 16_384;

const NOTHING_CARRIED: Carried = { annotations: {}, vaultKeys: [] };
const NO_LAYER: Layer = [];

/** Creates a planner with its own caches. */
export function createPlanner(
  settings: Settings,
  plugins: readonly PluginInstance[],
  hash: string,
  encodeBase64: Ports["encodeBase64"],
): Planner {
  const { policy, webhook } = settings;
  const common = foldCommon(webhook.vaultSecretManager, settings.injector);
  const pluginNames = plugins.map(({ name }) => name).join(",");
  const cache = new BoundedCache<Plan>(CACHE_LIMITS);
  const large = new BoundedCache<Plan>(LARGE_LIMITS);
  const own = new BoundedCache<Plan>(OWN_LIMITS);
  /** What plans carry, and the same with what plugins set on top, by the shared plan below. */
  const over = new WeakMap<Plan, { readonly carried: Carried; readonly plans: BoundedCache<Plan> }>();

  /** Makes a plan. Every plan is made here, cached or not. */
  function fold(
    prepared: readonly PreparedRequest[],
    carried: Carried,
    pluginLayers: readonly Layer[],
  ): Plan {
    const { annotations, vaultKeys } = carried;
    const declared =
      vaultKeys.length > 0 ? indexDeclaredFiles(annotations, vaultKeys, listPaths(prepared)) : undefined;
    const files = collectFiles(prepared, declared);
    const corrections = declared ? renderCorrections(files, annotations) : NO_LAYER;
    // Without injector annotations of a plugin or the pod, the configuration's precompiled rules and annotations apply.
    const isCommon = vaultKeys.length === 0 && pluginLayers.length === 0;
    // Most pods carry nothing that the platform sets, and then every line is rendered already.
    const isPlain = isCommon && !common.declaresFiles && carried === NOTHING_CARRIED;
    const lines = isPlain ? new PlainLines(common, files) : new FoldedLines(common, files, pluginLayers);
    const operations = joinOperations([
      lines.renderOperations(annotations),
      ...corrections.map(({ operation }) => operation),
    ]);
    const final = isCommon && !common.declaresFiles ? undefined : toFinal(lines.folded, corrections, carried);
    const found = new Findings();
    for (const { issues } of prepared) if (issues) found.merge(issues);
    findVersionClashes(files, found);
    findSharedCredentials(files, found);
    findCollisions(files, final ? findForeignFiles(final, files, annotations) : [], final, found);
    for (const [line, issues] of common.issues) if (lines.has(line)) found.merge(issues);
    checkLayers(pluginLayers, lines, found);
    // An operation is longer than its annotation.
    if (final || mayBeTooLarge(operations.length + common.configUnits)) {
      checkAgentConfig(final ?? addFiles(common.final, files), found, settings.injector);
    }
    const variables = collectVariables(prepared, found);
    checkVariables(variables, final ?? common.final, found);
    const audit = renderAudit(listAuditTexts(prepared), final ?? common.final, pluginNames, hash);
    let rules: readonly PodCheck[] | undefined;
    return {
      prepared,
      files,
      requested: toRequested(variables, final ?? common.final),
      lines,
      corrections,
      found,
      audit,
      final: final ?? common.final,
      get rules() {
        rules ??= isCommon || !final ? common.rules : compileRules(final, settings.injector);
        return rules;
      },
      patch: sharePatch(operations, encodeBase64),
      verdict: judge(found, policy.strict),
      auditText: JSON.stringify(audit),
    };
  }

  /**
   * Random ids must differ between pods, so those are never shared.
   *
   * @returns what a plan depends on besides the requests, where pods that carry the same can share it
   */
  function toShared({ annotations, vaultKeys }: Carried): Carried | undefined {
    if (policy.ids === "random") return undefined;
    if (common.foreignKeys.some((key) => Object.hasOwn(annotations, key))) return undefined;
    if (vaultKeys.length === 0) return NOTHING_CARRIED;
    const carried: Record<string, string> = {};
    let units = 0;
    for (const key of vaultKeys) {
      const value = annotations[key];
      // A key has texts only.
      if (typeof value !== "string") return undefined;
      units += key.length + value.length;
      if (units > LONGEST_OWN) return undefined;
      carried[key] = value;
    }
    return { annotations: carried, vaultKeys };
  }

  function chooseCache(key: readonly string[], carried: Carried): BoundedCache<Plan> {
    if (toLength(key) > LONGEST_CACHED) return large;
    return carried === NOTHING_CARRIED ? cache : own;
  }

  return {
    planChanged: (carried, prepared) => fold(prepared, carried, []),
    plan: (carried, requestKeys, prepareAll) => {
      const shared = toShared(carried);
      if (!shared) return fold(prepareAll(), carried, []);
      // The requests come last: they tell more pods apart.
      const key: string[] = [];
      addToKey(key, carried.annotations, carried.vaultKeys);
      addToKey(key, carried.annotations, requestKeys);
      const known = chooseCache(key, shared).get(key, () => fold(prepareAll(), shared, []));
      if (plugins.length > 0 && !over.has(known)) {
        over.set(known, { carried: shared, plans: new BoundedCache(OVER_LIMITS) });
      }
      return known;
    },
    planOver: (base, layers, carried) => {
      if (layers.length === 0) return base;
      const known = over.get(base);
      const { annotations } = carried;
      const meets = layers.some((layer) => layer.some(({ key }) => Object.hasOwn(annotations, key)));
      if (!known || meets) return fold(base.prepared, carried, layers);
      return known.plans.get(toLayersKey(layers), () => fold(base.prepared, known.carried, layers));
    },
  };
}

function addToKey(key: string[], annotations: Pod["annotations"], names: readonly string[]): void {
  for (const name of names) key.push(name, annotations[name] ?? "");
}

function toLayersKey(layers: readonly Layer[]): readonly string[] {
  const texts: string[] = [];
  for (const layer of layers) {
    for (const { source, key, value } of layer) {
      const entry = source.kind === "plugin" ? String(source.entry) : "";
      // A removal must differ from the empty text.
      texts.push(value === null ? `${entry}-` : `${entry}+`, key, value ?? "");
    }
  }
  return texts;
}

/** Reports issues of the single lines that win. */
function checkLayers(layers: readonly Layer[], lines: Lines, found: Findings): void {
  for (const layer of layers) {
    for (const line of layer) {
      if (line.value !== null && lines.has(line)) reportAnnotation(line.key, line.value, found);
    }
  }
}

function listPaths(prepared: readonly PreparedRequest[]): Set<string> {
  const paths = new Set<string>();
  for (const { transformed } of prepared) if (transformed) paths.add(transformed.audit.path);
  return paths;
}

/** @returns each file once, under the id that the pod already has for it, if any */
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

function listAuditTexts(prepared: readonly PreparedRequest[]): string[] {
  const texts: string[] = [];
  for (const { audit } of prepared) if (audit !== undefined) texts.push(audit);
  return texts;
}

/** @returns the pod's final injector annotations: the folded layers, over them the pod's own, over those the corrections */
function toFinal(
  folded: ReadonlyMap<string, Line>,
  corrections: Layer,
  { annotations, vaultKeys }: Carried,
): IndexedAnnotations {
  const final = new IndexedAnnotations();
  for (const [key, { value }] of folded) if (value !== null) final.set(key, value);
  for (const key of vaultKeys) final.set(key, annotations[key] ?? "");
  for (const { key, value } of corrections) if (value !== null) final.set(key, value);
  return final;
}

/** @returns the common annotations and those of files, without folding layers */
function addFiles(common: IndexedAnnotations, files: readonly SecretFile[]): IndexedAnnotations {
  const final = new IndexedAnnotations();
  for (const { key, value } of common.all()) final.set(key, value);
  for (const { annotations } of files) for (const [key, value] of annotations) final.set(key, value);
  return final;
}
