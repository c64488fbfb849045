/** Messages about single injector annotations, and about the finished change as a whole. */
import { defineReviewIssues, quote } from "./define.ts";

interface Value {
  readonly key: string;
  readonly value: string;
  readonly expected: string;
}

function describeValue(f: Value): string {
  return `The annotation ${f.key} is ${quote(f.value)}, expected ${f.expected}`;
}

const CORRECT_VALUE = "Correct the value";

/** Issues about single annotations, by code. */
export const annotationIssues = defineReviewIssues({
  "annotation.unknown": {
    severity: "warning",
    message: (f: { key: string; nearest?: string }) =>
      `The Vault Agent Injector does not know the annotation ${f.key}`,
    help: (f: { key: string; nearest?: string }) =>
      f.nearest === undefined ? "Remove it, or correct its name" : `Did you mean ${f.nearest}?`,
  },
  "annotation.suffix-missing": {
    severity: "warning",
    message: (f: { key: string }) => `The annotation ${f.key} has no suffix, so the injector ignores it`,
    help: (f: { key: string }) =>
      `Write ${f.key}-<name>, where <name> is the secret's id or the parameter's name`,
  },
  "annotation.key": {
    severity: "error",
    message: (f: { key: string; reason: string }) =>
      `The API server refuses the annotation key ${quote(f.key)}: ${f.reason}`,
    help: "Shorten or rename the key; in an injector annotation, change the id at its end",
  },
  "annotation.value-injector": {
    severity: "error",
    message: (f: Value) => `${describeValue(f)}: the injector refuses the pod`,
    help: CORRECT_VALUE,
  },
  "annotation.value-agent": {
    severity: "error",
    message: (f: Value) => `${describeValue(f)}: the Vault Agent fails, and the task never starts`,
    help: CORRECT_VALUE,
  },
  "annotation.value-api": {
    severity: "error",
    message: (f: Value) => `${describeValue(f)}: the API server refuses the pod`,
    help: CORRECT_VALUE,
  },
  "annotation.value-lost": {
    severity: "error",
    message: (f: Value) => `${describeValue(f)}: the secret is not written where the task looks for it`,
    help: CORRECT_VALUE,
  },
  "annotation.value-false": {
    severity: "warning",
    message: (f: Value) => `${describeValue(f)}: it counts as false`,
    help: CORRECT_VALUE,
  },
  "annotation.value-ignored": {
    severity: "warning",
    message: (f: Value) => `${describeValue(f)}: the value is ignored`,
    help: "Correct the value, or remove the annotation",
  },
  "annotation.unrendered": {
    severity: "warning",
    message: (f: { key: string; text: string }) =>
      `The annotation ${f.key} contains an unrendered template: ${quote(f.text)}`,
    help: "Render it before the pod is created; in a configuration, write env:NAME or use the plugin role-map",
  },
  "annotation.look-alike": {
    severity: "warning",
    message: (f: { key: string; meant: string | undefined; domain: string }) =>
      `Nothing reads the annotation ${f.key}`,
    help: (f: { key: string; meant: string | undefined; domain: string }) =>
      f.meant === undefined
        ? `Annotations of the injector begin with ${f.domain}`
        : `Did you mean ${f.meant}?`,
  },
  "annotation.no-effect": {
    severity: "warning",
    message: (f: { key: string; because: string }) => `The annotation ${f.key} has no effect: ${f.because}`,
    help: "Remove it, or correct what it belongs to",
  },
  "annotation.template-blank": {
    severity: "error",
    message: (f: { key: string }) =>
      `The template ${f.key} is blank: the file will be blank and not contain the secret`,
    help: "Write a template, or remove the annotation",
  },
});

interface Container {
  readonly container: string;
}

/** Issues about the finished change, by code. */
export const checkIssues = defineReviewIssues({
  "pod.inject-off": {
    severity: "error",
    message: (f: { key: string; value: string | undefined }) =>
      f.value === undefined
        ? `The annotation ${f.key} is missing: nothing is injected, and the task starts without its secrets`
        : `The annotation ${f.key} is ${quote(f.value)}: nothing is injected, and the task starts without its secrets`,
    help: "Set it to true, or remove what overrides the webhook's own value",
  },
  "pod.status-injected": {
    severity: "error",
    message: (f: { key: string }) =>
      `The pod has the annotation ${f.key}: injected, but no agent container: the injector leaves it alone, and the task starts without its secrets`,
    help: "Remove the annotation; it was probably copied from a running pod",
  },
  "pod.system-namespace": {
    severity: "error",
    message: (f: { namespace: string }) => `The injector refuses pods in the namespace ${f.namespace}`,
    help: "Run the task in another namespace",
  },
  "pod.label-missing": {
    severity: "warning",
    message: () =>
      'The pod asks for secrets without the label inject-flyte-secrets: "true": the API server will not send it to the webhook',
    help: "Add the label to the pod, or to the pod template of its workload",
  },
  "pod.configmap": {
    severity: "error",
    message: (f: { key: string; value: string }) =>
      `The annotation ${f.key} is ${quote(f.value)}: the injector ignores every template annotation, and the task gets none of its secrets`,
    help: "Remove the annotation",
  },
  "pod.agent-config-too-large": {
    severity: "deny",
    message: (f: { bytes: number; limit: number; files: number }) =>
      `The agent's configuration (${f.files} ${f.files === 1 ? "file" : "files"}) would need an environment variable of ${f.bytes} bytes, but Linux allows ${f.limit}: the agent could not start`,
    help: "Ask for fewer secrets in one task, or use shorter groups and keys; keys without dashes and dots take the least space",
  },
  "pod.no-agent": {
    severity: "error",
    message: (f: { prePopulate: string; only: string }) =>
      `The annotations ${f.prePopulate}: "false" and ${f.only}: "true" together leave the pod without an agent: the task starts without its secrets`,
    help: (f: { prePopulate: string; only: string }) => `Set ${f.prePopulate} to true, or remove it`,
  },
  "pod.sidecar-stays": {
    severity: "warning",
    message: (f: { key: string }) =>
      `The annotation ${f.key} is not true: the vault-agent sidecar keeps running, so a Flyte task never completes`,
    help: (f: { key: string }) => `Set ${f.key} to true for pods that run to completion`,
  },
  "pod.secrets-late": {
    severity: "warning",
    message: (f: { key: string }) =>
      `The annotation ${f.key} is false: only the sidecar writes the secrets, possibly after the task has looked for them`,
    help: (f: { key: string }) => `Set ${f.key} to true, or remove it`,
  },
  "pod.long-lived": {
    severity: "warning",
    message: (f: { owner: string; key: string }) =>
      `The pod belongs to ${f.owner} and may live for weeks, but ${f.key} is true: its secrets are read once and never renewed`,
    help: (f: { owner: string; key: string }) =>
      `Set ${f.key} to false on such pods; the sidecar then renews the secrets`,
  },
  "pod.init-containers-first": {
    severity: "info",
    message: (f: { key: string }) =>
      `The pod's own init containers run before its secrets exist, because ${f.key} is not true`,
    help: (f: { key: string }) => `Set ${f.key} to true if one of them reads a secret`,
  },
  "pod.token-foreign": {
    severity: "warning",
    message: (f: { key: string; mountPath: string; why: string }) =>
      `The agent logs in with the token at the first mount path that contains "serviceaccount", ${quote(f.mountPath)}: ${f.why}`,
    help: (f: { key: string; mountPath: string; why: string }) =>
      `Name a volume with a token for Vault in ${f.key}, or mount the service account token first`,
  },
  "pod.token-unknown": {
    severity: "info",
    message: (f: { account: string }) =>
      `No container mounts a service account token yet: the API server adds one unless the ServiceAccount ${quote(f.account)} turns this off; without a token the injector refuses the pod`,
    help: "Make sure that the ServiceAccount does not set automountServiceAccountToken: false",
  },
  "pod.service-account-token-missing": {
    severity: "error",
    message: (f: { key: string }) =>
      `No container mounts a service account token, and the pod has no ${f.key}: the injector refuses it`,
    help: (f: { key: string }) =>
      `Remove automountServiceAccountToken: false from the pod or its ServiceAccount, or name a projected token volume in ${f.key}`,
  },
  "pod.token-volume-missing": {
    severity: "error",
    message: (f: { key: string; volume: string }) =>
      `The annotation ${f.key} names the volume ${quote(f.volume)}, which the pod does not have: the injector refuses it`,
    help: "Add the volume with a projected serviceAccountToken, or remove the annotation",
  },
  "pod.token-volume-not-projected": {
    severity: "error",
    message: (f: { key: string; volume: string }) =>
      `The annotation ${f.key} names the volume ${quote(f.volume)}, which has no projected serviceAccountToken: the injector refuses the pod`,
    help: "Add a serviceAccountToken source with a path to the volume, or remove the annotation",
  },
  "pod.mount-taken": {
    severity: "error",
    message: (f: Container & { mountPath: string }) =>
      `The container ${quote(f.container)} already mounts something at ${quote(f.mountPath)}, where the secret volume is mounted: the API server refuses the pod`,
    help: "Mount it at another path",
  },
  "pod.volume-taken": {
    severity: "error",
    message: (f: { volume: string }) =>
      `The pod already has a volume ${quote(f.volume)}, a name that the injector uses: the API server refuses the pod`,
    help: "Rename the volume; if it was copied from an injected pod, remove it",
  },
  "pod.container-taken": {
    severity: "error",
    message: (f: Container) =>
      `The pod already has a container ${quote(f.container)}, a name that the injector uses: the API server refuses the pod`,
    help: "Rename the container; if it was copied from an injected pod, remove it",
  },
  "pod.inject-containers-blank": {
    severity: "error",
    message: (f: { key: string; name: string }) =>
      `The annotation ${f.key} has blanks around ${quote(f.name.trim())}: the injector matches names exactly, and the container gets no secrets`,
    help: "Separate the names by commas only",
  },
  "pod.inject-containers-unknown": {
    severity: "error",
    message: (f: { key: string; name: string; known: string }) =>
      `The annotation ${f.key} names ${quote(f.name)}, but the pod's containers are ${f.known}: a container that is not named gets no secrets`,
    help: "Name the pod's containers, or remove the annotation so that every container gets the secrets",
  },
  "pod.inject-containers-too-many": {
    severity: "error",
    message: (f: { key: string; limit: number }) =>
      `The annotation ${f.key} names more than ${f.limit} containers; the names are not looked up`,
    help: "Name each of the pod's containers once, or remove the annotation so that every container gets the secrets",
  },
  "pod.copy-mounts-unknown": {
    severity: "warning",
    message: (f: { key: string; name: string }) =>
      `The annotation ${f.key} names ${quote(f.name)}, but the pod has no such container: no mount is copied`,
    help: "Name a container of the pod, or remove the annotation",
  },
  "pod.template-file-id": {
    severity: "error",
    message: (f: { key: string; id: string }) =>
      `The injector also reads ${f.key} as the template file of the id ${quote(f.id.slice("file-".length))}, because the id ${quote(f.id)} begins with "file-": the agent fails`,
    help: 'Choose an id that does not begin with "file-"',
  },
  "pod.file-unreadable": {
    severity: "warning",
    message: (f: Container & { key: string; mode: string; agent: string }) =>
      `The file mode ${quote(f.mode)} of ${f.key} lets the agent (${f.agent}) read the secret, but not the container ${quote(f.container)}`,
    help: "Use 0444, or run the agent and the task as the same user or group",
  },
  "pod.seccomp-containers-only": {
    severity: "info",
    message: () =>
      "The pod sets seccompProfile on its containers only, so the agent's containers have none: a namespace with Pod Security restricted refuses the pod",
    help: "Set securityContext.seccompProfile on the pod, or use the plugin agent-security",
  },
  "pod.started": {
    severity: "error",
    message: (f: { phase: string }) =>
      `The pod's status.phase is ${quote(f.phase)}: the injector leaves it alone, and the task starts without its secrets`,
    help: "Remove status; it was probably copied from a running pod",
  },
  "pod.json-patch": {
    severity: "error",
    message: (f: { key: string; reason: string }) =>
      `The patch ${f.key} cannot be applied to the agent's container (${f.reason}): the injector refuses the pod`,
    help: "Correct the patch; a preview shows the container that it patches",
  },
  "pod.injected-invalid": {
    severity: "error",
    message: (f: { what: string; cause: string }) =>
      `The API server refuses the pod after injection: ${f.what}`,
    help: (f: { what: string; cause: string }) => f.cause,
  },
  "pod.folder": {
    severity: "error",
    message: (f: { key: string; folder: string; dir: string }) =>
      `The annotation ${f.key} writes secrets to ${quote(f.folder)}, but Flyte's clients look in ${quote(f.dir)}: the task does not find them`,
    help: "Remove the annotation; to use another folder for all tasks, set it in the configuration",
  },
  "pod.folder-system": {
    severity: "error",
    message: (f: { key: string; folder: string }) =>
      `The annotation ${f.key} mounts secrets over ${quote(f.folder)}: the container loses the files of its image there`,
    help: "Name a folder that contains nothing else, such as /etc/flyte/secrets",
  },
  "pod.mesh-init": {
    severity: "warning",
    message: (f: { container: string; key: string }) =>
      `The init container ${quote(f.container)} sends traffic to a proxy that is not running yet when the agent asks Vault: the pod hangs`,
    help: (f: { container: string; key: string }) =>
      `Set ${f.key} to true, or exclude Vault's port from the mesh (docs/install.md, Platforms)`,
  },
  "pod.windows": {
    severity: "error",
    message: (f: { field: string }) =>
      `The pod is for Windows (${f.field}), but the injector adds a Linux container: the pod never starts`,
    help: "Run the task on Linux, or read its secrets in another way",
  },
  "pod.ca-file": {
    severity: "error",
    message: (f: { key: string; file: string; volume: string }) =>
      `The annotation ${f.key} names ${quote(f.file)}, but ${f.volume}, which would mount it, is not set: the agent fails`,
    help: (f: { key: string; file: string; volume: string }) =>
      `Set ${f.volume} to the name of a Secret with that file`,
  },
  "pod.same-user-unset": {
    severity: "error",
    message: (f: { key: string }) =>
      `The annotation ${f.key} is true, but the first container does not set runAsUser itself: the injector refuses the pod`,
    help: "Set spec.containers[0].securityContext.runAsUser (the injector does not read the pod's), or remove the annotation",
  },
  "pod.same-user-root": {
    severity: "error",
    message: (f: { key: string }) =>
      `The annotation ${f.key} is true, but the first container runs as root: the injector refuses the pod`,
    help: "Run the first container as another user, or remove the annotation",
  },
  "pod.process-namespace": {
    severity: "error",
    message: (f: { key: string }) =>
      `The annotation ${f.key} is true, but the pod sets shareProcessNamespace: false: the injector refuses the pod`,
    help: "Remove one of the two",
  },
  "pod.role-missing": {
    severity: "error",
    message: (f: { key: string }) =>
      `The annotation ${f.key} is missing or empty: the injector refuses a pod that logs in with the method kubernetes but without a role`,
    help: "Set webhook.vaultSecretManager.role in the configuration, or the annotation on the pod",
  },
  "pod.auth-path-missing": {
    severity: "error",
    message: (f: { key: string; type: string }) =>
      `The pod logs in with the method ${quote(f.type)}, but has no ${f.key}: the agent would log in at auth/kubernetes and fail`,
    help: (f: { key: string; type: string }) =>
      `Set ${f.key} to the mount of the auth method, such as auth/${f.type}`,
  },
  "pod.auth-parameter-missing": {
    severity: "error",
    message: (f: { key: string; type: string }) =>
      `The pod logs in with the method ${quote(f.type)}, but has no ${f.key}: the agent fails, and the task never starts`,
    help: (f: { key: string; type: string }) => `Set ${f.key}`,
  },
  "pod.request-above-limit": {
    severity: "error",
    message: (f: { request: string; limit: string; requestValue: string; limitValue: string }) =>
      `The annotation ${f.request} (${quote(f.requestValue)}) is above ${f.limit} (${quote(f.limitValue)}): the API server refuses the pod`,
    help: "Lower the request, or raise the limit",
  },
  "pod.request-above-default": {
    severity: "warning",
    message: (f: { key: string; value: string; other: string; fallback: string }) =>
      `The annotation ${f.key} is ${quote(f.value)}, but ${f.other} is not set and defaults to ${f.fallback}: the API server refuses a request above its limit`,
    help: (f: { key: string; value: string; other: string; fallback: string }) => `Set ${f.other} as well`,
  },
});
