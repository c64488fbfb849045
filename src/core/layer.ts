/**
 * A layer holds the annotations that one source sets. Folding the layers gives the final annotations; previews read the
 * layers themselves to show who set what.
 *
 * A line carries its rendered patch operation: most lines live as long as the configuration or a cached request, so the
 * operation is rendered once and not for every pod.
 */
import { renderAnnotationOperation } from "./patch/render.ts";

/** Who set a value. */
export type Source =
  | { readonly kind: "webhook" }
  | { readonly kind: "secret"; readonly annotation: string }
  | { readonly kind: "config"; readonly path: string }
  | { readonly kind: "plugin"; readonly name: string; readonly entry: number }
  | { readonly kind: "pod" };

/** One annotation of one source; the value `null` removes what lower layers set, but never the pod's own annotation. */
export interface Line {
  readonly key: string;
  readonly value: string | null;
  readonly source: Source;
  /** JSON text of the patch operation that sets the annotation; empty for `null`. */
  readonly operation: string;
}

/** The annotations of one source. Later layers win over earlier ones. */
export type Layer = readonly Line[];

/** The final value of one annotation, its source, and the values that it overrides (lowest layer first). */
export interface FoldedAnnotation {
  readonly key: string;
  readonly value: string;
  readonly source: Source;
  readonly overrides: readonly { readonly source: Source; readonly value: string }[];
}

/** @returns the layer of one source, in the order of the record's keys */
export function toLayer(source: Source, annotations: Readonly<Record<string, string | null>>): Layer {
  return Object.entries(annotations).map(([key, value]) => toLine(source, key, value));
}

/** @returns one line, with its patch operation rendered */
export function toLine(source: Source, key: string, value: string | null): Line {
  return { key, value, source, operation: value === null ? "" : renderAnnotationOperation(key, value) };
}

/**
 * Folds layers, lowest first.
 *
 * @returns the winning lines by key, in the order in which their keys first appeared
 */
export function foldLayers(layers: readonly Layer[]): Map<string, Line> {
  const folded = new Map<string, Line>();
  for (const layer of layers) {
    for (const line of layer) {
      if (line.value === null) folded.delete(line.key);
      else folded.set(line.key, line);
    }
  }
  return folded;
}

/**
 * Folds layers, lowest first, and records which source overrode which.
 *
 * @returns the same annotations as {@link foldLayers}, each with its source and the values that it overrides
 */
export function explainLayers(layers: readonly Layer[]): FoldedAnnotation[] {
  const folded = new Map<string, FoldedAnnotation>();
  for (const { key, value, source } of layers.flat()) {
    if (value === null) {
      folded.delete(key);
      continue;
    }
    const below = folded.get(key);
    const overrides = below ? [...below.overrides, { source: below.source, value: below.value }] : [];
    folded.set(key, { key, value, source, overrides });
  }
  return [...folded.values()];
}
