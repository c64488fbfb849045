/**
 * Logs in to Vault by one of its auth methods: kubernetes, aws, azure, jwt, approle or cert. For Google's, there is
 * `gcp-auth`.
 *
 * What a method does not read is refused for it, and parameters that the configuration or an earlier plugin left for
 * another method are taken away. A pod that names another `auth-type` itself keeps its own login. Where each parameter
 * comes from: Vault `command/agentproxyshared/auth/<method>`. Some are missing on purpose: the injector can only pass
 * text, and the agent refuses text for `credential_poll_interval` (aws) and `reload` (cert).
 *
 * @example
 * - use: auth
 *   with:
 *     method: kubernetes
 *     cluster: "${env:CLUSTER}"
 *     paths: { eu-1: auth/kubernetes-eu-1, us-1: auth/kubernetes-us-1 }
 */
import { type AnnotationsContext, checkAnnotation, definePlugin } from "flyte-vault-webhook/plugin";
import * as v from "valibot";

const VAULT = "vault.hashicorp.com/";
const CONFIG = `${VAULT}auth-config-`;

/** Where the injector mounts `agent-extra-secret` and `tls-secret` in the agent containers. */
const EXTRA = "/vault/custom";
const TLS = "/vault/tls";

/** Vault's names of roles (Vault `sdk/framework`, GenericNameRegex). */
const Role = v.pipe(
  v.string("a string"),
  v.regex(
    /^\w(?:[\w.-]*\w)?$/,
    'a Vault role: letters, digits, "_", "-" and ".", with a letter or digit at both ends',
  ),
);

/** Where the auth method is mounted in Vault. */
const Path = v.pipe(
  v.string("a string"),
  v.check(
    (text) => checkAnnotation(`${VAULT}auth-path`, text).length === 0,
    ({ input }) => checkAnnotation(`${VAULT}auth-path`, input)[0]?.message ?? "",
  ),
);

/** A file in the agent container. */
const File = v.pipe(v.string("a string"), v.regex(/^\/+[^/]/, "an absolute path in the agent container"));
/** Kubernetes' rule for names of Secrets (RFC 1123, section 2.1). */
const Secret = v.pipe(
  v.string("a string"),
  v.maxLength(253, "253 characters at most"),
  v.regex(
    /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/,
    "the name of a Kubernetes Secret",
  ),
);
/** Kubernetes' rule for names of volumes (RFC 1123, section 2.1, one label). */
const Volume = v.pipe(
  v.string("a string"),
  v.regex(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/, "the name of a volume"),
);
const Text = v.pipe(v.string("a string"), v.nonEmpty("a non-empty string"));
const role = v.optional(Role);

const Kubernetes = v.pipe(
  v.strictObject({
    /** `kubernetes`, `aws`, `azure`, `jwt`, `approle` or `cert`. */
    method: v.literal("kubernetes"),
    /** Vault role, for all methods but approle and cert; the configuration's role where absent. */
    role,
    /** Where the method is mounted in Vault; `auth/<method>` where absent. */
    path: v.optional(Path),
    /** kubernetes: name of this cluster, such as "${env:CLUSTER}", for `paths`. */
    cluster: v.optional(Text),
    /** kubernetes: mounts by cluster, so that one file serves all of them. */
    paths: v.optional(v.record(Text, Path)),
    /** kubernetes: projected volume of the pod with the token to log in with, in place of the mounted one. */
    tokenVolume: v.optional(Volume),
  }),
  v.check(
    ({ cluster, paths }) => (cluster === undefined) === (paths === undefined),
    "cluster and paths: one needs the other",
  ),
  v.check(({ path, paths }) => path === undefined || paths === undefined, "path or paths: not both"),
  v.check(
    ({ cluster, paths }) => cluster === undefined || paths === undefined || Object.hasOwn(paths, cluster),
    ({ input: { cluster, paths } }) =>
      `paths has no cluster ${JSON.stringify(cluster)}; it has ${Object.keys(paths ?? {}).join(", ")}`,
  ),
  v.transform(({ cluster = "", paths, path = paths?.[cluster] ?? "auth/kubernetes", ...rest }) => ({
    ...rest,
    path,
  })),
);

const aws = {
  method: v.literal("aws"),
  role,
  path: v.optional(Path, "auth/aws"),
};
const Aws = v.variant("type", [
  v.strictObject({
    ...aws,
    /** aws: `iam` or `ec2`. */
    type: v.literal("iam"),
    /** aws iam: region of the STS endpoint; us-east-1 where absent. */
    region: v.optional(v.pipe(v.string("a string"), v.regex(/^[a-z]{2}(?:-[a-z]+)+-\d+$/, "an AWS region"))),
    /** aws iam: value that Vault wants in the header X-Vault-AWS-IAM-Server-ID. */
    headerValue: v.optional(Text),
  }),
  v.strictObject({
    ...aws,
    type: v.literal("ec2"),
    /** aws ec2: known to Vault from the machine's first login; a fresh one for each pod where absent. */
    nonce: v.optional(Text),
  }),
]);

const Azure = v.pipe(
  v.strictObject({
    method: v.literal("azure"),
    role,
    path: v.optional(Path, "auth/azure"),
    /** azure: resource that the token is for, as the role in Vault has it. */
    resource: v.pipe(v.string("the resource that the token is for"), v.nonEmpty("a resource")),
    /** azure: managed identity by object, where the machine has several; this or `clientId`. */
    objectId: v.optional(Text),
    /** azure: managed identity by client. */
    clientId: v.optional(Text),
    /** azure: takes the identity from the environment, as Azure Workload Identity sets it. */
    fromEnvironment: v.optional(v.boolean("true or false"), false),
    /** azure: scope of that token; `<resource>/.default` where absent. */
    scope: v.optional(Text),
  }),
  v.check(
    ({ objectId, clientId }) => objectId === undefined || clientId === undefined,
    "objectId or clientId: the agent refuses both",
  ),
  v.check(
    (o) => !o.fromEnvironment || (o.objectId === undefined && o.clientId === undefined),
    "objectId and clientId: not read with fromEnvironment",
  ),
  v.check(
    ({ fromEnvironment, scope }) => fromEnvironment || scope === undefined,
    "scope: only read with fromEnvironment",
  ),
);

const Jwt = v.strictObject({
  method: v.literal("jwt"),
  role,
  path: v.optional(Path, "auth/jwt"),
  /** jwt: file with the token; the pod's service account token where absent. */
  tokenPath: v.optional(File, "/var/run/secrets/kubernetes.io/serviceaccount/token"),
  /** jwt: removes the file once it was read. The agent's own default, which fails on a mounted token: that is read-only. */
  removeAfterReading: v.optional(v.boolean("true or false"), false),
});

const Approle = v.pipe(
  v.strictObject({
    method: v.literal("approle"),
    path: v.optional(Path, "auth/approle"),
    /** approle: Kubernetes Secret of the pod's namespace, mounted at /vault/custom in the agent containers. */
    extraSecret: v.optional(Secret),
    /** approle: file with the role id; /vault/custom/role-id where absent. */
    roleIdPath: v.optional(File, `${EXTRA}/role-id`),
    /** approle: file with the secret id, where the role wants one. */
    secretIdPath: v.optional(File),
    /** approle: Vault path that wrapped the secret id, if it is wrapped. */
    wrappingPath: v.optional(Text),
  }),
  v.check(
    ({ extraSecret, roleIdPath, secretIdPath = "" }) =>
      extraSecret !== undefined || ![roleIdPath, secretIdPath].some((path) => path.startsWith(`${EXTRA}/`)),
    `extraSecret: nothing is mounted at ${EXTRA} without it`,
  ),
  v.check(
    ({ secretIdPath, wrappingPath }) => secretIdPath !== undefined || wrappingPath === undefined,
    "wrappingPath: only read with secretIdPath",
  ),
  // The agent's default is to remove the file, and fails on a mounted Secret, which is read-only.
  v.transform((o) => (o.secretIdPath === undefined ? o : { ...o, removeSecretId: false })),
);

const Cert = v.pipe(
  v.strictObject({
    method: v.literal("cert"),
    path: v.optional(Path, "auth/cert"),
    /** cert: role of the cert method; Vault tries all of them where absent. */
    name: v.optional(Role),
    /** cert: Kubernetes Secret of the pod's namespace, mounted at /vault/tls in the agent containers. */
    tlsSecret: v.optional(Secret),
    /** cert: file with the certificate; /vault/tls/tls.crt where absent. */
    certPath: v.optional(File, `${TLS}/tls.crt`),
    /** cert: file with its key; /vault/tls/tls.key where absent. */
    keyPath: v.optional(File, `${TLS}/tls.key`),
  }),
  v.check(
    ({ tlsSecret, certPath, keyPath }) =>
      tlsSecret !== undefined || ![certPath, keyPath].some((path) => path.startsWith(`${TLS}/`)),
    `tlsSecret: nothing is mounted at ${TLS} without it`,
  ),
);

const Options = v.variant(
  "method",
  [Kubernetes, Aws, Azure, Jwt, Approle, Cert],
  // valibot asks here for aws' types as well.
  ({ path }) =>
    path?.at(-1)?.key === "type"
      ? "type is iam or ec2: Vault's aws auth method has no other type"
      : "method is kubernetes, aws, azure, jwt, approle or cert (for Google's, use the plugin gcp-auth)",
);

/** The annotation of each option; what is not here only decides about the others. */
const ANNOTATIONS: ReadonlyMap<string, string> = new Map([
  ["method", "auth-type"],
  ["path", "auth-path"],
  ["role", "role"],
  ["type", "auth-config-type"],
  // kubernetes
  ["tokenVolume", "agent-service-account-token-volume-name"],
  // aws
  ["region", "auth-config-region"],
  ["headerValue", "auth-config-header-value"],
  ["nonce", "auth-config-nonce"],
  // azure
  ["resource", "auth-config-resource"],
  ["objectId", "auth-config-object-id"],
  ["clientId", "auth-config-client-id"],
  ["fromEnvironment", "auth-config-authenticate-from-environment"],
  ["scope", "auth-config-scope"],
  // jwt
  ["tokenPath", "auth-config-path"],
  ["removeAfterReading", "auth-config-remove-jwt-after-reading"],
  // approle
  ["extraSecret", "agent-extra-secret"],
  ["roleIdPath", "auth-config-role-id-file-path"],
  ["secretIdPath", "auth-config-secret-id-file-path"],
  ["removeSecretId", "auth-config-remove-secret-id-file-after-reading"],
  ["wrappingPath", "auth-config-secret-id-response-wrapping-path"],
  // cert: the connection's certificate. The method's own would leave the connection's CA behind.
  ["name", "auth-config-name"],
  ["tlsSecret", "tls-secret"],
  ["certPath", "client-cert"],
  ["keyPath", "client-key"],
]);

export default definePlugin({
  name: "auth",
  description: "Logs in to Vault by kubernetes (a mount for each cluster), aws, azure, jwt, approle or cert",
  writes: [
    ...[...ANNOTATIONS.values()].map((name) => VAULT + name).filter((key) => !key.startsWith(CONFIG)),
    `${CONFIG}*`,
  ],
  options: Options,
  setup: (options) => {
    const login = renderLogin(options);
    const isOther = ({ annotations }: AnnotationsContext) => {
      const type = annotations[`${VAULT}auth-type`];
      return type?.source.kind === "pod" && type.value !== options.method;
    };
    return {
      annotations: (context) => (isOther(context) ? {} : { ...dropParameters(context), ...login }),
    };
  },
});

function renderLogin(options: v.InferOutput<typeof Options>): Record<string, string> {
  const login: Record<string, string> = {};
  for (const [option, value] of Object.entries(options)) {
    const name = ANNOTATIONS.get(option);
    if (name !== undefined && value !== undefined) login[VAULT + name] = String(value);
  }
  return login;
}

/** Parameters that the configuration or an earlier plugin set for another login. */
function dropParameters({ annotations }: AnnotationsContext): Record<string, null> {
  const left = Object.values(annotations).filter(
    ({ key, source }) => key.startsWith(CONFIG) && source.kind !== "pod",
  );
  return Object.fromEntries(left.map(({ key }) => [key, null]));
}
