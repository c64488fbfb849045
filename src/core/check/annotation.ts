/**
 * Checks single annotations of a configuration, a plugin or a pod: against the injector's vocabulary, and against Kubernetes'
 * rules for annotation keys.
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
 * Checks one annotation: whether the API server accepts its key, whether the injector knows it, and whether injector and agent
 * accept its value. For keys outside the injector's domain, only the key is checked.
 *
 * @returns the issues found
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
 * Checks one annotation as {@link checkAnnotation} does, and adds the issues to others.
 *
 * @param ignoredMeans how to report a value that most agents ignore: as ignored, or as one that makes the agent fail
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

/** @returns why Kubernetes refuses a key (apimachinery `validation.IsQualifiedName`; the prefix may be upper case) */
function whyNoKey(key: string): string | undefined {
  const slash = key.indexOf("/");
  const name = key.slice(slash + 1);
  if (slash >= 0 && !key.startsWith(VAULT_DOMAIN)) {
    const prefix = key.slice(0, slash);
    if (prefix.length > LONGEST_PREFIX || !PREFIX.test(prefix))
      return "the part before the slash is not a DNS name";
  }
  if (name.length > LONGEST_NAME) {
    return `the part after the slash has ${name.length} characters, expected at most ${LONGEST_NAME}`;
  }
  if (!NAME.test(name))
    return 'the name must be letters, digits, "-", "_" and ".", with a letter or digit at both ends';
  return undefined;
}

function reportUnknown(key: string, name: string, found: Findings): void {
  const unknown = annotationIssues["annotation.unknown"];
  // The search takes longer than all other checks of an annotation, so skip it if the issue will not be kept.
  if (!found.keeps(unknown.severity)) {
    found.addCount(unknown.severity);
    return;
  }
  const meant = recallNearest(name);
  const facts = meant === undefined ? { key } : { key, nearest: `${VAULT_DOMAIN}${meant}` };
  found.report(unknown, facts, { annotation: key });
}

/** Search results are cached, because every pod of a workflow has the same mistyped keys. */
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
 * Finds the name that a mistyped one most likely means, by fewest edits: a whole name, a name with a suffix after a dash, or a
 * name with a word too many or too few.
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

/** With fewer words, too many names would match. */
const FEWEST_WORDS = 3;

/** Finds a name that differs in one word, or has one more or less at its end (`agent-limits-ephemeral-storage`). */
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

/** Prefixes that resemble the injector's, with another separator or domain. */
const LOOK_ALIKE = /^vault[.-]?(?:hashicorp[.-]?com|hashicorp\.io|project\.io)[-./]*/i;

/**
 * Reports a key that resembles the injector's but is outside its domain. People copy anchors from documentation, such as
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
