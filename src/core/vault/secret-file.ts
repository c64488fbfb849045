/** One file of one secret, and the annotations that declare it to the injector. */
import { type Layer, toLine } from "../layer.ts";
import {
  joinOperations,
  openAnnotationOperation,
  renderAnnotationOperation,
  renderJson,
} from "../patch/render.ts";
import type { Engine } from "../settings.ts";
import type { FileName } from "./file.ts";
import type { RequestFile } from "./key.ts";
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

/** One annotation of a file. */
export interface FileAnnotation {
  readonly prefix: "secret" | "file" | "template";
  readonly key: string;
  readonly value: string;
}

/** A file to be written. What its annotations say is written when somebody asks, and then kept. */
export class SecretFile implements RequestFile {
  readonly id: string;
  readonly path: string;
  readonly for: FileName["for"];
  /** Equal for two requests that are one. */
  readonly identity: string;
  readonly #secret: RequestedSecret;
  #annotations: readonly FileAnnotation[] | undefined;
  #operations: string | undefined;

  constructor(secret: RequestedSecret, name: FileName, identity: string, id: string) {
    this.id = id;
    this.path = name.path;
    this.for = name.for;
    this.identity = identity;
    this.#secret = secret;
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

  /** The annotations that declare the file, in their order. */
  get annotations(): readonly FileAnnotation[] {
    this.#annotations ??= this.#declare();
    return this.#annotations;
  }

  /** The same as a layer. */
  get layer(): Layer {
    const source = { kind: "secret", annotation: this.annotation } as const;
    return this.annotations.map(({ key, value }) => toLine(source, key, value));
  }

  /** Their patch operations, joined. */
  get operations(): string {
    this.#operations ??= joinOperations(
      this.annotations.map(({ prefix, value }) => renderFileOperation(prefix, this.id, value)),
    );
    return this.#operations;
  }

  /** @returns the same file under the id that the pod has for it. */
  declaredAs(id: string): SecretFile {
    return new SecretFile(this.#secret, this, this.identity, id);
  }

  #declare(): FileAnnotation[] {
    const annotations = [this.#annotate("secret", this.vaultPath), this.#annotate("file", this.path)];
    const { template } = this;
    if (template !== undefined) annotations.push(this.#annotate("template", template));
    return annotations;
  }

  #annotate(prefix: FileAnnotation["prefix"], value: string): FileAnnotation {
    return { prefix, key: VaultKeyPrefix[prefix] + this.id, value };
  }
}

/** Patch operations up to the id, which needs no escape where it is plain. */
const OPENINGS = {
  secret: openAnnotationOperation(VaultKeyPrefix.secret),
  file: openAnnotationOperation(VaultKeyPrefix.file),
  template: openAnnotationOperation(VaultKeyPrefix.template),
} as const;

const PLAIN_ID = /^[\w.-]*$/;

function renderFileOperation(prefix: FileAnnotation["prefix"], id: string, value: string): string {
  if (!PLAIN_ID.test(id)) return renderAnnotationOperation(VaultKeyPrefix[prefix] + id, value);
  return `${OPENINGS[prefix]}${id}","value":${renderJson(value)}}`;
}
