/**
 * Lets the Vault Agent trust a Vault whose certificate comes from a private CA, rather than trust anything.
 *
 * The injector mounts the Secret `tlsSecret` of the pod's own namespace at /vault/tls in the agent containers; the CA's
 * certificate is its `ca.crt` unless `caCert` says otherwise. `tls-skip-verify`, or another CA, of the configuration or an
 * earlier plugin is taken away; a pod that sets `tls-skip-verify` itself gets a warning (`policy.denied` refuses it). The
 * Secret has to be in every namespace with tasks: trust-manager or a replicator puts it there.
 *
 * @example
 * - use: private-ca
 *   with: { tlsSecret: vault-ca, serverName: vault.acme.internal }
 */
import { type AnnotationsContext, definePlugin } from "flyte-vault-webhook/plugin";
import * as v from "valibot";

const VAULT = "vault.hashicorp.com/";
const SKIP = `${VAULT}tls-skip-verify`;
/** Where the injector mounts `tls-secret` (vault-k8s `agent-inject/agent/container_volume.go`). */
const MOUNT = "/vault/tls/";

const File = v.pipe(v.string("a string"), v.regex(/^\/+[^/]/, "an absolute path in the agent container"));
/** Kubernetes' rule for names of Secrets, and DNS' for names of hosts (RFC 1123, section 2.1). */
const DNS = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/i;

const Options = v.pipe(
  v.strictObject({
    /** Kubernetes Secret of the pod's namespace with the CA's certificate. */
    tlsSecret: v.optional(
      v.pipe(
        v.string("the name of a Kubernetes Secret"),
        v.maxLength(253, "253 characters at most"),
        v.check((name) => DNS.test(name) && name === name.toLowerCase(), "the name of a Kubernetes Secret"),
      ),
    ),
    /** File with the CA's certificate; /vault/tls/ca.crt where there is a `tlsSecret`. */
    caCert: v.optional(File),
    /** Folder with certificates of CAs, in place of `caCert`. */
    caPath: v.optional(File),
    /** Name that Vault's certificate is for, where it is not the host of Vault's address. */
    serverName: v.optional(
      v.pipe(v.string("a host name"), v.regex(DNS, "a host name, without scheme or port")),
    ),
    /** Client certificate, with `clientKey`, where Vault's listener asks for one. */
    clientCert: v.optional(File),
    /** The certificate's key. */
    clientKey: v.optional(File),
  }),
  v.check(
    (o) => Object.values(o).some((value) => value !== undefined),
    "tlsSecret, caCert, caPath or serverName: at least one",
  ),
  v.check(
    ({ caCert, caPath }) => caCert === undefined || caPath === undefined,
    "caCert or caPath: the agent reads one of them",
  ),
  v.check(
    ({ clientCert, clientKey }) => (clientCert === undefined) === (clientKey === undefined),
    "clientCert and clientKey: one needs the other",
  ),
  v.check(
    ({ tlsSecret, caCert, caPath, clientCert, clientKey }) =>
      tlsSecret !== undefined ||
      [caCert, caPath, clientCert, clientKey].every(
        (path) => path === undefined || !`${path}/`.startsWith(MOUNT),
      ),
    "tlsSecret: nothing is mounted at /vault/tls without it",
  ),
);

export default definePlugin({
  name: "private-ca",
  description: "Lets the Vault Agent trust the private CA of Vault's certificate",
  writes: [
    "tls-secret",
    "ca-cert",
    "ca-key",
    "tls-server-name",
    "client-cert",
    "client-key",
    "tls-skip-verify",
  ].map((name) => VAULT + name),
  options: Options,
  setup: (options) => {
    const trust = renderTrust(options);
    return {
      annotations: (context) => ({ ...dropOthers(context, trust), ...trust }),
      review: warnOfSkip,
    };
  },
});

function renderTrust(options: v.InferOutput<typeof Options>): Record<string, string> {
  const { tlsSecret, caPath, serverName, clientCert, clientKey } = options;
  const isMounted = tlsSecret !== undefined && caPath === undefined;
  const trust = {
    "tls-secret": tlsSecret,
    "ca-cert": options.caCert ?? (isMounted ? `${MOUNT}ca.crt` : undefined),
    // The injector's name for the agent's ca_path.
    "ca-key": caPath,
    "tls-server-name": serverName,
    "client-cert": clientCert,
    "client-key": clientKey,
  };
  const entries = Object.entries(trust).flatMap(([name, value]) =>
    value === undefined ? [] : [[VAULT + name, value]],
  );
  return Object.fromEntries(entries);
}

/** What the configuration or an earlier plugin says of the same: the agent would read `ca-cert` before `ca-key`. */
function dropOthers(
  { annotations }: AnnotationsContext,
  trust: Readonly<Record<string, string>>,
): Record<string, null> {
  const hasCa = `${VAULT}ca-cert` in trust || `${VAULT}ca-key` in trust;
  const others = hasCa ? [SKIP, `${VAULT}ca-cert`, `${VAULT}ca-key`] : [SKIP];
  const dropped = others.filter((key) => {
    const found = annotations[key];
    return found && !(key in trust) && (found.source.kind !== "pod" || found.overrides.length > 0);
  });
  return Object.fromEntries(dropped.map((key) => [key, null]));
}

function warnOfSkip({ annotations }: AnnotationsContext) {
  const skip = annotations[SKIP];
  if (skip === undefined || !/^(?:1|t|T|TRUE|true|True)$/.test(skip.value)) return [];
  return [
    {
      code: "skips-verification",
      severity: "warning",
      message: `The pod sets ${SKIP}: the agent trusts any certificate, and the configured CA is of no use`,
      help: "Remove the annotation from the pod",
      annotation: SKIP,
    } as const,
  ];
}
