/**
 * Reads secrets from a Vault namespace (Vault Enterprise and HCP): the same for every pod, or by Kubernetes namespace,
 * Flyte project or Flyte domain.
 *
 * The most telling name wins: `byNamespace`, then `byProject`, then `byDomain`, then `namespace`. A Kubernetes namespace
 * comes first since nobody can choose it by a label. Within a map an exact name wins over patterns, and an earlier
 * pattern over a later one; `*` is any run of characters.
 *
 * The injector puts the namespace on the login alone; secrets are read in the namespace of the token that the login gives.
 *
 * @example
 * - use: namespace
 *   with:
 *     byProject: { fraud: team-fraud, "ml-*": team-ml }
 *     namespace: shared
 */
import {
  type AnnotationsContext,
  compileGlobs,
  definePlugin,
  type PodContext,
} from "flyte-vault-webhook/plugin";
import * as v from "valibot";

const KEY = "vault.hashicorp.com/namespace";

/** Names that Vault keeps for itself (Vault documentation, "Vault Enterprise namespaces", restricted names). */
const RESERVED = new Set([".", "..", "sys", "audit", "auth", "cubbyhole", "identity"]);

const WANTED =
  'a Vault namespace such as "team-a" or "admin/team-a": names with a slash between them, without blanks, ' +
  "none of them sys, audit, auth, cubbyhole, identity, or root below another";

const VaultNamespace = v.pipe(v.string(WANTED), v.check(isVaultNamespace, WANTED));

const ByName = v.pipe(
  v.record(v.pipe(v.string(), v.nonEmpty("a name or pattern that is not empty")), VaultNamespace),
  v.check((map) => Object.keys(map).length > 0, "a map with at least one name"),
);

const Options = v.pipe(
  v.strictObject({
    /** For pods that no map names. */
    namespace: v.optional(VaultNamespace),
    /** By Kubernetes namespace of the pod. */
    byNamespace: v.optional(ByName),
    /** By Flyte project. */
    byProject: v.optional(ByName),
    /** By Flyte domain. */
    byDomain: v.optional(ByName),
    /** Refuses pods that end up without a Vault namespace. */
    required: v.optional(v.boolean("true or false"), false),
  }),
  v.check(
    (o) => [o.namespace, o.byNamespace, o.byProject, o.byDomain].some((choice) => choice !== undefined),
    "namespace, byNamespace, byProject or byDomain: at least one of them",
  ),
);

export default definePlugin({
  name: "namespace",
  description: "Reads secrets from a Vault namespace, fixed or by namespace, project or domain",
  writes: [KEY],
  options: Options,
  setup: ({ namespace, byNamespace, byProject, byDomain, required }) => {
    const inNamespace = compileMap(byNamespace);
    const inProject = compileMap(byProject);
    const inDomain = compileMap(byDomain);
    const choose = (pod: PodContext) =>
      inNamespace(pod.namespace) ?? inProject(pod.project) ?? inDomain(pod.domain) ?? namespace;
    return {
      annotations: (pod) => {
        const chosen = choose(pod);
        return chosen === undefined ? {} : { [KEY]: chosen };
      },
      ...(required ? { review: refuseWithout } : {}),
    };
  },
});

function refuseWithout({ annotations, namespace, project, domain }: AnnotationsContext) {
  if (annotations[KEY]?.value) return [];
  const who = `namespace "${namespace}", project "${project ?? ""}", domain "${domain ?? ""}"`;
  return [
    {
      code: "unmatched",
      severity: "deny",
      message: `No Vault namespace is configured for pods of ${who}`,
      help: "Ask the platform team to add it to the options of the plugin namespace",
      annotation: KEY,
    } as const,
  ];
}

function compileMap(
  map: Readonly<Record<string, string>> = {},
): (name: string | undefined) => string | undefined {
  const exact = new Map(Object.entries(map));
  const patterns = [...exact]
    .filter(([name]) => name.includes("*"))
    .map(([pattern, chosen]) => ({ matches: compileGlobs([pattern]), chosen }));
  return (name) =>
    name === undefined
      ? undefined
      : (exact.get(name) ?? patterns.find(({ matches }) => matches(name))?.chosen);
}

function isVaultNamespace(text: string): boolean {
  if (text === "root") return true;
  const names = text.replace(/^\/|\/$/g, "").split("/");
  return names.every((name) => /^[^\s\p{Cc}]+$/u.test(name) && name !== "root" && !RESERVED.has(name));
}
