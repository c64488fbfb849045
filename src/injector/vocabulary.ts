/**
 * Looks up annotation keys in the injector's vocabulary, and checks the values of single annotations. The model (`inject.ts`)
 * covers the effects of several annotations together.
 */
import { type AnnotationName, VAULT_ANNOTATIONS, type VaultAnnotation } from "./annotations.ts";
import { authConfigType, type ValueForm, type ValueOutcome } from "./value.ts";

export type { AnnotationName, VaultAnnotation };
export { VAULT_ANNOTATIONS };

/** Prefix of all annotations that the injector reads. */
export const VAULT_DOMAIN = "vault.hashicorp.com/";

/** An annotation found by its key. */
export interface FoundAnnotation {
  readonly entry: VaultAnnotation;
  /** Id or parameter after the name; `undefined` if the annotation has none. */
  readonly suffix: string | undefined;
}

/** A problem of one injector annotation, as data; `core` makes an issue of it. */
export type AnnotationFinding =
  /** The key is unknown; `name` is the key without the domain. */
  | { readonly kind: "unknown"; readonly name: string }
  /** The annotation needs a suffix. */
  | { readonly kind: "suffix-missing" }
  /** The value contains an unrendered template of Helm or a shell. */
  | { readonly kind: "unrendered"; readonly text: string }
  /** The value is invalid. */
  | { readonly kind: "value"; readonly outcome: ValueOutcome; readonly expected: string };

/** By their full keys. */
const ENTRIES: ReadonlyMap<string, VaultAnnotation> = new Map(
  VAULT_ANNOTATIONS.map((entry) => [VAULT_DOMAIN + entry.name, entry]),
);

/** An annotation that takes a suffix, with what its keys begin with. */
interface Suffixed {
  readonly prefix: string;
  readonly entry: VaultAnnotation;
}

/** Those that take a suffix, by the first letter of their names; the longest names first. */
const SUFFIXED: ReadonlyMap<number, readonly Suffixed[]> = Map.groupBy(
  VAULT_ANNOTATIONS.filter((entry) => "suffixed" in entry)
    .map((entry): Suffixed => ({ prefix: `${VAULT_DOMAIN}${entry.name}-`, entry }))
    .toSorted((a, b) => b.prefix.length - a.prefix.length),
  ({ entry }) => entry.name.charCodeAt(0),
);
const NONE: readonly Suffixed[] = [];

/** Names that can have a suffix. */
export const SUFFIXED_NAMES: readonly string[] = VAULT_ANNOTATIONS.filter((entry) => "suffixed" in entry).map(
  ({ name }) => name,
);

/** Names that can be used without a suffix. */
export const WHOLE_NAMES: readonly string[] = VAULT_ANNOTATIONS.filter(
  (entry) => !("suffixed" in entry) || "suffixOptional" in entry,
).map(({ name }) => name);

/** Longest part of a key after its slash (Kubernetes, "Annotations", syntax): no pod has a longer one. */
const LONGEST_NAME = 63;

/** Values that are longer are not read: no form but free text and a JSON Patch has so many, and reading takes its time. */
export const LONGEST_VALUE = 16_384;

/** @returns the full key of an annotation, with a dash and the suffix if there is one */
export function vaultKey(name: AnnotationName, suffix?: string): string {
  return suffix === undefined ? `${VAULT_DOMAIN}${name}` : `${VAULT_DOMAIN}${name}-${suffix}`;
}

/**
 * Finds the annotation that a full key means. Of several names that fit, the longest counts:
 * `agent-inject-template-file-x` is a template file before it is the template of `file-x`.
 */
export function findAnnotation(key: string): FoundAnnotation | undefined {
  if (!key.startsWith(VAULT_DOMAIN)) return undefined;
  if (key.length - VAULT_DOMAIN.length > LONGEST_NAME) return undefined;
  const exact = ENTRIES.get(key);
  if (exact && (!exact.suffixed || exact.suffixOptional)) return { entry: exact, suffix: undefined };
  for (const { prefix, entry } of SUFFIXED.get(key.charCodeAt(VAULT_DOMAIN.length)) ?? NONE) {
    if (key.length > prefix.length && key.startsWith(prefix))
      return { entry, suffix: key.slice(prefix.length) };
  }
  return undefined;
}

/**
 * Checks one annotation of the injector.
 *
 * @param key full key, in the injector's domain
 * @returns the problem found; `undefined` if there is none
 */
export function judgeAnnotation(key: string, value: string): AnnotationFinding | undefined {
  const found = findAnnotation(key);
  return found ? judgeFound(found, value) : judgeMissing(key);
}

/** Judges a key that {@link findAnnotation} does not find, as {@link judgeAnnotation} does. */
export function judgeMissing(key: string): AnnotationFinding {
  if (ENTRIES.has(key)) return { kind: "suffix-missing" };
  return { kind: "unknown", name: key.slice(VAULT_DOMAIN.length) };
}

/** Judges the value of an annotation that was found already, as {@link judgeAnnotation} does. */
export function judgeFound(found: FoundAnnotation, value: string): AnnotationFinding | undefined {
  const form = formOf(found);
  if (value.length > LONGEST_VALUE) return undefined;
  if (form.accepts(value)) return findUnrendered(found.entry.name, value);
  const outcome = form.exceptions?.(value) ?? form.otherwise;
  return { kind: "value", outcome, expected: form.expected };
}

/** Annotations whose valid values may contain braces or variables. */
const WITH_TEXT: ReadonlySet<string> = new Set([
  ...["agent-inject-template", "agent-inject-template-file", "agent-template-left-delim", "agent-telemetry"],
  ...["agent-template-right-delim", "agent-inject-command", "agent-json-patch", "agent-init-json-patch"],
]);

/** Helm's braces or a shell's variable. */
const UNRENDERED = /\{\{.*|\$\{\w+\}|^\$[A-Za-z_]\w*$/;
/** A template in Helm's escaped form, which Helm would have rendered. */
const WRAPPED = /^\s*\{\{`/;

function findUnrendered(name: string, value: string): AnnotationFinding | undefined {
  if (name !== "agent-inject-template" && WITH_TEXT.has(name)) return undefined;
  const [text] = (name === "agent-inject-template" ? WRAPPED : UNRENDERED).exec(value) ?? [];
  return text === undefined ? undefined : { kind: "unrendered", text };
}

/** Value forms of auth parameters; others may have any text. The injector turns their dashes into underscores. */
const AUTH_PARAMETERS: ReadonlyMap<string, ValueForm> = new Map([["type", authConfigType]]);

function formOf({ entry, suffix }: FoundAnnotation): ValueForm {
  if (entry.name !== "auth-config" || suffix === undefined) return entry.value;
  return AUTH_PARAMETERS.get(suffix) ?? entry.value;
}
