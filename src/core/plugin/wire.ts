/**
 * Sends a context to another thread as JSON text. Parts that depend only on the plan are rendered once per plan, and parts
 * that a plugin does not read are never parsed.
 */
import { isObject } from "../json.ts";
import { explainLayers, type FoldedAnnotation, type Layer, toLayer } from "../layer.ts";
import type { Signal } from "../signal.ts";
import type { RequestFile } from "../vault/key.ts";
import { toFileKeys } from "../vault/key.ts";
import type { AnnotationsContext, PluginFile, PodContext } from "./context.ts";

/** A context in parts, each JSON without line feeds. For the hook `requests`, the parts after `pod` are empty. */
export interface Wire {
  /** The context without pod, annotations, files and signal. */
  readonly facts: string;
  readonly pod: string;
  /** Layers below the pod's own annotations, lowest first. */
  readonly below: string;
  /** Layers above the pod's own annotations. */
  readonly above: string;
  readonly files: string;
}

/** The layers and files of a plan. */
export interface Annotated {
  readonly below: readonly Layer[];
  readonly above: readonly Layer[];
  readonly files: Readonly<Record<string, readonly RequestFile[]>>;
}

/** @returns layers as JSON, without the patch operations, which plugins do not use */
export function renderLayers(layers: readonly Layer[]): string {
  return JSON.stringify(
    layers.map((layer) => layer.map(({ key, value, source }) => ({ key, value, source }))),
  );
}

/**
 * Restores a context from its parts.
 *
 * @param signal called when the plugin reads the context's signal
 */
export function readWire(wire: Wire, signal: () => Signal): AnnotationsContext {
  const context: PodContext = JSON.parse(wire.facts);
  const pod = lazily((): PodContext["pod"] => JSON.parse(wire.pod));
  const parts = {
    pod,
    signal,
    annotations: lazily(() => toAnnotations(JSON.parse(wire.below), pod(), JSON.parse(wire.above))),
    files: lazily(() => toPluginFiles(JSON.parse(wire.files))),
  };
  return defineGetters(context, parts);
}

/** @returns the annotations so far, by key; the pod's own win over the layers below them */
export function toAnnotations(
  below: readonly Layer[],
  pod: PodContext["pod"],
  above: readonly Layer[],
): Readonly<Record<string, FoldedAnnotation>> {
  const metadata = isObject(pod.metadata) ? pod.metadata : {};
  const carried = isObject(metadata.annotations) ? metadata.annotations : {};
  const own = Object.entries(carried).map(([key, value]) => [key, typeof value === "string" ? value : ""]);
  const layers = [...below, toLayer({ kind: "pod" }, Object.fromEntries(own)), ...above];
  return Object.fromEntries(explainLayers(layers).map((annotation) => [annotation.key, annotation]));
}

/** @returns files with their annotation keys, by the pod annotation that asked for them */
export function toPluginFiles(files: Annotated["files"]): Readonly<Record<string, readonly PluginFile[]>> {
  const named = Object.entries(files).map(([annotation, own]) => [
    annotation,
    own.map(({ id, path, for: readers }) => ({ id, path, for: readers, keys: toFileKeys(id) })),
  ]);
  return Object.fromEntries(named);
}

/** Adds properties to an object that are computed each time they are read; changes and returns the object. */
export function defineGetters<T extends object, Getters extends Readonly<Record<string, () => unknown>>>(
  target: T,
  getters: Getters,
): T & { readonly [Name in keyof Getters]: ReturnType<Getters[Name]> } {
  for (const name in getters) {
    Object.defineProperty(target, name, { enumerable: true, ...(getters[name] && { get: getters[name] }) });
  }
  return target as T & { readonly [Name in keyof Getters]: ReturnType<Getters[Name]> };
}

/** @returns a function that computes its value on the first call, and returns the same value on later ones */
export function lazily<T>(compute: () => T): () => T {
  let kept: { readonly value: T } | undefined;
  return () => {
    kept ??= { value: compute() };
    return kept.value;
  };
}
