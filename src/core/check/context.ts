/**
 * Checks annotations in the context of the pod's others, because these decide which ones the injector reads: a value that is
 * never read cannot be wrong, and a value that most pods ignore may matter in some.
 */

import { parseGoBool } from "../../injector/go.ts";
import type { IndexedAnnotation } from "../../injector/indexed-annotations.ts";
import {
  type AnnotationFinding,
  type FoundAnnotation,
  judgeFound,
  judgeMissing,
  vaultKey,
} from "../../injector/vocabulary.ts";
import { annotationIssues } from "../issue/check.ts";
import type { Findings } from "../issue/findings.ts";
import { reportAnnotation, reportJudged } from "./annotation.ts";
import { type Annotations, hasInitAgent, hasSidecar, isOn } from "./change.ts";

const INJECT = vaultKey("agent-inject");
const CONFIGMAP = vaultKey("agent-configmap");

/** Annotations of one id, which have an effect only if a secret or a template declares the id. */
const OF_IDS: ReadonlySet<string> = new Set([
  ...["agent-inject-file", "agent-inject-perms", "agent-inject-command", "agent-template-left-delim"],
  ...["agent-template-right-delim", "error-on-missing-key", "secret-volume-path", "preserve-secret-case"],
]);

/** Annotations that a ConfigMap with the agent's configuration replaces. */
const OF_CONFIG: ReadonlySet<string> = new Set(["service", "auth-type", "auth-path", "role"]);

const ONLY_SIDECAR: ReadonlySet<string> = new Set([
  ...["agent-cache-enable", "agent-cache-exit-on-err", "agent-cache-use-auto-auth-token"],
  ...["agent-revoke-on-shutdown", "agent-revoke-grace", "agent-json-patch"],
]);
const ONLY_INIT: ReadonlySet<string> = new Set([
  ...["agent-init-first", "agent-init-json-patch", "agent-share-process-namespace"],
]);
const ONLY_CONTEXT: ReadonlySet<string> = new Set(["agent-run-as-user", "agent-run-as-group"]);

/** The facts that decide whether an annotation has an effect. */
export interface Context {
  /** Whether the injector works on the pod at all. */
  readonly isOn: boolean;
  readonly hasConfigMap: boolean;
  readonly init: boolean;
  readonly sidecar: boolean;
  readonly setsContext: boolean;
  /** Whether an agent has a listener, and whether it has a cache. */
  readonly listens: boolean;
  readonly caches: boolean;
  readonly annotations: Annotations;
}

const contexts = new WeakMap<Annotations, Context>();

/** @returns the context of a pod's final annotations, computed once, because many pods share them */
export function readContext(annotations: Annotations): Context {
  const known = contexts.get(annotations);
  if (known) return known;
  const sidecar = hasSidecar(annotations);
  const caches = sidecar && isOn(annotations, vaultKey("agent-cache-enable"), false);
  const status = annotations.get(vaultKey("agent-inject-status"));
  const context: Context = {
    isOn: parseGoBool(annotations.get(INJECT) ?? "") !== false && status !== "injected",
    hasConfigMap: (annotations.get(CONFIGMAP) ?? "") !== "",
    init: hasInitAgent(annotations),
    sidecar,
    setsContext: isOn(annotations, vaultKey("agent-set-security-context"), true),
    listens: caches || isOn(annotations, vaultKey("agent-enable-quit"), false),
    caches,
    annotations,
  };
  contexts.set(annotations, context);
  return context;
}

/** Checks one annotation of a pod: its value, and whether it has any effect. */
export function reportInContext(
  { key, value, found: known }: IndexedAnnotation,
  context: Context,
  found: Findings,
): void {
  if (!context.isOn) {
    if (key === INJECT) reportAnnotation(key, value, found);
  } else if (!known) reportJudged(key, value, judgeMissing(key), found);
  else if (!(context.hasConfigMap && OF_CONFIG.has(known.entry.name)))
    reportKnown(key, value, known, context, found);
}

function reportKnown(
  key: string,
  value: string,
  known: FoundAnnotation,
  context: Context,
  found: Findings,
): void {
  const { entry, suffix } = known;
  const where = { annotation: key };
  const isUndeclared =
    suffix !== undefined && OF_IDS.has(entry.name) && !context.annotations.declared.has(suffix);
  const finding = isUndeclared ? undefined : judgeFound(known, value);
  const noEffect = annotationIssues["annotation.no-effect"];
  if (isUndeclared && !found.keeps(noEffect.severity)) {
    found.addCount(noEffect.severity);
    return;
  }
  // The injector refuses these values even if the annotation would have no effect.
  const because = isRefused(finding) ? undefined : whyNoEffect(value, known, context);
  const isBlank = entry.name === "agent-inject-template" && value !== "" && value.trim() === "";
  if (because !== undefined) found.report(noEffect, { key, because }, where);
  else if (isBlank && suffix !== undefined && context.annotations.declared.has(suffix)) {
    found.report(annotationIssues["annotation.template-blank"], { key }, where);
  } else reportJudged(key, value, finding, found, counts(entry.name, context) ? "agent" : "ignored");
}

function isRefused(finding: AnnotationFinding | undefined): boolean {
  return finding?.kind === "value" && finding.outcome === "injector";
}

/** Whether an invalid value makes the agent fail here, although most agents ignore it. */
function counts(name: string, { listens, caches }: Context): boolean {
  return (
    (name === "agent-cache-listener-port" && listens) ||
    (name === "agent-cache-use-auto-auth-token" && caches)
  );
}

function whyNoEffect(
  value: string,
  { entry: { name }, suffix }: FoundAnnotation,
  context: Context,
): string | undefined {
  const { annotations, init, sidecar, setsContext } = context;
  if (suffix !== undefined && OF_IDS.has(name) && !annotations.declared.has(suffix)) {
    return `no agent-inject-secret-${suffix} or agent-inject-template-${suffix} declares the id`;
  }
  const has = (other: Parameters<typeof vaultKey>[0]) => annotations.get(vaultKey(other, suffix)) ?? "";
  if (name === "agent-inject-template-file" && has("agent-inject-template") !== "") {
    return `the id has the template agent-inject-template-${suffix}`;
  }
  if (name === "preserve-secret-case" && suffix !== undefined && has("agent-inject-file") !== "") {
    return `agent-inject-file-${suffix} names the file`;
  }
  if (name === "auth-config" && suffix === "role" && annotations.get(vaultKey("role")))
    return "role comes first";
  // An explicit false has no effect either, but it is surely intended.
  if (parseGoBool(value) === false) return undefined;
  if (!sidecar && ONLY_SIDECAR.has(name))
    return "only the sidecar reads it, and agent-pre-populate-only is true";
  if (!init && ONLY_INIT.has(name)) return "only the init container has it, and agent-pre-populate is false";
  if (!setsContext && ONLY_CONTEXT.has(name)) return "agent-set-security-context is false";
  return undefined;
}
