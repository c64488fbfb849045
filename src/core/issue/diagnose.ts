/**
 * Messages that explain why a pod does not get its secrets. A message completes "the pod hangs because …", and the help says
 * what to change; `src/diagnose` knows who has to change it.
 */
import { defineIssues, quote } from "./define.ts";

/** A pod's identity in Vault. */
interface Login {
  readonly role: string;
  /** Mount of the auth method, such as `auth/kubernetes`. */
  readonly mount: string;
  /** `namespace/name` of the service account. */
  readonly account: string;
}

interface Path {
  readonly path: string;
}

interface Server {
  /** Vault's address in the agent's configuration. */
  readonly address: string;
}

interface Container {
  readonly container: string;
}

interface Registration {
  readonly registration: string;
}

const ASK_VAULT = "Send the block below to the Vault team";

/** Causes of missing secrets, by code. */
export const diagnoseIssues = defineIssues({
  "diagnose.label-missing": {
    severity: "error",
    message: () =>
      'the pod has no label inject-flyte-secrets: "true", so the API server did not call the webhook for it',
    help: "Add the label to the pod, or to the pod template of its workload, and create the pod again",
  },
  "diagnose.not-sent": {
    severity: "error",
    message: (f: { namespace: string }) =>
      `no webhook has handled the pod's secret requests: none is registered for the namespace ${quote(f.namespace)}, or it was not reachable`,
    help: "Run `flyte-vault-webhook doctor`; then create the pod again, because webhooks change a pod only when it is created",
  },
  "diagnose.not-registered": {
    severity: "error",
    message: () =>
      "no webhook that serves secret requests is registered: neither this one (00-flyte-vault-webhook) nor Flyte's",
    help: "Apply what `flyte-vault-webhook manifests` prints, then create the pod again",
  },
  "diagnose.only-observed": {
    severity: "error",
    message: (f: Registration) =>
      `only ${quote(f.registration)} is registered for the pod, and it compares without changing pods (policy.mode: observe)`,
    help: "Register Flyte's webhook again, or let this one serve the pod (policy.mode: enforce; docs/migrate.md)",
  },
  "diagnose.registered-later": {
    severity: "error",
    message: (f: Registration) =>
      `${quote(f.registration)} was registered after the pod had been created, and webhooks change a pod only when it is created`,
    help: "Create the pod again",
  },
  "diagnose.webhook-ignored": {
    severity: "error",
    message: (f: Registration) =>
      `${quote(f.registration)} did not answer, and its failurePolicy is Ignore, so the pod was stored without its annotations`,
    help: "Apply what `flyte-vault-webhook manifests` prints (failurePolicy Fail), check with `flyte-vault-webhook doctor` that it answers, then create the pod again",
  },
  "diagnose.webhook-failed": {
    severity: "error",
    message: (f: { webhook: string; reason: string }) =>
      `the API server refused pods because it could not call the webhook ${quote(f.webhook)}: ${f.reason}`,
    help: "Run `flyte-vault-webhook doctor`, which checks the webhook's Service, server and certificate; Flyte then creates the pod again",
  },
  "diagnose.changed-later": {
    severity: "error",
    message: (f: Registration) =>
      `the pod has no annotations of the injector, although ${quote(f.registration)} selects it and refuses pods that it cannot serve: the pod's label or requests were added, its annotations removed, or the registration changed after it was created`,
    help: "Put label and requests on the pod's template, and create the pod again, because webhooks change a pod only when it is created",
  },
  "diagnose.not-selected": {
    severity: "error",
    message: (f: { namespace: string }) =>
      `no registration selects the pod: the namespaceSelector or objectSelector of each one excludes this pod or the namespace ${quote(f.namespace)}`,
    help: "Change the namespaceSelector of the registration (webhook.namespaceSelector), then create the pod again",
  },
  "diagnose.request": {
    severity: "error",
    message: (f: { annotation: string; reason: string }) =>
      `the request ${f.annotation} is not valid: ${f.reason}`,
    help: "Correct the secret request of the task, then run it again",
  },
  "diagnose.flyte-template": {
    severity: "error",
    message: (f: { key: string; id: string }) =>
      `Flyte's webhook wrote a template that the agent cannot parse: the key ${quote(f.key)} is not an identifier (template annotation with the id ${f.id})`,
    help: "Let flyte-vault-webhook write the annotations, or rename the key in Vault to letters, digits and underscores",
  },
  "diagnose.inject-off": {
    severity: "error",
    message: (f: { key: string; value: string }) =>
      `the annotation ${f.key} is ${quote(f.value)}, so the injector leaves the pod alone`,
    help: "Remove the annotation from the task's pod template",
  },
  "diagnose.injector-silent": {
    severity: "error",
    message: () =>
      "the Vault Agent Injector has not touched the pod: it is not installed, not reachable, or called before the webhook that writes its annotations",
    help: "Run `flyte-vault-webhook doctor`, which finds out which of these it is; then create the pod again",
  },
  "diagnose.injected-before": {
    severity: "error",
    message: (f: { key: string }) =>
      `the pod already had the annotation ${f.key}, which says that it has its agent, so the injector left it alone`,
    help: "Remove the annotation from the pod template: it comes from a copy of a running pod",
  },
  "diagnose.injector-incomplete": {
    severity: "error",
    message: (f: { missing: string }) =>
      `the pod lacks parts that the injector adds for its annotations: ${f.missing}`,
    help: "Something has removed them after the injector: look at the registrations that are called later (`flyte-vault-webhook doctor`), and at who has changed the pod",
  },
  "diagnose.injector-missing": {
    severity: "error",
    message: () => "the Vault Agent Injector is not installed: no webhook registration for it exists",
    help: "Install it (Helm chart hashicorp/vault with injector.enabled), then create the pod again",
  },
  "diagnose.injector-first": {
    severity: "error",
    message: (f: Registration & { ours: string }) =>
      `the injector's registration ${quote(f.registration)} is called before ${quote(f.ours)}, which writes the annotations that the injector reads`,
    help: "The API server calls registrations in the order of their names: give the webhook's a name that sorts first, such as 00-flyte-vault-webhook",
  },
  "diagnose.injector-ignored": {
    severity: "error",
    message: (f: Registration) =>
      `the injector did not answer, and its registration ${quote(f.registration)} has failurePolicy: Ignore, so the pod was stored without an agent`,
    help: "Check that the injector's pods run and that the API server can reach them; then create the pod again",
  },
  "diagnose.injector-certificate": {
    severity: "error",
    message: (f: Registration) =>
      `the API server does not trust the injector: the caBundle of ${quote(f.registration)} does not match the certificate that the injector serves`,
    help: "Restart the injector, which then updates its caBundle; with several replicas, enable leader election",
  },
  "diagnose.unscheduled": {
    severity: "error",
    message: (f: { reason: string }) => `the pod is not scheduled to a node: ${f.reason}`,
    help: "This is about the cluster's capacity or the pod's selectors, not about Vault",
  },
  "diagnose.image-pull": {
    severity: "error",
    message: (f: Container & { image: string; reason: string }) =>
      `the image ${quote(f.image)} of the container ${quote(f.container)} cannot be pulled: ${f.reason}`,
    help: "Correct the image's name, or give the namespace a pull secret; the annotation agent-image or the injector's own setting names the agent's image",
  },
  "diagnose.volume": {
    severity: "error",
    message: (f: { reason: string }) => `a volume of the pod cannot be mounted: ${f.reason}`,
    help: "Create the Secret or ConfigMap that the message names, in the pod's namespace",
  },
  "diagnose.container-config": {
    severity: "error",
    message: (f: Container & { reason: string }) =>
      `the container ${quote(f.container)} cannot be created: ${f.reason}`,
    help: "Correct the cause that the message names",
  },
  "diagnose.variable-refused": {
    severity: "error",
    message: () =>
      'the API server refuses it: a variable is read from the volume "vault-secrets", which the Vault Agent Injector has not added',
    help: "Run `flyte-vault-webhook doctor`: the injector is not installed, does not answer, or is called before this webhook; or the pod switches it off (agent-inject)",
  },
  "diagnose.variable-dropped": {
    severity: "error",
    message: () =>
      "the API server refuses it: it is older than Kubernetes 1.35, and drops the part of a variable that names its file (fileKeyRef)",
    help: "Upgrade the API server, or set policy.envVars: refuse; until then, ask for a file",
  },
  "diagnose.variable-file": {
    severity: "error",
    message: (f: Container) =>
      `the kubelet cannot read the file of a variable for the container ${quote(f.container)}: the agent has not written the file before this container starts, or the kubelet cannot parse it`,
    help: 'If it is an init container before the agent, let the agent run first: agent-init-first: "true". Otherwise the kubelet\'s log on the node says why ("Failed to parse env file")',
  },
  "diagnose.variable-empty": {
    severity: "error",
    message: (f: Container & { file: string }) =>
      `the file ${quote(f.file)} has no value for a variable of the container ${quote(f.container)}`,
    help: "Write a value that is not empty in Vault; or ask for a file, which may be empty",
  },
  "diagnose.variable-finalizer": {
    severity: "error",
    message: (f: { finalizer: string }) =>
      `it is deleted, but nobody removes its finalizer ${quote(f.finalizer)}: a Flyte before 1.16.4, or before 2.0.19, drops variables that are read from files, and the API server refuses its update`,
    help: 'Remove the finalizer: kubectl patch pod NAME --type=merge -p \'{"metadata":{"finalizers":null}}\'; then upgrade Flyte, or set inject-finalizer: false',
  },
  "diagnose.variable-unfit": {
    severity: "error",
    message: (f: Path & { key: string }) =>
      `the key ${quote(f.key)} of the secret ${quote(f.path)} cannot be a variable: its value is empty or too long, or has a single quote, a carriage return, NUL or invalid UTF-8`,
    help: "Ask for a file (mount_requirement=FILE in flytekit, mount= in the v2 SDK), or change the value in Vault",
  },
  "diagnose.init-order": {
    severity: "error",
    message: (f: Container) =>
      `the init container ${quote(f.container)} runs before the agent and does not finish`,
    help: 'If it waits for a secret, let the agent run first: agent-init-first: "true"',
  },
  "diagnose.mesh": {
    severity: "error",
    message: (f: Server & { mesh: string }) =>
      `the agent has no network: ${f.mesh} redirects the pod's connections before its proxy runs, so Vault at ${f.address} is not reachable`,
    help: "Exclude Vault's port from redirection (traffic.sidecar.istio.io/excludeOutboundPorts), or run the proxy as a native sidecar before the agent",
  },
  "diagnose.out-of-memory": {
    severity: "error",
    message: (f: Container) =>
      `the container ${quote(f.container)} was killed because it used too much memory`,
    help: "Raise the annotation agent-limits-mem",
  },
  "diagnose.agent-failed": {
    severity: "error",
    message: (f: { reason: string }) => `the Vault Agent fails: ${f.reason}`,
    help: "Read the agent's log: kubectl logs POD -c vault-agent-init",
  },
  "diagnose.role-unknown": {
    severity: "error",
    message: (f: Login) => `Vault has no role ${quote(f.role)} at ${f.mount}`,
    help: `Correct the role (webhook.vaultSecretManager.role or the annotation), or have it created. ${ASK_VAULT}`,
  },
  "diagnose.account-not-bound": {
    severity: "error",
    message: (f: Login) =>
      `Vault refuses the login: the role ${quote(f.role)} is not bound to the service account ${quote(f.account)}`,
    help: `Bind it (bound_service_account_names), or run the task with another service account. ${ASK_VAULT}`,
  },
  "diagnose.namespace-not-bound": {
    severity: "error",
    message: (f: Login) =>
      `Vault refuses the login: the role ${quote(f.role)} is not bound to the Kubernetes namespace of ${quote(f.account)}`,
    help: `Bind it (bound_service_account_namespaces). ${ASK_VAULT}`,
  },
  "diagnose.audience": {
    severity: "error",
    message: (f: Login) =>
      `Vault refuses the login: the role ${quote(f.role)} expects another audience than that of the pod's token`,
    help: `Set the role's audience to that of the token, or mount a token with the role's audience (agent-service-account-token-volume-name). ${ASK_VAULT}`,
  },
  "diagnose.login-denied": {
    severity: "error",
    message: (f: Login) =>
      `Vault refuses the login at ${f.mount} without a reason: no auth method is mounted there, or Vault cannot get the token of ${quote(f.account)} reviewed`,
    help: `Check the annotation auth-path; then the auth method's kubernetes_host, its CA and its right to create TokenReviews. ${ASK_VAULT}`,
  },
  "diagnose.auth-path": {
    severity: "error",
    message: (f: Login) => `Vault has no auth method mounted at ${f.mount}`,
    help: `Set the annotation auth-path to the mount, such as auth/kubernetes. ${ASK_VAULT}`,
  },
  "diagnose.vault-namespace": {
    severity: "error",
    message: (f: { namespace: string }) => `Vault has no namespace ${quote(f.namespace)}`,
    help: `Correct the annotation namespace. ${ASK_VAULT}`,
  },
  "diagnose.token-missing": {
    severity: "error",
    message: (f: { file: string }) =>
      `the agent has no token to log in with: it cannot read ${quote(f.file)}`,
    help: "Name the token's volume in agent-service-account-token-volume-name, and let the agent's user read it (fsGroup)",
  },
  "diagnose.read-denied": {
    severity: "error",
    message: (f: Path & { role: string }) =>
      `Vault refuses to read ${quote(f.path)}: no policy of the role ${quote(f.role)} allows it`,
    help: `Correct the secret's group, or have read access added to the policy. ${ASK_VAULT}`,
  },
  "diagnose.secret-missing": {
    severity: "error",
    message: (f: Path) => `Vault has no secret at ${quote(f.path)}`,
    help: "Correct the secret's group (a version 2 engine needs data/ after its mount), or write the secret",
  },
  "diagnose.key-missing": {
    severity: "error",
    message: (f: Path & { key: string }) => `the secret ${quote(f.path)} has no key ${quote(f.key)}`,
    help: "Correct the secret's key in the task, or add the key in Vault",
  },
  "diagnose.kv-version": {
    severity: "error",
    message: (f: Path) =>
      `${quote(f.path)} belongs to another version of the key-value engine than the template reads`,
    help: 'Ask for the right version: group_version="kv1" or "kv2", or webhook.vaultSecretManager.kvVersion; version 2 paths have data/ after the mount',
  },
  "diagnose.template": {
    severity: "error",
    message: (f: { reason: string }) => `the agent cannot render a template: ${f.reason}`,
    help: "Correct the template annotation; `flyte-vault-webhook preview --as-created -o table` shows who set it",
  },
  "diagnose.dns": {
    severity: "error",
    message: (f: { host: string }) => `the agent cannot resolve ${quote(f.host)}`,
    help: "Correct Vault's address (annotation service, or the injector's own setting), or the cluster's DNS",
  },
  "diagnose.refused": {
    severity: "error",
    message: (f: Server) => `nothing listens at Vault's address ${f.address}: the connection is refused`,
    help: "Correct Vault's address and port, or check that Vault runs",
  },
  "diagnose.timeout": {
    severity: "error",
    message: (f: Server) => `Vault at ${f.address} does not answer in time`,
    help: "Look for a NetworkPolicy, firewall or mesh between the pod and Vault; a sealed or overloaded Vault is slow as well",
  },
  "diagnose.tls-authority": {
    severity: "error",
    message: (f: Server) => `the agent does not trust the certificate of Vault at ${f.address}`,
    help: "Mount its CA certificate and name it: tls-secret with ca-cert: /vault/tls/ca.crt (plugin private-ca)",
  },
  "diagnose.tls-name": {
    severity: "error",
    message: (f: Server & { reason: string }) =>
      `the certificate of Vault at ${f.address} is for another name: ${f.reason}`,
    help: "Use a name that the certificate has, or set tls-server-name",
  },
  "diagnose.tls-expired": {
    severity: "error",
    message: (f: Server) => `the certificate of Vault at ${f.address} has expired, or is not valid yet`,
    help: `Have it renewed. ${ASK_VAULT}`,
  },
  "diagnose.tls-plain": {
    severity: "error",
    message: (f: Server) => `http and https are mixed up in Vault's address ${f.address}`,
    help: "Correct the scheme of Vault's address (annotation service, or the injector's own setting)",
  },
  "diagnose.quota": {
    severity: "error",
    message: (f: { reason: string }) => `Vault refuses the request because a quota is used up: ${f.reason}`,
    help: `Start fewer pods at once, or have the quota raised. ${ASK_VAULT}`,
  },
  "diagnose.sealed": {
    severity: "error",
    message: (f: Server) => `Vault at ${f.address} is sealed`,
    help: `Have it unsealed. ${ASK_VAULT}`,
  },
  "diagnose.folder": {
    severity: "error",
    message: (f: Container & { looks: string; written: string }) =>
      `the container ${quote(f.container)} looks for its secrets in ${quote(f.looks)}, but they are written to ${quote(f.written)}`,
    help: "Remove the annotation secret-volume-path, or set FLYTE_SECRETS_DEFAULT_DIR to the same folder",
  },
  "diagnose.no-mount": {
    severity: "error",
    message: (f: Container) => `the container ${quote(f.container)} does not mount the folder of secrets`,
    help: "Remove agent-inject-containers, or add the container's name to it",
  },
  "diagnose.waiting": {
    severity: "info",
    message: (f: { reason: string }) => `it is still starting: ${f.reason}`,
    help: "Run the command again in a minute",
  },
});
