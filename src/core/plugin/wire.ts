/**
 * A context on its way to another thread, as JSON text. What depends only on the plan is rendered once; what a plugin
 * does not read is never parsed.
 */
import { isObject } from "../json.ts";
import { explainLayers, type FoldedAnnotation, type Layer, toLayer } from "../layer.ts";
import type { Signal } from "../signal.ts";
import type { RequestFile } from "../vault/key.ts";
import { toFileKeys } from "../vault/key.ts";
import type { AnnotationsContext, PluginFile, PodContext } from "./context.ts";

/** A context in pieces; every piece is JSON without line feeds. Absent for the hook `requests`: all after `pod`. */
export interface Wire {
  /** All but the pod, the annotations, the files and the signal. */
  readonly facts: string;
  readonly pod: string;
  /** Layers below the pod, lowest first. */
  readonly below: string;
  /** Layers above the pod. */
  readonly above: string;
  readonly files: string;
}

/** The layers and files of a plan. */
export interface Annotated {
  readonly below: readonly Layer[];
  readonly above: readonly Layer[];
  readonly files: Readonly<Record<string, readonly RequestFile[]>>;
}

/** @returns layers as JSON: a line's patch operation is of no use to a plugin. */
export function renderLayers(layers: readonly Layer[]): string {
  return JSON.stringify(
    layers.map((layer) => layer.map(({ key, value, source }) => ({ key, value, source }))),
  );
}

/**
 * Puts a context together again.
 *
 * @param signal asked for when the plugin looks at it
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

/** @returns the annotations so far by key, as hooks see them: what the pod carries wins over the layers below it. */
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

/** @returns files with the names of their annotations. */
export function toPluginFiles(files: Annotated["files"]): Readonly<Record<string, readonly PluginFile[]>> {
  const named = Object.entries(files).map(([annotation, own]) => [
    annotation,
    own.map(({ id, path, for: readers }) => ({ id, path, for: readers, keys: toFileKeys(id) })),
  ]);
  return Object.fromEntries(named);
}

/** Adds properties that are worked out when they are read. */
export function defineGetters<T extends object, Getters extends Readonly<Record<string, () => unknown>>>(
  target: T,
  getters: Getters,
): T & { readonly [Name in keyof Getters]: ReturnType<Getters[Name]> } {
  for (const name in getters) {
    Object.defineProperty(target, name, { enumerable: true, ...(getters[name] && { get: getters[name] }) });
  }
  return target as T & { readonly [Name in keyof Getters]: ReturnType<Getters[Name]> };
}

/** Worked out once. */
export function lazily<T>(compute: () => T): () => T {
  let kept: { readonly value: T } | undefined;
  return () => {
    kept ??= { value: compute() };
    return kept.value;
  };
}
