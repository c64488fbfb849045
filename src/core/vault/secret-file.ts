/** One file of one secret, and the annotations that declare it to the injector. */
import type { Layer, Line } from "../layer.ts";
import { openAnnotationOperation, renderAnnotationOperation, renderJson } from "../patch/render.ts";
import type { FileName } from "./file.ts";
import type { RequestFile } from "./key.ts";
import { VaultKeyPrefix } from "./key.ts";
import { isKeyValue, type SecretEngine } from "./secret-engines.ts";
import { renderFlyteTemplate, renderTemplate } from "./template.ts";
import { renderVariableTemplate } from "./variable.ts";

/** The secret in Vault that one pod annotation asks for. */
export interface RequestedSecret {
  /** Key of the pod annotation. */
  readonly annotation: string;
  readonly engine: SecretEngine;
  /** Vault path. */
  readonly path: string;
  readonly key: string;
  /** Whether the kubelet reads the file as an environment variable. */
  readonly isVariable: boolean;
}

/** A file that the agent will write. Its annotations are rendered on first use, because a reused file never needs them. */
export class SecretFile implements RequestFile {
  readonly id: string;
  readonly path: string;
  readonly for: FileName["for"];
  /** Equal for two requests for the same file; see `toIdentity`. */
  readonly identity: string;
  readonly #secret: RequestedSecret;
  #layer: Layer | undefined;

  constructor(secret: RequestedSecret, name: FileName, identity: string, id: string) {
    this.id = id;
    this.path = name.path;
    this.for = name.for;
    this.identity = identity;
    this.#secret = secret;
  }

  /** Key of the pod annotation that asked for the file. */
  get annotation(): string {
    return this.#secret.annotation;
  }

  /** Vault path. */
  get vaultPath(): string {
    return this.#secret.path;
  }

  /** Key within the secret; if the engine has no keys, it only names the file. */
  get key(): string {
    return this.#secret.key;
  }

  /** Whether the file gets Vault's whole answer, rendered by the injector's default template. */
  get isWhole(): boolean {
    return !isKeyValue(this.#secret.engine) && !this.#secret.isVariable;
  }

  /** The template that the agent renders; absent if the injector's default template is used. */
  get template(): string | undefined {
    const { engine, path, key, isVariable } = this.#secret;
    if (isVariable) return renderVariableTemplate(engine, path, key);
    return isKeyValue(engine) ? renderTemplate(engine, path, key) : undefined;
  }

  /** Flyte's unguarded template for the same secret, which is replaced if a pod has it; absent if Flyte has none. */
  get flyteTemplate(): string | undefined {
    const { engine, path, key, isVariable } = this.#secret;
    return isKeyValue(engine) && !isVariable ? renderFlyteTemplate(engine, path, key) : undefined;
  }

  /** The annotations that declare the file, in order. */
  get layer(): Layer {
    this.#layer ??= this.#declare();
    return this.#layer;
  }

  /** @returns the same file under another id */
  declaredAs(id: string): SecretFile {
    return new SecretFile(this.#secret, this, this.identity, id);
  }

  /** The joined patch operations that declare the file: those of {@link layer}, without its lines. */
  get operations(): string {
    const { id, template } = this;
    const declared = `${renderFileOperation("secret", id, this.vaultPath)},${renderFileOperation("file", id, this.path)}`;
    return template === undefined ? declared : `${declared},${renderFileOperation("template", id, template)}`;
  }

  /** The annotations that declare the file, as keys and values. */
  get annotations(): readonly (readonly [key: string, value: string])[] {
    return this.#list().map(([prefix, value]) => [VaultKeyPrefix[prefix] + this.id, value]);
  }

  #declare(): Layer {
    const source = { kind: "secret", annotation: this.annotation } as const;
    return this.#list().map(([prefix, value]): Line => {
      const operation = renderFileOperation(prefix, this.id, value);
      return { key: VaultKeyPrefix[prefix] + this.id, value, source, operation };
    });
  }

  #list(): (readonly [Declaring, string])[] {
    const { template } = this;
    const declared: (readonly [Declaring, string])[] = [
      ["secret", this.vaultPath],
      ["file", this.path],
    ];
    if (template !== undefined) declared.push(["template", template]);
    return declared;
  }
}

/** The annotations that declare a file. */
type Declaring = "secret" | "file" | "template";

/** Beginnings of patch operations, up to the id. Rendered once; an id with only plain characters needs no escape. */
const OPENINGS = {
  secret: openAnnotationOperation(VaultKeyPrefix.secret),
  file: openAnnotationOperation(VaultKeyPrefix.file),
  template: openAnnotationOperation(VaultKeyPrefix.template),
} as const;

const PLAIN_ID = /^[\w.-]*$/;

function renderFileOperation(prefix: Declaring, id: string, value: string): string {
  if (!PLAIN_ID.test(id)) return renderAnnotationOperation(VaultKeyPrefix[prefix] + id, value);
  return `${OPENINGS[prefix]}${id}","value":${renderJson(value)}}`;
}
