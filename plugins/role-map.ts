/**
 * Chooses the Vault role by the pod's namespace, Flyte project and domain, or service account.
 *
 * Rules are tried in order and the first that matches wins. Within a rule all conditions must hold, and of a condition's
 * list one must match; `*` is any run of characters. Of a pod that no rule matches the role is `default`; without one,
 * the role that the configuration sets stays, or the pod is refused (`required: true`).
 *
 * Labels name project and domain, and anyone who creates pods can write labels: let the role in Vault be bound to namespaces
 * and service accounts, too.
 *
 * @example
 * - use: role-map
 *   with:
 *     rules:
 *       - { projects: [fraud], domains: [production], role: fraud-production }
 *       - { namespaces: ["ml-*"], role: ml }
 *     default: flyte
 */
import {
  type AnnotationsContext,
  compileGlobs,
  definePlugin,
  type PodContext,
} from "flyte-vault-webhook/plugin";
import * as v from "valibot";

const KEY = "vault.hashicorp.com/role";

/** Vault's names of roles (Vault `sdk/framework`, GenericNameRegex). */
const Role = v.pipe(
  v.string("a Vault role"),
  v.regex(
    /^\w(?:[\w.-]*\w)?$/,
    'a Vault role: letters, digits, "_", "-" and ".", with a letter or digit at both ends',
  ),
);

const Globs = v.pipe(
  v.array(v.pipe(v.string("a string"), v.nonEmpty("a non-empty string")), "a list of strings"),
  v.nonEmpty("a list that is not empty"),
);

const Rule = v.pipe(
  v.strictObject({
    role: Role,
    namespaces: v.optional(Globs),
    projects: v.optional(Globs),
    domains: v.optional(Globs),
    serviceAccounts: v.optional(Globs),
  }),
  v.check(
    ({ role: _, ...conditions }) => Object.values(conditions).some((globs) => globs !== undefined),
    "a rule needs namespaces, projects, domains or serviceAccounts; for all other pods there is `default`",
  ),
);

const Options = v.pipe(
  v.strictObject({
    /** `{ role, namespaces?, projects?, domains?, serviceAccounts? }`, each condition a list of patterns. */
    rules: v.pipe(v.array(Rule, "a list of rules"), v.nonEmpty("at least one rule")),
    /** For pods that no rule matches. */
    default: v.optional(Role),
    /** Refuses pods that no rule matches. */
    required: v.optional(v.boolean("true or false"), false),
  }),
  v.check(
    (o) => !o.required || o.default === undefined,
    "default or required: with a default no pod is unmatched",
  ),
);

export default definePlugin({
  name: "role-map",
  description: "Chooses the Vault role by namespace, project and domain, or service account",
  writes: [KEY],
  options: Options,
  setup: ({ rules, default: fallback, required }) => {
    const compiled = rules.map(compileRule);
    const choose = (pod: PodContext) => compiled.find(({ matches }) => matches(pod))?.role ?? fallback;
    return {
      annotations: (pod) => {
        const role = choose(pod);
        return role === undefined ? {} : { [KEY]: role };
      },
      ...(required ? { review: (pod) => (choose(pod) === undefined ? [refuse(pod)] : []) } : {}),
    };
  },
});

function compileRule({ role, namespaces, projects, domains, serviceAccounts }: v.InferOutput<typeof Rule>) {
  const inNamespace = compile(namespaces);
  const inProject = compile(projects);
  const inDomain = compile(domains);
  const byAccount = compile(serviceAccounts);
  const matches = (pod: PodContext) =>
    inNamespace(pod.namespace) &&
    inProject(pod.project) &&
    inDomain(pod.domain) &&
    byAccount(pod.serviceAccount);
  return { role, matches };
}

function compile(globs: readonly string[] | undefined): (name: string | undefined) => boolean {
  if (globs === undefined) return () => true;
  const matches = compileGlobs(globs);
  return (name) => name !== undefined && matches(name);
}

function refuse({ namespace, project = "", domain = "", serviceAccount }: AnnotationsContext) {
  const who = `namespace "${namespace}", project "${project}", domain "${domain}", service account "${serviceAccount}"`;
  return {
    code: "unmatched",
    severity: "deny",
    message: `No Vault role is configured for pods of ${who}`,
    help: "Ask the platform team to add a rule to the options of the plugin role-map",
    annotation: KEY,
  } as const;
}
