/**
 * The annotations of a plan, folded from all its layers. `/mutate` needs only their patch operations; layers and lines are for
 * previews, plugins and pods that carry annotations of the injector themselves.
 */
import { foldLayers, type Layer, type Line } from "../layer.ts";
import type { SecretFile } from "../vault/secret-file.ts";
import type { Common } from "./common.ts";

/** A plan's annotations, whether or not the pod has its own. */
export interface Lines {
  /** Layers below the pod, lowest first. */
  readonly layers: readonly Layer[];
  /** The winning lines. */
  readonly folded: ReadonlyMap<string, Line>;
}

/** Folds the layers of a plan. */
export function foldLines(
  common: Common,
  files: readonly SecretFile[],
  pluginLayers: readonly Layer[],
): Lines {
  const layers = [...common.around(files), ...pluginLayers];
  return { layers, folded: foldLayers(layers) };
}

/** The lines of a plan that has only files besides the common annotations; folded when they are first read. */
export class PlainLines implements Lines {
  readonly #common: Common;
  readonly #files: readonly SecretFile[];
  #lines: Lines | undefined;

  constructor(common: Common, files: readonly SecretFile[]) {
    this.#common = common;
    this.#files = files;
  }

  get layers(): readonly Layer[] {
    return this.#fold().layers;
  }

  get folded(): ReadonlyMap<string, Line> {
    return this.#fold().folded;
  }

  #fold(): Lines {
    this.#lines ??= foldLines(this.#common, this.#files, []);
    return this.#lines;
  }
}
