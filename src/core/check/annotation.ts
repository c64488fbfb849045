/**
 * Checks one annotation by itself, wherever it comes from: config, plugin or pod. The injector's vocabulary says what is
 * wrong with it, Kubernetes' rule for keys is added here.
 */
import {
  type AnnotationFinding,
  judgeAnnotation,
  SUFFIXED_NAMES,
  VAULT_DOMAIN,
  WHOLE_NAMES,
} from "../../injector/vocabulary.ts";
import { annotationIssues } from "../issue/check.ts";
import type { Issue } from "../issue/issue.ts";
import { defaultDistance, findNearest } from "../nearest.ts";

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
  const found = judgeAnnotation(key, value);
  return found ? [toIssue(key, value, found)] : [];
}

function toIssue(key: string, value: string, found: AnnotationFinding): Issue {
  const where = { annotation: key };
  switch (found.kind) {
    case "unknown":
      return unknownKey(key, found.name);
    case "suffix-missing":
      return annotationIssues["annotation.suffix-missing"]({ key }, where);
    case "value":
      return annotationIssues[`annotation.value-${found.outcome}`](
        { key, value, expected: found.expected },
        where,
      );
  }
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

function unknownKey(key: string, name: string): Issue {
  const meant = nearestName(name);
  const facts = meant === undefined ? { key } : { key, nearest: `${VAULT_DOMAIN}${meant}` };
  return annotationIssues["annotation.unknown"](facts, { annotation: key });
}

/** The key that was meant, with the fewest slips: a whole name, or a suffixed one and the rest after a dash. */
function nearestName(name: string): string | undefined {
  let limit = defaultDistance(name);
  const whole = findNearest(name, WHOLE_NAMES, limit);
  let meant = whole?.name;
  if (whole) limit = whole.distance - 1;
  for (let dash = name.lastIndexOf("-"); dash > 0; dash = name.lastIndexOf("-", dash - 1)) {
    const found = findNearest(name.slice(0, dash), SUFFIXED_NAMES, limit);
    if (!found) continue;
    meant = found.name + name.slice(dash);
    limit = found.distance - 1;
  }
  return meant;
}
