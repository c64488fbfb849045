/**
 * Logs in to Vault by its gcp auth method.
 *
 * Vault's method has two types, and both are names of Google's services, never `gcp`: `gce` proves the identity of the
 * machine (or, with Workload Identity, of the pod) through the metadata server; `iam` lets Google's IAM sign a token for
 * a service account. What the one does not read is refused for it (Vault `command/agentproxyshared/auth/gcp/gcp.go`).
 *
 * A pod that names another `auth-type` itself keeps its own login: half of one and half of the other is neither.
 *
 * @example
 * - use: gcp-auth
 *   with: { type: iam, serviceAccount: flyte@my-project.iam.gserviceaccount.com, role: flyte }
 */
import { type AnnotationsContext, checkAnnotation, definePlugin } from "flyte-vault-webhook/plugin";
import * as v from "valibot";

const VAULT = "vault.hashicorp.com/";
const CONFIG = `${VAULT}auth-config-`;
const METHOD = "gcp";

/** A text that the injector and the agent take as the value of this annotation. */
const textFor = (key: string) =>
  v.pipe(
    v.string("a string"),
    v.check(
      (text) => checkAnnotation(key, text).length === 0,
      ({ input }) => checkAnnotation(key, input)[0]?.message ?? "",
    ),
  );

/** Vault's names of roles (Vault `sdk/framework`, GenericNameRegex). */
const Role = v.pipe(
  v.string("a string"),
  v.regex(
    /^\w(?:[\w.-]*\w)?$/,
    'a Vault role: letters, digits, "_", "-" and ".", with a letter or digit at both ends',
  ),
);

const EMAIL = "the e-mail address of a Google service account";
const Email = v.pipe(v.string(EMAIL), v.regex(/^[^@\s/]+@[^@\s/]+\.[^@\s/]+$/, EMAIL));

const common = {
  /** Where the auth method is mounted in Vault. */
  path: v.optional(textFor(`${VAULT}auth-path`), "auth/gcp"),
  /** Vault role; the configuration's role where absent. */
  role: v.optional(Role),
};

const Options = v.variant(
  "type",
  [
    v.strictObject({
      /** `gce` or `iam`. */
      type: v.literal("gce"),
      ...common,
      /** Account to log in as. gce: the machine's default one where absent; iam: needed unless `credentials` name it. */
      serviceAccount: v.optional(v.union([v.literal("default"), Email], `default, or ${EMAIL}`)),
    }),
    v.pipe(
      v.strictObject({
        type: v.literal("iam"),
        ...common,
        serviceAccount: v.optional(Email),
        /** iam: Google project of the service account. Current agents find it by themselves; older ones ask for it. */
        project: v.optional(
          v.pipe(v.string("a string"), v.regex(/^(?:[a-z0-9.-]+:)?[a-z0-9-]+$/, "a Google project's id")),
        ),
        /** iam: file in the agent container with credentials; the pod's own (Workload Identity) where absent. */
        credentials: v.optional(v.pipe(v.string("a string"), v.regex(/^\/+[^/]/, "an absolute path"))),
        /** iam: minutes for which the signed token is good; the agent's 15 where absent. */
        jwtExpiration: v.optional(
          v.pipe(
            v.number("a number of minutes"),
            v.integer("whole minutes"),
            v.minValue(1, "1 minute or more"),
          ),
        ),
      }),
      // The agent then signs for an account that is literally called "default", which IAM does not have.
      v.check(
        ({ serviceAccount, credentials }) => serviceAccount !== undefined || credentials !== undefined,
        "serviceAccount: type iam needs the e-mail address of the service account, or a file of credentials that names it",
      ),
    ),
  ],
  "type is gce or iam: Vault's gcp auth method has no other type",
);

export default definePlugin({
  name: "gcp-auth",
  description: "Logs in to Vault by its gcp auth method, of type gce or iam",
  writes: [`${VAULT}auth-type`, `${VAULT}auth-path`, `${CONFIG}*`, `${VAULT}role`],
  options: Options,
  setup: (options) => {
    const login = renderLogin(options);
    return {
      annotations: (context) => (isOtherLogin(context) ? {} : { ...dropParameters(context), ...login }),
    };
  },
});

function renderLogin(options: v.InferOutput<typeof Options>): Record<string, string> {
  const { type, path, role, serviceAccount } = options;
  const login: Record<string, string> = {
    [`${VAULT}auth-type`]: METHOD,
    [`${VAULT}auth-path`]: path,
    [`${CONFIG}type`]: type,
  };
  if (role !== undefined) login[`${VAULT}role`] = role;
  if (serviceAccount !== undefined) login[`${CONFIG}service-account`] = serviceAccount;
  if (type === "gce") return login;
  const { project, credentials, jwtExpiration } = options;
  // Empty means: the account that the credentials name. Absent would mean an account called "default".
  if (serviceAccount === undefined) login[`${CONFIG}service-account`] = "";
  if (project !== undefined) login[`${CONFIG}project`] = project;
  if (credentials !== undefined) login[`${CONFIG}credentials`] = credentials;
  if (jwtExpiration !== undefined) login[`${CONFIG}jwt-exp`] = String(jwtExpiration);
  return login;
}

function isOtherLogin({ annotations }: AnnotationsContext): boolean {
  const type = annotations[`${VAULT}auth-type`];
  return type?.source.kind === "pod" && type.value !== METHOD;
}

/** Parameters that the configuration or an earlier plugin set for another login. */
function dropParameters({ annotations }: AnnotationsContext): Record<string, null> {
  const left = Object.values(annotations).filter(
    ({ key, source }) => key.startsWith(CONFIG) && source.kind !== "pod",
  );
  return Object.fromEntries(left.map(({ key }) => [key, null]));
}
