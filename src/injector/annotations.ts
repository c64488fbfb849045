/**
 * The vocabulary of the Vault Agent Injector: every annotation it reads (vault-k8s 1.7.6,
 * `agent-inject/agent/annotations.go`), its meaning, and its valid values. `vocabulary.ts` looks keys up in this table.
 */

import type { ValueForm } from "./value.ts";
import * as value from "./value.ts";

/** One annotation of the injector. */
export interface VaultAnnotation {
  /** Key without the domain, and without the suffix of suffixed ones. */
  readonly name: string;
  /** Whether a dash and a suffix (a secret's id, a parameter's name) follow the name. */
  readonly suffixed?: true;
  /** Whether a suffixed annotation also exists without its suffix. */
  readonly suffixOptional?: true;
  readonly value: ValueForm;
  /** What the injector does, or its default value, if the annotation is absent; `null` if nothing. */
  readonly default: string | null;
  readonly meaning: string;
}

/** Every annotation, in the order of the injector's own documentation. */
export const VAULT_ANNOTATIONS = [
  {
    name: "agent-inject-status",
    value: value.status,
    default: null,
    meaning: "Mark of the injector that it is done; a pod that carries it is left alone",
  },
  {
    name: "agent-inject",
    value: value.bool,
    default: "no injection",
    meaning: "Switches injection on for the pod",
  },
  {
    name: "agent-inject-secret",
    suffixed: true,
    value: value.notBlank,
    default: null,
    meaning: "Vault path of the secret with this id; declares the id",
  },
  {
    name: "agent-inject-file",
    suffixed: true,
    value: value.fileInVolume,
    default: "the id in lower case",
    meaning: "File below the secret volume that this id is written to",
  },
  {
    name: "agent-inject-perms",
    suffixed: true,
    value: value.fileMode,
    default: "0644",
    meaning: "Octal mode of the file of this id",
  },
  {
    name: "agent-inject-template",
    suffixed: true,
    value: value.notBlank,
    default: "the generic template over the id's path",
    meaning: "Template text that is rendered for this id; declares the id",
  },
  {
    name: "agent-inject-containers",
    value: value.text,
    default: "every container",
    meaning: "Names of the app containers that get the secret volume, with commas and without blanks",
  },
  {
    name: "agent-inject-default-template",
    value: value.templateShape,
    default: "AGENT_INJECT_DEFAULT_TEMPLATE, or map",
    meaning: "Shape of the generic template for ids without one of their own",
  },
  {
    name: "agent-inject-template-file",
    suffixed: true,
    value: value.templateFile,
    default: null,
    meaning: "Path in the agent container of the template file for this id",
  },
  {
    name: "agent-template-left-delim",
    suffixed: true,
    value: value.text,
    default: "{{",
    meaning: "Left delimiter in the template of this id",
  },
  {
    name: "agent-template-right-delim",
    suffixed: true,
    value: value.text,
    default: "}}",
    meaning: "Right delimiter in the template of this id",
  },
  {
    name: "agent-inject-token",
    value: value.bool,
    default: "false",
    meaning: "Also writes the Vault token to the file token in the secret volume",
  },
  {
    name: "agent-inject-command",
    suffixed: true,
    value: value.text,
    default: null,
    meaning: "Shell command that the agent runs after it has written this id",
  },
  {
    name: "agent-image",
    value: value.image,
    default: "AGENT_INJECT_VAULT_IMAGE",
    meaning: "Image of the agent containers",
  },
  {
    name: "agent-request-namespace",
    value: value.required,
    default: "the request's namespace",
    meaning: "Kubernetes namespace of the pod, filled in by the injector itself",
  },
  {
    name: "agent-init-first",
    value: value.bool,
    default: "false",
    meaning: "Puts the agent before the pod's own init containers",
  },
  {
    name: "agent-pre-populate",
    value: value.bool,
    default: "true",
    meaning: "Adds the init container that writes the secrets before the task starts",
  },
  {
    name: "agent-pre-populate-only",
    value: value.bool,
    default: "false",
    meaning: "Adds the init container alone, without the sidecar",
  },
  {
    name: "agent-configmap",
    value: value.trimmed,
    default: null,
    meaning: "ConfigMap with the agent's whole configuration, in place of a generated one",
  },
  {
    name: "agent-extra-secret",
    value: value.trimmed,
    default: null,
    meaning: "Kubernetes Secret mounted at /vault/custom in the agent containers",
  },
  {
    name: "agent-limits-cpu",
    value: value.quantity,
    default: "AGENT_INJECT_CPU_LIMIT, or 500m",
    meaning: "CPU limit of the agent containers",
  },
  {
    name: "agent-limits-mem",
    value: value.quantity,
    default: "AGENT_INJECT_MEM_LIMIT, or 128Mi",
    meaning: "Memory limit of the agent containers",
  },
  {
    name: "agent-limits-ephemeral",
    value: value.quantity,
    default: "AGENT_INJECT_EPHEMERAL_LIMIT, or none",
    meaning: "Limit of ephemeral storage of the agent containers",
  },
  {
    name: "agent-requests-cpu",
    value: value.quantity,
    default: "AGENT_INJECT_CPU_REQUEST, or 250m",
    meaning: "CPU request of the agent containers",
  },
  {
    name: "agent-requests-mem",
    value: value.quantity,
    default: "AGENT_INJECT_MEM_REQUEST, or 64Mi",
    meaning: "Memory request of the agent containers",
  },
  {
    name: "agent-requests-ephemeral",
    value: value.quantity,
    default: "AGENT_INJECT_EPHEMERAL_REQUEST, or none",
    meaning: "Request of ephemeral storage of the agent containers",
  },
  {
    name: "agent-revoke-on-shutdown",
    value: value.bool,
    default: "AGENT_INJECT_REVOKE_ON_SHUTDOWN, or false",
    meaning: "Lets the sidecar revoke its token when the pod ends",
  },
  {
    name: "agent-revoke-grace",
    value: value.uint,
    default: "5",
    meaning: "Seconds to wait before that revocation",
  },
  {
    name: "namespace",
    value: value.trimmed,
    default: "AGENT_INJECT_VAULT_NAMESPACE, or none",
    meaning: "Vault namespace to log in to",
  },
  {
    name: "agent-run-as-user",
    value: value.userId,
    default: "AGENT_INJECT_RUN_AS_USER, or 100",
    meaning: "User id of the agent containers",
  },
  {
    name: "agent-run-as-group",
    value: value.userId,
    default: "AGENT_INJECT_RUN_AS_GROUP, or 1000",
    meaning: "Group id of the agent containers",
  },
  {
    name: "agent-run-as-same-user",
    value: value.bool,
    default: "AGENT_INJECT_RUN_AS_SAME_USER, or false",
    meaning: "Runs the agent as the user of the first app container",
  },
  {
    name: "agent-share-process-namespace",
    value: value.bool,
    default: null,
    meaning: "Sets shareProcessNamespace of the pod",
  },
  {
    name: "agent-set-security-context",
    value: value.bool,
    default: "AGENT_INJECT_SET_SECURITY_CONTEXT, or true",
    meaning: "Gives the agent containers a security context",
  },
  {
    name: "agent-service-account-token-volume-name",
    value: value.text,
    default: "the mount of an app container whose path has serviceaccount in it",
    meaning: "Projected volume with the service account token that the agent logs in with",
  },
  {
    name: "service",
    value: value.address,
    default: "AGENT_INJECT_VAULT_ADDR",
    meaning: "URL of the Vault server",
  },
  {
    name: "proxy-address",
    value: value.text,
    default: "AGENT_INJECT_PROXY_ADDR, or none",
    meaning: "HTTPS proxy between the agent and Vault",
  },
  {
    name: "tls-skip-verify",
    value: value.bool,
    default: "false",
    meaning: "Accepts any certificate from Vault",
  },
  {
    name: "tls-secret",
    value: value.trimmed,
    default: null,
    meaning: "Kubernetes Secret mounted at /vault/tls in the agent containers",
  },
  {
    name: "tls-server-name",
    value: value.text,
    default: null,
    meaning: "Name that Vault's certificate must be for",
  },
  {
    name: "ca-cert",
    value: value.agentFile,
    default: null,
    meaning: "File in the agent container with the CA of Vault's certificate",
  },
  {
    name: "ca-key",
    value: value.agentFile,
    default: null,
    meaning: "Folder in the agent container with CA certificates, despite its name",
  },
  {
    name: "client-cert",
    value: value.agentFile,
    default: null,
    meaning: "File in the agent container with its client certificate",
  },
  {
    name: "client-key",
    value: value.agentFile,
    default: null,
    meaning: "File in the agent container with the key of its client certificate",
  },
  {
    name: "client-max-retries",
    value: value.retries,
    default: "2",
    meaning: "How often the agent tries again when Vault answers 5xx",
  },
  {
    name: "client-timeout",
    value: value.agentDuration,
    default: "60s",
    meaning: "Timeout of the agent's requests to Vault",
  },
  { name: "go-max-procs", value: value.processors, default: null, meaning: "GOMAXPROCS of the agent" },
  { name: "log-level", value: value.logLevel, default: "info", meaning: "How much the agent logs" },
  { name: "log-format", value: value.logFormat, default: "standard", meaning: "Form of the agent's log" },
  { name: "role", value: value.trimmed, default: null, meaning: "Vault role to log in with" },
  {
    name: "auth-type",
    value: value.authType,
    default: "AGENT_INJECT_VAULT_AUTH_TYPE, or kubernetes",
    meaning: "Method by which the agent logs in",
  },
  {
    name: "auth-path",
    value: value.authPath,
    default: "AGENT_INJECT_VAULT_AUTH_PATH, or auth/kubernetes",
    meaning: "Path at which the auth method is mounted in Vault",
  },
  {
    name: "auth-config",
    suffixed: true,
    value: value.text,
    default: null,
    meaning: "Parameter of the auth method, named by the suffix",
  },
  {
    name: "secret-volume-path",
    suffixed: true,
    suffixOptional: true,
    value: value.absolutePath,
    default: "/vault/secrets",
    meaning: "Where the secret volume is mounted, for all ids or for the one in the suffix",
  },
  {
    name: "preserve-secret-case",
    suffixed: true,
    suffixOptional: true,
    value: value.lenientBool,
    default: "false",
    meaning: "Keeps the case of an id in its default file name",
  },
  {
    name: "agent-cache-enable",
    value: value.bool,
    default: "false",
    meaning: "Makes the sidecar a caching proxy on localhost",
  },
  {
    name: "agent-cache-use-auto-auth-token",
    value: value.cacheToken,
    default: "true",
    meaning: "Whether that proxy uses the agent's own token",
  },
  {
    name: "agent-cache-listener-port",
    value: value.port,
    default: "8200",
    meaning: "Port of that proxy and of the quit endpoint",
  },
  {
    name: "agent-cache-exit-on-err",
    value: value.bool,
    default: "false",
    meaning: "Ends the agent when its cache cannot be restored",
  },
  {
    name: "agent-copy-volume-mounts",
    value: value.text,
    default: null,
    meaning: "Container whose volume mounts the agent containers get as well",
  },
  {
    name: "template-config-exit-on-retry-failure",
    value: value.bool,
    default: "AGENT_INJECT_TEMPLATE_CONFIG_EXIT_ON_RETRY_FAILURE, or true",
    meaning: "Ends the agent when a template still fails after its retries",
  },
  {
    name: "template-static-secret-render-interval",
    value: value.agentDuration,
    default: "AGENT_INJECT_TEMPLATE_STATIC_SECRET_RENDER_INTERVAL, or 5m",
    meaning: "How often the sidecar reads secrets without a lease again",
  },
  {
    name: "template-max-connections-per-host",
    value: value.int,
    default: "AGENT_INJECT_TEMPLATE_MAX_CONNECTIONS_PER_HOST, or 10",
    meaning: "How many connections templates may hold to one Vault host",
  },
  {
    name: "template-lease-renewal-threshold",
    value: value.fraction,
    default: "0.90",
    meaning: "Part of a lease after which a secret is read again",
  },
  {
    name: "agent-enable-quit",
    value: value.bool,
    default: "false",
    meaning: "Adds the agent's quit endpoint on localhost",
  },
  {
    name: "auth-min-backoff",
    value: value.duration,
    default: "AGENT_INJECT_AUTH_MIN_BACKOFF, or 1s",
    meaning: "First pause after a failed login",
  },
  {
    name: "auth-max-backoff",
    value: value.duration,
    default: "AGENT_INJECT_AUTH_MAX_BACKOFF, or 5m",
    meaning: "Longest pause after failed logins",
  },
  {
    name: "agent-disable-idle-connections",
    value: value.features,
    default: null,
    meaning: "Features of the agent that keep no idle connections",
  },
  {
    name: "agent-disable-keep-alives",
    value: value.features,
    default: null,
    meaning: "Features of the agent that go without keep-alive",
  },
  {
    name: "agent-json-patch",
    value: value.jsonPatch,
    default: null,
    meaning: "JSON Patch for the sidecar container",
  },
  {
    name: "agent-init-json-patch",
    value: value.jsonPatch,
    default: null,
    meaning: "JSON Patch for the init container",
  },
  {
    name: "agent-auto-auth-exit-on-err",
    value: value.bool,
    default: "false",
    meaning: "Ends the agent when the login fails, in place of trying for ever",
  },
  {
    name: "agent-telemetry",
    suffixed: true,
    value: value.text,
    default: null,
    meaning: "Parameter of the agent's telemetry, named by the suffix, as JSON or text",
  },
  {
    name: "error-on-missing-key",
    suffixed: true,
    value: value.bool,
    default: "false",
    meaning: "Fails the rendering of this id when its template reads a missing key",
  },
] as const satisfies readonly VaultAnnotation[];

/** Name of an annotation in the vocabulary. */
export type AnnotationName = (typeof VAULT_ANNOTATIONS)[number]["name"];
