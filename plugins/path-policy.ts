/**
 * Says which Vault paths tasks may ask for, and puts a prefix before what they ask for.
 *
 * - `prefix` goes before every request's group; a group that begins with it already stays. Files keep the names that the
 *   task looks for.
 * - `keep` are groups that stay as they are, such as `database/creds/*`.
 * - `allow` and `deny` judge the path that is read in the end; deny wins. Without `allow` everything is allowed that the
 *   prefix leaves. For `deny`, `secret/prod` and `secret/data/prod` are the same path, in patterns and in requests: the agent puts
 *   in the `data` of a version 2 engine itself.
 * - Annotations of the injector by which a pod reads a path past all this are refused: secrets, templates and their
 *   delimiters, commands, the agent's token, the pod's own volumes and patches, another Vault namespace. `foreign: allow` lets
 *   them be.
 *
 * Patterns and the prefix may name `{namespace}`, `{project}`, `{domain}` and `{serviceAccount}` of the pod. `*` is any
 * run of characters, slashes included.
 *
 * This is a guard rail, not a boundary: anyone who can create pods can leave out the label that sends them here. The boundary
 * is the policy of the Vault role.
 *
 * @example
 * - use: path-policy
 *   with:
 *     prefix: "secret/data/{project}/{domain}/"
 *     keep: ["database/creds/{project}-*"]
 *     deny: ["secret/data/*-admin"]
 */
import {
  ANNOTATION_CLASSES,
  type AnnotationClass,
  type AnnotationsContext,
  classifyAnnotation,
  compileGlobs,
  definePlugin,
  type FoldedAnnotation,
  listReadings,
  type PluginIssue,
  type PodContext,
} from "flyte-vault-webhook/plugin";
import * as v from "valibot";

const PLACES = ["namespace", "project", "domain", "serviceAccount"] as const;
const PLACE = /\{([^{}]*)\}/g;

/** Classes of annotations by which a pod reads a path that it chooses itself. */
const FOREIGN: ReadonlySet<AnnotationClass> = new Set<AnnotationClass>([
  "path",
  "template",
  "command",
  "token",
  "volume",
  "patch",
]);

const Pattern = v.pipe(
  v.string("a string"),
  v.nonEmpty("a non-empty string"),
  v.check(
    (text) => [...text.matchAll(PLACE)].every(([, name]) => PLACES.some((place) => place === name)),
    `in braces there can be ${PLACES.join(", ")}`,
  ),
  v.check((text) => !/[{}]/.test(text.replace(PLACE, "")), "braces that do not belong together"),
);
const Patterns = v.pipe(v.array(Pattern, "a list of strings"), v.nonEmpty("a list that is not empty"));

const PREFIX =
  'a path such as "secret/data/{project}/": with a slash at the end, none at the beginning, no empty or dotted parts';
const Prefix = v.pipe(
  Pattern,
  v.check((text) => isPath(text), PREFIX),
);

const Options = v.pipe(
  v.strictObject({
    /** Goes before every request's group; ends with a slash. */
    prefix: v.optional(Prefix),
    /** Groups that the prefix does not go before. */
    keep: v.optional(Patterns),
    /** Paths that may be read; all where absent. */
    allow: v.optional(Patterns),
    /** Paths that may not be read, even if allowed. */
    deny: v.optional(Patterns),
    /** What happens to pods whose own annotations bypass these rules: `deny` or `allow`. */
    foreign: v.optional(v.picklist(["deny", "allow"], "deny or allow"), "deny"),
  }),
  v.check(({ keep, prefix }) => keep === undefined || prefix !== undefined, "keep needs a prefix"),
);

export default definePlugin({
  name: "path-policy",
  description:
    "Allows and denies Vault paths, puts a prefix before them, and refuses what a pod declares past them",
  writes: [],
  options: Options,
  setup: (options) => {
    const needs = PLACES.filter((place) => JSON.stringify(options).includes(`{${place}}`));
    const rules = {
      toPrefix: (pod: PodContext) => fill(options.prefix ?? "", pod),
      isKept: compile(options.keep ?? []),
      isAllowed: options.allow && compile(options.allow),
      isDenied: compile(options.deny ?? []),
    };
    const missingOf = (pod: PodContext) => needs.filter((place) => !isName(pod[place]));
    return {
      ...(options.prefix === undefined
        ? {}
        : { requests: (pod: PodContext) => (missingOf(pod).length > 0 ? {} : addPrefix(pod, rules)) }),
      review: (context) => {
        const missing = missingOf(context).map(refuseMissing);
        const paths = missing.length > 0 ? missing : judgePaths(context, rules);
        return options.foreign === "allow" ? paths : [...paths, ...judgeForeign(context)];
      },
    };
  },
});

interface Rules {
  readonly toPrefix: (pod: PodContext) => string;
  readonly isKept: Test;
  readonly isAllowed: Test | undefined;
  readonly isDenied: Test;
}

/** Whether one of some paths matches. */
type Test = (paths: readonly string[], pod: PodContext) => boolean;

function addPrefix(pod: PodContext, { toPrefix, isKept }: Rules): Record<string, { group: string }> {
  const prefix = toPrefix(pod);
  const changed = Object.entries(pod.requests).filter(
    ([, { group }]) => group !== "" && !group.startsWith(prefix) && !isKept([group], pod),
  );
  return Object.fromEntries(changed.map(([key, { group }]) => [key, { group: prefix + group }]));
}

function judgePaths(
  context: AnnotationsContext,
  { toPrefix, isKept, isAllowed, isDenied }: Rules,
): PluginIssue[] {
  const prefix = toPrefix(context);
  return Object.entries(context.requests).flatMap(([annotation, { group }]): PluginIssue[] => {
    // `?version=3` is not part of a path's name, except for a KV 1 engine: check both readings.
    const path = group.replace(/\?version=[0-9]+$/, "");
    const refuse = (code: string, why: string): PluginIssue[] => [
      {
        code,
        severity: "deny",
        message: `The Vault path ${JSON.stringify(group)} ${why}`,
        help: HELP,
        annotation,
      },
    ];
    if (isDenied(listReadings(group), context)) return refuse("denied", "is denied by the platform");
    if (isAllowed && !isAllowed([path], context))
      return refuse("not-allowed", "is not among those that the platform allows");
    if (!path.startsWith(prefix) && !isKept([path], context))
      return refuse("outside", `is outside of ${JSON.stringify(prefix)}`);
    return [];
  });
}

const HELP = "Ask for a secret of your own project, or ask the platform team";

/** What the pod declares itself, other than what the platform would set with the very same value. */
function judgeForeign({ annotations }: AnnotationsContext): PluginIssue[] {
  return Object.values(annotations).flatMap((annotation): PluginIssue[] => {
    const { key } = annotation;
    const kind = classifyAnnotation(key);
    if (kind === undefined || kind === "unknown" || !FOREIGN.has(kind) || !isOfPod(annotation)) return [];
    return [
      {
        code: "foreign",
        severity: "deny",
        message: `The pod sets the annotation ${key}, which the platform does not allow: with it a pod ${ANNOTATION_CLASSES[kind]}`,
        help: "Ask for the secret in the task, with Secret(group=..., key=...), and remove the annotation",
        annotation: key,
      },
    ];
  });
}

function isOfPod({ source, overrides, value }: FoldedAnnotation): boolean {
  return source.kind === "pod" && !overrides.some((below) => below.value === value);
}

function refuseMissing(place: (typeof PLACES)[number]): PluginIssue {
  return {
    code: "nameless",
    severity: "deny",
    message: `The pod has no ${place} that can be part of a Vault path, and the platform's rules for paths need one`,
    help: "Start the task through Flyte, which labels its pods with project and domain",
  };
}

/** Compiles patterns once where they are the same for every pod. */
function compile(patterns: readonly string[]): Test {
  const fixed = compileGlobs(patterns.filter((pattern) => !pattern.includes("{")));
  const open = patterns.filter((pattern) => pattern.includes("{"));
  return (paths, pod) =>
    paths.some(fixed) || open.some((pattern) => paths.some(compileGlobs([fill(pattern, pod)])));
}

function fill(text: string, pod: PodContext): string {
  return text.replace(
    PLACE,
    (_, name: string) => pod[PLACES.find((place) => place === name) ?? "namespace"] ?? "",
  );
}

/** A label or name that is one part of a path, and no pattern: Kubernetes allows no other, a preview might. */
function isName(text: string | undefined): boolean {
  return text !== undefined && /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(text);
}

function isPath(text: string): boolean {
  if (!text.endsWith("/") || /[\p{Cc}*?#%\\"]/u.test(text)) return false;
  return text
    .slice(0, -1)
    .split("/")
    .every((part) => part !== "" && part !== "." && part !== "..");
}
