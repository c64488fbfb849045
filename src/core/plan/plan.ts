/**
 * A plan: valid requests, transformed and folded with the configuration's and the plugins' layers. It depends on the
 * pod only through the annotations that the pod carries itself and somebody else sets as well. Pods that carry none of
 * these share the plan of the requests that they ask for.
 */
import type { Pod } from "../admission/pod.ts";
import { judge, type Verdict } from "../admission/status.ts";
import { BoundedCache, toLength } from "../cache.ts";
import { checkAgentConfig } from "../check/agent-config.ts";
import { reportAnnotation } from "../check/annotation.ts";
import type { PodCheck } from "../check/change.ts";
import { findCollisions, findForeignFiles, findVersionClashes } from "../check/file-collision.ts";
import { compileRules } from "../check/finished.ts";
import { findSharedCredentials } from "../check/secret-engine.ts";
import { checkVariables, collectVariables } from "../check/variable.ts";
import { Findings } from "../issue/findings.ts";
import { foldLayers, type Layer, type Line } from "../layer.ts";
import { joinOperations, type SharedPatch, sharePatch } from "../patch/render.ts";
import type { PluginInstance } from "../plugin/instance.ts";
import type { Ports } from "../ports.ts";
import type { Settings } from "../settings.ts";
import { indexDeclaredFiles, renderCorrections, reuseDeclaredFile } from "../vault/reuse.ts";
import type { SecretFile } from "../vault/secret-file.ts";
import type { TaskVariable } from "../vault/variable.ts";
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
  /** The layers' winning lines, whether or not the pod has its own. */
  readonly folded: ReadonlyMap<string, Line>;
  /** The pod's annotations of the injector as they will be; without those of files, where nothing depends on them. */
  readonly final: ReadonlyMap<string, string>;
  /** Variables that requests ask for, each name once. */
  readonly variables: readonly TaskVariable[];
  /** The rules that a pod with these annotations is held to. */
  readonly rules: readonly PodCheck[];
  /** Patch operations for the pod's annotations, in the order of the layers. */
  readonly patch: SharedPatch;
  readonly found: Findings;
  /** What was found comes to this where a pod adds nothing of its own. */
  readonly verdict: Verdict;
  readonly audit: Readonly<Record<string, string>>;
  /** JSON text of {@link audit}. */
  readonly auditText: string;
}

/** A pod's own annotations, as far as a plan may depend on them. */
interface Carried {
  readonly annotations: Pod["annotations"];
  /** Keys of those that the injector reads. */
  readonly vaultKeys: readonly string[];
}

/** Makes plans under one configuration. */
export interface Planner {
  /**
   * Plans the requests that a pod carries; once for all pods that carry the same and nothing else that matters.
   *
   * @param requestKeys keys of the pod's requests
   * @param prepareAll prepares them; called only where the plan is not known
   */
  readonly plan: (
    carried: Carried,
    requestKeys: readonly string[],
    prepareAll: () => readonly PreparedRequest[],
  ) => Plan;
  /** Plans requests that plugins have changed. */
  readonly planChanged: (carried: Carried, prepared: readonly PreparedRequest[]) => Plan;
  /** Adds what plugins set to a plan; once for a shared plan and the same additions. */
  readonly planOver: (base: Plan, layers: readonly Layer[], carried: Carried) => Plan;
}

const CACHE_LIMITS = { entries: 512, units: 500_000 };
/** Longer sets are few; with the others they would push out all of them. */
const LONGEST_CACHED = 32_768;
const LARGE_LIMITS = { entries: 4, units: 1_000_000 };
/** Most plugins set the same for every pod; one that does not must not fill the memory. */
const OVER_LIMITS = { entries: 4, units: 16_000 };

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
  /** Plans with what plugins set on top, by the shared plan below. */
  const over = new WeakMap<Plan, BoundedCache<Plan>>();

  /** The one way to a plan. */
  function fold(
    prepared: readonly PreparedRequest[],
    carried: Carried,
    pluginLayers: readonly Layer[],
  ): Plan {
    const { annotations, vaultKeys } = carried;
    const declared = vaultKeys.length > 0 ? indexDeclaredFiles(annotations, vaultKeys) : undefined;
    const files = collectFiles(prepared, declared);
    const layers = [...common.around(files), ...pluginLayers];
    const folded = foldLayers(layers);
    const corrections = declared ? renderCorrections(files, annotations) : NO_LAYER;
    // Without lines of a plugin or a pod, the rules are those of the configuration.
    const isCommon = vaultKeys.length === 0 && pluginLayers.length === 0;
    const final = isCommon && !common.declaresFiles ? undefined : toFinal(folded, corrections, carried);
    const found = new Findings();
    for (const { issues } of prepared) if (issues) found.merge(issues);
    findVersionClashes(files, found);
    findSharedCredentials(files, found);
    findCollisions(files, final ? findForeignFiles(final, files, annotations) : [], found);
    for (const [line, issues] of common.issues) if (folded.get(line.key) === line) found.merge(issues);
    checkLayers(pluginLayers, folded, found);
    if (final || areMany(files)) checkAgentConfig(final ?? toFinal(folded, corrections, carried), found);
    const variables = collectVariables(prepared, found);
    checkVariables(variables, final ?? common.final, found);
    const audit = renderAudit(
      prepared.flatMap(({ audit: text }) => text ?? []),
      final ?? common.final,
      pluginNames,
      hash,
    );
    return {
      ...{ prepared, files, variables, layers, corrections, folded, found, audit },
      final: final ?? common.final,
      rules: isCommon || !final ? common.rules : compileRules(final, settings.injector),
      patch: sharePatch(renderOperations(folded, corrections, carried), encodeBase64),
      verdict: judge(found, policy.strict),
      auditText: JSON.stringify(audit),
    };
  }

  /** Whether a plan can be told from the requests alone. */
  function isShared({ annotations, vaultKeys }: Carried): boolean {
    if (policy.ids === "random" || vaultKeys.length > 0) return false;
    return !common.foreignKeys.some((key) => Object.hasOwn(annotations, key));
  }

  return {
    planChanged: (carried, prepared) => fold(prepared, carried, []),
    plan: (carried, requestKeys, prepareAll) => {
      if (!isShared(carried)) return fold(prepareAll(), carried, []);
      const key = toKey(carried.annotations, requestKeys);
      const known = (toLength(key) > LONGEST_CACHED ? large : cache).get(key, () =>
        fold(prepareAll(), NOTHING_CARRIED, []),
      );
      if (plugins.length > 0 && !over.has(known)) over.set(known, new BoundedCache(OVER_LIMITS));
      return known;
    },
    planOver: (base, layers, carried) => {
      if (layers.length === 0) return base;
      const known = over.get(base);
      const { annotations } = carried;
      const meets = layers.some((layer) => layer.some(({ key }) => Object.hasOwn(annotations, key)));
      if (!known || meets) return fold(base.prepared, carried, layers);
      return known.get(toLayersKey(layers), () => fold(base.prepared, NOTHING_CARRIED, layers));
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
function checkLayers(layers: readonly Layer[], folded: ReadonlyMap<string, Line>, found: Findings): void {
  for (const layer of layers) {
    for (const line of layer) {
      if (line.value !== null && folded.get(line.key) === line) reportAnnotation(line.key, line.value, found);
    }
  }
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

/** Operations that set what the pod does not carry itself, and what corrects the pod. */
function renderOperations(folded: ReadonlyMap<string, Line>, corrections: Layer, carried: Carried): string {
  const operations: string[] = [];
  for (const [key, { operation }] of folded) {
    if (carried === NOTHING_CARRIED || !Object.hasOwn(carried.annotations, key)) operations.push(operation);
  }
  for (const { operation } of corrections) operations.push(operation);
  return joinOperations(operations);
}

const FEW_FILES = 8;
const FEW_CHARACTERS = 2_000;

/** Whether the agent's configuration could be too long: a few files are not worth a list of all annotations. */
function areMany(files: readonly SecretFile[]): boolean {
  if (files.length > FEW_FILES) return true;
  let characters = 0;
  for (const { path, vaultPath } of files) characters += path.length + vaultPath.length;
  return characters > FEW_CHARACTERS;
}

/** Annotations of the injector that the pod will have: ours, then the pod's own, then what corrects the pod. */
function toFinal(
  folded: ReadonlyMap<string, Line>,
  corrections: Layer,
  { annotations, vaultKeys }: Carried,
): ReadonlyMap<string, string> {
  const final = new Map<string, string>();
  for (const [key, { value }] of folded) if (value !== null) final.set(key, value);
  for (const key of vaultKeys) final.set(key, annotations[key] ?? "");
  for (const { key, value } of corrections) if (value !== null) final.set(key, value);
  return final;
}
