/**
 * A pod's annotations of the injector, each looked up in the vocabulary once. A rule about one kind of annotation reads only
 * those: a pod may have thousands, and each walk over all of them takes about as long as parsing them.
 */
import { DECLARING } from "./secret.ts";
import { type AnnotationName, type FoundAnnotation, findAnnotation, VAULT_DOMAIN } from "./vocabulary.ts";

/** One annotation, with its row of the vocabulary. */
export interface IndexedAnnotation {
  readonly key: string;
  readonly value: string;
  /** Absent if the injector does not read the key. */
  readonly found: FoundAnnotation | undefined;
}

const DECLARES: ReadonlySet<string> = new Set(DECLARING);

/** What all annotations together say; computed on the first look-up that needs it. */
interface Parts {
  readonly declared: ReadonlyMap<string, string>;
  readonly units: number;
  readonly suffixed: ReadonlyMap<string, ReadonlyMap<string, IndexedAnnotation>>;
}

/** The annotations of a pod in the injector's domain; those of other domains are left out. */
export class IndexedAnnotations {
  readonly #byKey = new Map<string, IndexedAnnotation>();
  #parts: Parts | undefined;

  /** @param annotations values by full keys */
  constructor(annotations: Iterable<readonly [key: string, value: string]> = []) {
    for (const [key, value] of annotations) this.set(key, value);
  }

  /** Sets an annotation or replaces its value, which keeps its place in the order. Only before any look-up by name. */
  set(key: string, value: string): void {
    if (!key.startsWith(VAULT_DOMAIN)) return;
    this.#byKey.set(key, { key, value, found: findAnnotation(key) });
  }

  /** @returns the value of a full key */
  get(key: string): string | undefined {
    return this.#byKey.get(key)?.value;
  }

  /** @returns the annotation of a full key */
  find(key: string): IndexedAnnotation | undefined {
    return this.#byKey.get(key);
  }

  /** @returns whether there is a value for a full key */
  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  /** @returns all annotations in their order */
  all(): Iterable<IndexedAnnotation> {
    return this.#byKey.values();
  }

  /** @returns the annotations of a name that have a suffix, by their suffixes and in their order */
  withSuffix(name: AnnotationName): ReadonlyMap<string, IndexedAnnotation> {
    return this.#read().suffixed.get(name) ?? NONE;
  }

  /** Ids that a secret or a template declares, each with the first key that does. */
  get declared(): ReadonlyMap<string, string> {
    return this.#read().declared;
  }

  /** Length of all keys and values, in UTF-16 units. */
  get units(): number {
    return this.#read().units;
  }

  #read(): Parts {
    this.#parts ??= readParts(this.#byKey.values());
    return this.#parts;
  }
}

const NONE: ReadonlyMap<string, IndexedAnnotation> = new Map();

function readParts(annotations: Iterable<IndexedAnnotation>): Parts {
  const declared = new Map<string, string>();
  const suffixed = new Map<string, Map<string, IndexedAnnotation>>();
  let units = 0;
  for (const annotation of annotations) {
    const { key, value, found } = annotation;
    units += key.length + value.length;
    if (found?.suffix === undefined) continue;
    const { entry, suffix } = found;
    const alike = suffixed.get(entry.name);
    if (alike) alike.set(suffix, annotation);
    else suffixed.set(entry.name, new Map([[suffix, annotation]]));
    if (DECLARES.has(entry.name) && value.trim() !== "" && !declared.has(suffix)) declared.set(suffix, key);
  }
  return { declared, units, suffixed };
}
