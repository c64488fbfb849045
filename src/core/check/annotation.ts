/**
 * Checks one annotation by itself, wherever it comes from: config, plugin or pod. The injector's vocabulary says what is
 * wrong with it, Kubernetes' rule for keys is added here.
 */
import {
  type AnnotationFinding,
  findAnnotation,
  judgeAnnotation,
  SUFFIXED_NAMES,
  VAULT_DOMAIN,
  WHOLE_NAMES,
} from "../../injector/vocabulary.ts";
import { annotationIssues } from "../issue/check.ts";
import { Findings } from "../issue/findings.ts";
import type { Issue } from "../issue/issue.ts";
import { defaultDistance, findNearest } from "../nearest.ts";

/**
 * Checks one annotation by itself: does the API server take its key, does the injector know it, and is its value
 * one that the injector and the agent take? Keys outside the injector's domain are only checked as keys.
 *
 * @returns what is wrong; empty where nothing is
 * @example
 * const [issue] = checkAnnotation("vault.hashicorp.com/rol", "my-role");
 * issue?.code; // "annotation.unknown"
 * checkAnnotation("vault.hashicorp.com/role", "my-role"); // []
 */
export function checkAnnotation(key: string, value: string): readonly Issue[] {
  const found = new Findings();
  reportAnnotation(key, value, found);
  return found.total === 0 ? NOTHING : found.list();
}

const NOTHING: readonly Issue[] = [];

/**
 * Checks one annotation as {@link checkAnnotation} does, for those who check many.
 *
 * @param ignoredMeans what becomes of a value that most pods' agents do not look at
 */
export function reportAnnotation(
  key: string,
  value: string,
  found: Findings,
  ignoredMeans: "ignored" | "agent" = "ignored",
): void {
  const finding = key.startsWith(VAULT_DOMAIN) ? judgeAnnotation(key, value) : undefined;
  reportJudged(key, value, finding, found, ignoredMeans);
}

/**
 * Does what {@link reportAnnotation} does for an annotation whose value was judged already.
 *
 * @param finding what the vocabulary found
 */
export function reportJudged(
  key: string,
  value: string,
  finding: AnnotationFinding | undefined,
  found: Findings,
  ignoredMeans: "ignored" | "agent" = "ignored",
): void {
  const reason = whyNoKey(key);
  if (reason !== undefined) {
    found.report(annotationIssues["annotation.key"], { key, reason }, { annotation: key });
  } else if (finding) reportFinding(key, value, finding, found, ignoredMeans);
}

function reportFinding(
  key: string,
  value: string,
  finding: AnnotationFinding,
  found: Findings,
  ignoredMeans: "ignored" | "agent",
): void {
  const where = { annotation: key };
  switch (finding.kind) {
    case "unknown":
      reportUnknown(key, finding.name, found);
      break;
    case "suffix-missing":
      found.report(annotationIssues["annotation.suffix-missing"], { key }, where);
      break;
    case "unrendered":
      found.report(annotationIssues["annotation.unrendered"], { key, text: finding.text }, where);
      break;
    case "value": {
      const code =
        `annotation.value-${finding.outcome === "ignored" ? ignoredMeans : finding.outcome}` as const;
      found.report(annotationIssues[code], { key, value, expected: finding.expected }, where);
    }
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

function reportUnknown(key: string, name: string, found: Findings): void {
  const unknown = annotationIssues["annotation.unknown"];
  // A search takes longer than all other rules on an annotation.
  if (!found.keeps(unknown.severity)) {
    found.addCount(unknown.severity);
    return;
  }
  const meant = recallNearest(name);
  const facts = meant === undefined ? { key } : { key, nearest: `${VAULT_DOMAIN}${meant}` };
  found.report(unknown, facts, { annotation: key });
}

/** Mistyped keys come again with every pod of a workflow. */
const MOST_RECALLED = 1_000;
const recalled = new Map<string, string | undefined>();

function recallNearest(name: string): string | undefined {
  if (recalled.has(name)) return recalled.get(name);
  const meant = nearestName(name);
  if (recalled.size >= MOST_RECALLED) recalled.clear();
  recalled.set(name, meant);
  return meant;
}

/**
 * The key that was meant, with the fewest slips: a whole name, a suffixed one and the rest after a dash, or a name of
 * which more or less is written.
 */
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
  return meant ?? findLonger(name);
}

/** Fewer words than this say too little. */
const FEWEST_WORDS = 3;

/** A name with a word too many or too few at its end (`agent-limits-ephemeral-storage`), or with one longer slip. */
function findLonger(name: string): string | undefined {
  const words = name.toLowerCase().split("-");
  if (words.length < FEWEST_WORDS) return undefined;
  const candidates = WHOLE_NAMES.filter((known) => {
    const own = known.split("-");
    const shared = own.filter((word, i) => word === words[i]).length;
    return own.length >= FEWEST_WORDS && shared >= Math.max(own.length, words.length) - 1;
  });
  return candidates.length === 1 ? candidates[0] : candidates.find((known) => name.startsWith(known));
}

/** Keys that look like the injector's, with another separator or domain. */
const LOOK_ALIKE = /^vault[.-]?(?:hashicorp[.-]?com|hashicorp\.io|project\.io)[-./]*/i;

/**
 * Checks a key outside the injector's domain that begins like it: documentation has anchors such as
 * `vault-hashicorp-com-agent-requests-cpu`, and nothing reads an annotation of that name.
 */
export function reportLookAlike(key: string, found: Findings): void {
  const [start] = LOOK_ALIKE.exec(key) ?? [];
  if (start === undefined || key.startsWith(VAULT_DOMAIN)) return;
  const lookAlike = annotationIssues["annotation.look-alike"];
  if (!found.keeps(lookAlike.severity)) {
    found.addCount(lookAlike.severity);
    return;
  }
  const name = key.slice(start.length);
  const known = findAnnotation(VAULT_DOMAIN + name) ? name : recallNearest(name);
  const meant = known === undefined ? undefined : VAULT_DOMAIN + known;
  found.report(lookAlike, { key, meant, domain: VAULT_DOMAIN }, { annotation: key });
}
