/** One file of one secret, and the annotations that declare it to the injector. */
import { type Layer, type Line, toLine } from "../layer.ts";
import { joinOperations } from "../patch.ts";
import type { RequestFile } from "../plugin/instance.ts";
import type { Engine } from "../settings.ts";
import type { FileName } from "./file.ts";
import { VaultKeyPrefix } from "./key.ts";
import { renderFlyteTemplate, renderTemplate } from "./template.ts";

/** A secret in Vault that a pod's annotation asks for. */
export interface RequestedSecret {
  /** Key of the pod annotation. */
  readonly annotation: string;
  readonly engine: Engine;
  /** Vault path. */
  readonly path: string;
  readonly key: string;
}

/** A file to be written. What its annotations say is written when somebody asks, and then kept. */
export class SecretFile implements RequestFile {
  readonly id: string;
  readonly path: string;
  readonly for: FileName["for"];
  /** Equal for two requests that are one. */
  readonly identity: string;
  readonly #secret: RequestedSecret;
  /** Whether the pod declares the file already and wants no template. */
  readonly #isPlain: boolean;
  #layer: Layer | undefined;
  #operations: string | undefined;

  constructor(secret: RequestedSecret, name: FileName, identity: string, id: string, isPlain = false) {
    this.id = id;
    this.path = name.path;
    this.for = name.for;
    this.identity = identity;
    this.#secret = secret;
    this.#isPlain = isPlain;
  }

  /** Key of the pod annotation that asked for it. */
  get annotation(): string {
    return this.#secret.annotation;
  }

  /** Vault path. */
  get vaultPath(): string {
    return this.#secret.path;
  }

  /** What the agent renders; absent for `db`, where the injector's own template is used. */
  get template(): string | undefined {
    const { engine, path, key } = this.#secret;
    return engine === "db" ? undefined : renderTemplate(engine, path, key);
  }

  /** Flyte's unguarded form of the template; an injected pod that carries it gets ours. */
  get flyteTemplate(): string | undefined {
    const { engine, path, key } = this.#secret;
    return engine === "db" ? undefined : renderFlyteTemplate(engine, path, key);
  }

  /** The annotations of the file, under its id. */
  get layer(): Layer {
    this.#layer ??= this.#renderLayer();
    return this.#layer;
  }

  /** The patch operations of the layer, joined. */
  get operations(): string {
    this.#operations ??= joinOperations(this.layer.map(({ operation }) => operation));
    return this.#operations;
  }

  /**
   * @param hasTemplate whether the pod carries a template for it, which then wins over ours; one without wants none
   * @returns the same file under the id that the pod has for it
   */
  declaredAs(id: string, hasTemplate: boolean): SecretFile {
    return new SecretFile(this.#secret, this, this.identity, id, !hasTemplate);
  }

  #renderLayer(): Line[] {
    const { id, annotation, vaultPath, path } = this;
    const source = { kind: "secret", annotation } as const;
    const layer = [
      toLine(source, VaultKeyPrefix.secret + id, vaultPath),
      toLine(source, VaultKeyPrefix.file + id, path),
    ];
    const template = this.#isPlain ? undefined : this.template;
    if (template !== undefined) layer.push(toLine(source, VaultKeyPrefix.template + id, template));
    return layer;
  }
}
