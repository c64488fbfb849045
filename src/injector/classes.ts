/**
 * Classifies the injector's annotations by what they let a pod's author do. Profiles and the plugin `path-policy` decide by
 * class; a new row of the vocabulary does not compile without a class, so no annotation can be forgotten.
 */
import type { AnnotationName } from "./annotations.ts";
import { findAnnotation, VAULT_DOMAIN } from "./vocabulary.ts";

/**
 * What a pod's author can do with an annotation of each class, to complete "with it, a pod …".
 *
 * @example
 * ANNOTATION_CLASSES.identity; // "logs in to Vault with another identity"
 */
export const ANNOTATION_CLASSES = {
  lifecycle: "decides when its agent starts, retries, fails and ends",
  log: "decides how much its agent logs, and in which form",
  resources: "decides how much CPU, memory, storage and connections its agent may use",
  identity: "logs in to Vault with another identity",
  server: "makes the agent connect to any server or trust any certificate",
  path: "reads any path that its role can read, bypassing requests, plugins and audit",
  file: "decides the file, mode and container of a secret, possibly where nobody looks for it",
  template: "runs template code with the agent's token, which reads any path that its role can read",
  command: "runs any program with the agent's token",
  token: "gets the agent's Vault token, or a proxy that uses it",
  volume: "shares volumes with the agent, including the one with its token",
  patch: "changes the agent's container or the way it runs",
} as const satisfies Readonly<Record<string, string>>;

/** Name of a class. */
export type AnnotationClass = keyof typeof ANNOTATION_CLASSES;

/** The class of every annotation of the vocabulary. */
export const CLASS_OF: Readonly<Record<AnnotationName, AnnotationClass>> = {
  "agent-inject-status": "lifecycle",
  "agent-inject": "lifecycle",
  "agent-inject-secret": "path",
  "agent-inject-file": "file",
  "agent-inject-perms": "file",
  "agent-inject-template": "template",
  "agent-inject-containers": "file",
  // Pastes a path into a template without quoting it.
  "agent-inject-default-template": "template",
  "agent-inject-template-file": "template",
  // Other delimiters turn text that was validated against {{ and }} into template code.
  "agent-template-left-delim": "template",
  "agent-template-right-delim": "template",
  "agent-inject-token": "token",
  "agent-inject-command": "command",
  "agent-image": "command",
  "agent-request-namespace": "identity",
  "agent-init-first": "lifecycle",
  "agent-pre-populate": "lifecycle",
  "agent-pre-populate-only": "lifecycle",
  // The agent's whole configuration, templates included.
  "agent-configmap": "template",
  "agent-extra-secret": "volume",
  "agent-limits-cpu": "resources",
  "agent-limits-mem": "resources",
  "agent-limits-ephemeral": "resources",
  "agent-requests-cpu": "resources",
  "agent-requests-mem": "resources",
  "agent-requests-ephemeral": "resources",
  "agent-revoke-on-shutdown": "lifecycle",
  "agent-revoke-grace": "lifecycle",
  // The same path means another secret in another Vault namespace.
  namespace: "path",
  // A process of the same user can read the agent's memory and files.
  "agent-run-as-user": "patch",
  "agent-run-as-group": "patch",
  "agent-run-as-same-user": "patch",
  "agent-share-process-namespace": "patch",
  "agent-set-security-context": "patch",
  "agent-service-account-token-volume-name": "identity",
  service: "server",
  "proxy-address": "server",
  "tls-skip-verify": "server",
  "tls-secret": "server",
  "tls-server-name": "server",
  "ca-cert": "server",
  "ca-key": "server",
  "client-cert": "identity",
  "client-key": "identity",
  "client-max-retries": "lifecycle",
  "client-timeout": "lifecycle",
  "go-max-procs": "resources",
  "log-level": "log",
  "log-format": "log",
  role: "identity",
  "auth-type": "identity",
  "auth-path": "identity",
  "auth-config": "identity",
  "secret-volume-path": "file",
  "preserve-secret-case": "file",
  // The proxy on localhost answers every container of the pod with the agent's token.
  "agent-cache-enable": "token",
  "agent-cache-use-auto-auth-token": "token",
  "agent-cache-listener-port": "token",
  "agent-cache-exit-on-err": "token",
  "agent-copy-volume-mounts": "volume",
  "template-config-exit-on-retry-failure": "lifecycle",
  "template-static-secret-render-interval": "lifecycle",
  "template-max-connections-per-host": "resources",
  "template-lease-renewal-threshold": "lifecycle",
  "agent-enable-quit": "lifecycle",
  "auth-min-backoff": "lifecycle",
  "auth-max-backoff": "lifecycle",
  "agent-disable-idle-connections": "resources",
  "agent-disable-keep-alives": "resources",
  "agent-json-patch": "patch",
  "agent-init-json-patch": "patch",
  "agent-auto-auth-exit-on-err": "lifecycle",
  // The agent sends its telemetry to an address in the parameters.
  "agent-telemetry": "server",
  "error-on-missing-key": "lifecycle",
};

const CLASSES: ReadonlyMap<string, AnnotationClass> = new Map(Object.entries(CLASS_OF));

/**
 * Finds the class of an annotation.
 *
 * @param key full key of an annotation
 * @returns its class; `unknown` for a key in the injector's domain that its vocabulary does not have; `undefined` for keys of
 *   other domains, which the injector does not read
 *
 * @example
 * classifyAnnotation("vault.hashicorp.com/role"); // "identity"
 * classifyAnnotation("vault.hashicorp.com/agent-inject-secret-db"); // "path"
 * classifyAnnotation("acme.io/team"); // undefined
 */
export function classifyAnnotation(key: string): AnnotationClass | "unknown" | undefined {
  if (!key.startsWith(VAULT_DOMAIN)) return undefined;
  const found = findAnnotation(key);
  return (found && CLASSES.get(found.entry.name)) ?? "unknown";
}
