/**
 * The annotations of a plan, folded from all its layers. `/mutate` needs only their patch operations; layers and lines are for
 * previews, plugins and pods that carry annotations of the injector themselves.
 */
import type { Pod } from "../admission/pod.ts";
import { foldLayers, type Layer, type Line } from "../layer.ts";
import { joinOperations } from "../patch/render.ts";
import { toSecretsDir } from "../vault/env.ts";
import { VaultKey } from "../vault/key.ts";
import type { SecretFile } from "../vault/secret-file.ts";
import type { Common } from "./common.ts";

/** A plan's annotations, whether or not the pod has its own. */
export interface Lines {
  /** Layers below the pod, lowest first. */
  readonly layers: readonly Layer[];
  /** The winning lines. */
  readonly folded: ReadonlyMap<string, Line>;
  /** Value of the variable with the secrets' folder: the platform's, as in Flyte, whatever the pod's own annotation. */
  readonly secretsDir: string;
  /** Whether a line of the configuration or a plugin wins. */
  has(line: Line): boolean;
  /** @returns joined patch operations for annotations that the pod does not have itself, in the order of the layers */
  renderOperations(own: Pod["annotations"]): string;
}

/** Lines of any layers. */
export class FoldedLines implements Lines {
  readonly layers: readonly Layer[];
  readonly folded: ReadonlyMap<string, Line>;
  readonly secretsDir: string;

  constructor(common: Common, files: readonly SecretFile[], pluginLayers: readonly Layer[]) {
    this.layers = [...common.around(files), ...pluginLayers];
    this.folded = foldLayers(this.layers);
    this.secretsDir = toSecretsDir(this.folded.get(VaultKey.secretVolumePath)?.value ?? undefined);
  }

  has(line: Line): boolean {
    return this.folded.get(line.key) === line;
  }

  renderOperations(own: Pod["annotations"]): string {
    const operations: string[] = [];
    for (const [key, { operation }] of this.folded) if (!Object.hasOwn(own, key)) operations.push(operation);
    return joinOperations(operations);
  }
}

/** Lines of the common annotations and files alone, for a pod with none of them; folded when somebody reads them. */
export class PlainLines implements Lines {
  readonly #common: Common;
  readonly #files: readonly SecretFile[];
  #folded: FoldedLines | undefined;

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

  get secretsDir(): string {
    return this.#common.secretsDir;
  }

  /** The configuration's layer is the highest. */
  has(): boolean {
    return true;
  }

  renderOperations(): string {
    return this.#common.renderOperations(this.#files);
  }

  #fold(): FoldedLines {
    this.#folded ??= new FoldedLines(this.#common, this.#files, []);
    return this.#folded;
  }
}
