/**
 * Looks annotation keys up in the injector's vocabulary and checks one annotation by itself, wherever it comes
 * from: config, plugin or pod. What several annotations or the pod decide together is `core/check`.
 */
import { annotationIssues } from "../issue/check.ts";
import type { Issue } from "../issue/issue.ts";
import { defaultDistance, findNearest } from "../nearest.ts";
import { type AnnotationName, VAULT_ANNOTATIONS, type VaultAnnotation } from "./annotations.ts";
import { VAULT_DOMAIN } from "./key.ts";
import { authConfigType, type ValueForm } from "./value.ts";

export type { AnnotationName, VaultAnnotation };
export { VAULT_ANNOTATIONS, VAULT_DOMAIN };

/** An annotation found by its key. */
export interface FoundAnnotation {
  readonly entry: VaultAnnotation;
  /** Id or parameter that follows the name of a suffixed annotation. */
  readonly suffix: string | undefined;
}

const ENTRIES: ReadonlyMap<string, VaultAnnotation> = new Map(
  VAULT_ANNOTATIONS.map((entry) => [entry.name, entry]),
);
const SUFFIXED = VAULT_ANNOTATIONS.filter((entry) => "suffixed" in entry).map(({ name }) => name);
const WHOLE = VAULT_ANNOTATIONS.filter((entry) => !("suffixed" in entry) || "suffixOptional" in entry).map(
  ({ name }) => name,
);

/** @returns the full key of an annotation, with a dash and the suffix where one is given */
export function vaultKey(name: AnnotationName, suffix?: string): string {
  return suffix === undefined ? `${VAULT_DOMAIN}${name}` : `${VAULT_DOMAIN}${name}-${suffix}`;
}

/**
 * Finds the annotation that a full key means. Of several names that fit, the longest counts:
 * `agent-inject-template-file-x` is a template file before it is the template of `file-x`.
 */
export function findAnnotation(key: string): FoundAnnotation | undefined {
  if (!key.startsWith(VAULT_DOMAIN)) return undefined;
  const name = key.slice(VAULT_DOMAIN.length);
  const exact = ENTRIES.get(name);
  if (exact && (!exact.suffixed || exact.suffixOptional)) return { entry: exact, suffix: undefined };
  for (let dash = name.lastIndexOf("-"); dash > 0; dash = name.lastIndexOf("-", dash - 1)) {
    if (dash === name.length - 1) continue;
    const entry = ENTRIES.get(name.slice(0, dash));
    if (entry?.suffixed) return { entry, suffix: name.slice(dash + 1) };
  }
  return undefined;
}

/**
 * Checks one annotation by itself: does the API server take its key, does the injector know it, and is its value
 * one that the injector and the agent take? Keys outside the injector's domain are only checked as keys.
 *
 * @returns what is wrong; empty where nothing is
 */
export function checkAnnotation(key: string, value: string): Issue[] {
  const reason = whyNoKey(key);
  if (reason !== undefined) return [annotationIssues["annotation.key"]({ key, reason }, { annotation: key })];
  if (!key.startsWith(VAULT_DOMAIN)) return [];
  const found = findAnnotation(key);
  if (!found) return [unknownKey(key)];
  const form = formOf(found);
  if (form.accepts(value)) return [];
  const code = `annotation.value-${form.otherwise}` as const;
  return [annotationIssues[code]({ key, value, wanted: form.wanted }, { annotation: key })];
}

/** Parameters of auth methods whose values are known (dashes become underscores in the injector). */
const AUTH_PARAMETERS: ReadonlyMap<string, ValueForm> = new Map([["type", authConfigType]]);

function formOf({ entry, suffix }: FoundAnnotation): ValueForm {
  if (entry.name !== "auth-config" || suffix === undefined) return entry.value;
  return AUTH_PARAMETERS.get(suffix) ?? entry.value;
}

const LONGEST_PREFIX = 253;
const LONGEST_NAME = 63;
const NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/i;

/** Kubernetes' rule for annotation keys (apimachinery `validation.IsQualifiedName`, the prefix in any case). */
function whyNoKey(key: string): string | undefined {
  const slash = key.indexOf("/");
  const name = key.slice(slash + 1);
  if (slash >= 0 && !key.startsWith(VAULT_DOMAIN)) {
    const prefix = key.slice(0, slash);
    if (prefix.length > LONGEST_PREFIX || !PREFIX.test(prefix))
      return "the part before the slash is no DNS name";
  }
  if (name.length > LONGEST_NAME) {
    return `the part after the slash has ${name.length} characters, and ${LONGEST_NAME} is the most`;
  }
  if (!NAME.test(name))
    return 'the name must be letters, digits, "-", "_" and ".", with a letter or digit at both ends';
  return undefined;
}

function unknownKey(key: string): Issue {
  const name = key.slice(VAULT_DOMAIN.length);
  if (ENTRIES.has(name)) return annotationIssues["annotation.suffix-missing"]({ key }, { annotation: key });
  const meant = nearestName(name);
  const facts = meant === undefined ? { key } : { key, nearest: `${VAULT_DOMAIN}${meant}` };
  return annotationIssues["annotation.unknown"](facts, { annotation: key });
}

/** The key that was meant, with the fewest slips: a whole name, or a suffixed one and the rest after a dash. */
function nearestName(name: string): string | undefined {
  let limit = defaultDistance(name);
  const whole = findNearest(name, WHOLE, limit);
  let meant = whole?.name;
  if (whole) limit = whole.distance - 1;
  for (let dash = name.lastIndexOf("-"); dash > 0; dash = name.lastIndexOf("-", dash - 1)) {
    const found = findNearest(name.slice(0, dash), SUFFIXED, limit);
    if (!found) continue;
    meant = found.name + name.slice(dash);
    limit = found.distance - 1;
  }
  return meant;
}
