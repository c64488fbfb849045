/**
 * Completes secret requests: a group from the pod's project, domain, namespace or labels, an engine by the path, and the
 * key's case.
 *
 * Tasks of the v2 SDK ask by key alone, as in `flyte.Secret("api-key")`, and name no engine.
 *
 * - `group` is the Vault path for requests without a group. Their files and variables are named by the resulting path; variables
 *   also by the key alone, and files too where `policy.fileNames` names flytekit or flyte-sdk, which look for them there.
 * - `shortGroup` is the path for groups without a slash: `{group}` is what the task asked for. Files keep the names that
 *   the task looks for.
 * - `groupVersions` sets `group_version` where a request has none, `keyCases` the case of the key in Vault. Both go by the
 *   resulting path: the first rule that matches wins, and `*` is any run of characters, slashes included.
 *
 * `group` and `shortGroup` may name `{namespace}`, `{project}`, `{domain}`, `{serviceAccount}` and `{labels.NAME}` of the
 * pod. A value that is absent, or that has a slash, `..`, a brace or anything else that no label may have, refuses the pod.
 * An entry's `when` limits it to some pods; a later entry sees what an earlier one has filled in.
 *
 * Labels are as trustworthy as the people who create pods: the boundary is the policy of the Vault role.
 *
 * @example
 * - use: request-defaults
 *   with:
 *     group: "secret/data/{project}/{domain}"
 *     shortGroup: "secret/data/{project}/{domain}/{group}"
 *     groupVersions:
 *       - { paths: ["database/creds/*"], use: db }
 *       - { paths: ["*"], use: kv2 }
 */
import {
  compileGlobs,
  definePlugin,
  type PluginIssue,
  type PodContext,
  type SecretRequest,
} from "flyte-vault-webhook/plugin";
import * as v from "valibot";

const PLACE = /\{([^{}]*)\}/g;
const PLACES = "namespace, project, domain, serviceAccount or labels.NAME";
const FIELDS = ["namespace", "project", "domain", "serviceAccount"] as const;
/** Kubernetes documentation, "Labels and Selectors": an optional DNS subdomain and a slash, then a name. */
const LABEL = /^labels\.((?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?)$/;

const PATH =
  'a Vault path such as "secret/data/{project}": no slash at its ends, no empty or dotted parts, no "*", "?", "#", "%"';

/** A path with places; each is one part of the path, or a piece of one. */
const Path = v.pipe(
  v.string("a string"),
  v.check((text) => isPath(text.replace(PLACE, "x")), PATH),
);
const Group = v.pipe(
  Path,
  v.check((text) => toPlaces(text).every(isPlace), `in braces there can be ${PLACES}`),
);
const ShortGroup = v.pipe(
  Path,
  v.check((text) => toPlaces(text).includes("group"), "a path with {group} in it"),
  v.check(
    (text) => toPlaces(text).every((place) => place === "group" || isPlace(place)),
    `in braces there can be group, ${PLACES}`,
  ),
);
const Globs = v.pipe(
  v.array(v.pipe(v.string("a string"), v.nonEmpty("a non-empty string")), "a list of strings"),
  v.nonEmpty("a list that is not empty"),
);
const GroupVersion = v.strictObject({
  paths: Globs,
  use: v.picklist(["kv1", "kv2", "db"], "kv1, kv2 or db"),
});
const KeyCase = v.strictObject({
  paths: Globs,
  use: v.picklist(["lower", "upper", "keep"], "lower, upper or keep"),
});
const toRules = <Schema extends v.GenericSchema>(rule: Schema) =>
  v.optional(v.pipe(v.array(rule, "a list of rules"), v.nonEmpty("at least one rule")));

const Options = v.pipe(
  v.strictObject({
    /** Vault path for requests without a group. */
    group: v.optional(Group),
    /** Vault path for groups without a slash, with `{group}` in it. */
    shortGroup: v.optional(ShortGroup),
    /** `{ paths, use }`: the engine, kv1, kv2 or db, of requests without a group_version. */
    groupVersions: toRules(GroupVersion),
    /** `{ paths, use }`: the key in Vault in lower or upper case, or kept. */
    keyCases: toRules(KeyCase),
  }),
  v.check(
    (options) => Object.values(options).some((option) => option !== undefined),
    "group, shortGroup, groupVersions or keyCases: at least one of them",
  ),
);

export default definePlugin({
  name: "request-defaults",
  description:
    "Completes secret requests: a group from project, domain, namespace or labels, engine and case",
  writes: [],
  options: Options,
  setup: ({ group, shortGroup, groupVersions = [], keyCases = [] }) => {
    const toVersion = compileRules(groupVersions);
    const toCase = compileRules(keyCases);
    /** The pattern that a request's group is made from, if any. */
    const choose = (asked: string) => (asked === "" ? group : asked.includes("/") ? undefined : shortGroup);
    const complete = (request: SecretRequest, pod: PodContext): Partial<SecretRequest> => {
      const pattern = choose(request.group);
      const path = pattern === undefined ? request.group : fill(pattern, request.group, pod);
      if (path === undefined || path === "") return {};
      const version = request.group_version === "" ? (toVersion(path) ?? "") : request.group_version;
      const key = changeCase(request.key, toCase(path));
      return toChanges(request, { group: path, group_version: version, key });
    };
    return {
      requests: (pod) =>
        Object.fromEntries(
          Object.entries(pod.requests)
            .map(([annotation, request]) => [annotation, complete(request, pod)] as const)
            .filter(([, changes]) => Object.keys(changes).length > 0),
        ),
      // A request that could not be completed still has the group that it came with.
      review: (pod) =>
        Object.entries(pod.requests).flatMap(([annotation, { group: asked }]) => {
          const pattern = choose(asked);
          return pattern === undefined ? [] : explainMissing(pattern, asked, annotation, pod);
        }),
    };
  },
});

function toPlaces(text: string): string[] {
  return [...text.matchAll(PLACE)].map(([, name = ""]) => name);
}

function isPlace(name: string): boolean {
  return FIELDS.some((field) => field === name) || LABEL.test(name);
}

function isPath(text: string): boolean {
  if (/[\p{Cc}*?#%\\"{}]/u.test(text)) return false;
  return text.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/** @returns the first rule's `use` whose paths match */
function compileRules<Use extends string>(
  rules: readonly { readonly paths: readonly string[]; readonly use: Use }[],
): (path: string) => Use | undefined {
  const compiled = rules.map(({ paths, use }) => ({ matches: compileGlobs(paths), use }));
  return (path) => compiled.find(({ matches }) => matches(path))?.use;
}

function changeCase(key: string, use: "lower" | "upper" | "keep" | undefined): string {
  if (use === "lower") return key.toLowerCase();
  return use === "upper" ? key.toUpperCase() : key;
}

function toChanges(
  request: SecretRequest,
  requested: Pick<SecretRequest, "group" | "group_version" | "key">,
): Partial<SecretRequest> {
  return {
    ...(requested.group !== request.group && { group: requested.group }),
    ...(requested.group_version !== request.group_version && { group_version: requested.group_version }),
    ...(requested.key !== request.key && { key: requested.key }),
  };
}

/** @returns the path; absent where one of its places has no value that fits */
function fill(pattern: string, group: string, pod: PodContext): string | undefined {
  let isWhole = true;
  const path = pattern.replace(PLACE, (_, place: string) => {
    const value = read(place, group, pod);
    if (!isName(value)) isWhole = false;
    return value ?? "";
  });
  return isWhole ? path : undefined;
}

function read(place: string, group: string, pod: PodContext): string | undefined {
  if (place === "group") return group;
  const [, label] = LABEL.exec(place) ?? [];
  if (label !== undefined) return Object.hasOwn(pod.labels, label) ? pod.labels[label] : undefined;
  const field = FIELDS.find((name) => name === place);
  return field && pod[field];
}

/** What Kubernetes takes for a label's value or an object's name, less two dots in a row. */
function isName(text: string | undefined): boolean {
  return text !== undefined && !text.includes("..") && /^[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?$/.test(text);
}

function explainMissing(pattern: string, group: string, annotation: string, pod: PodContext): PluginIssue[] {
  const missing = toPlaces(pattern).find((place) => !isName(read(place, group, pod)));
  if (missing === undefined) return [];
  const value = read(missing, group, pod);
  const found = value === undefined ? "the pod has none" : `found ${JSON.stringify(value)}`;
  return [
    {
      code: "placeholder",
      severity: "deny",
      message: `Cannot make the Vault path ${JSON.stringify(pattern)}: expected letters, digits, "-", "_" and single "." for {${missing}}, ${found}`,
      help: "Name the whole Vault path as the group, or start the task through Flyte, which labels its pods with project and domain",
      annotation,
    },
  ];
}
