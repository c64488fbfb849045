/** Messages about a cluster whose tasks get their secrets from Vault. */
import { defineIssues, quote } from "./define.ts";

interface Registration {
  readonly registration: string;
}

/** Issues about a cluster, by code. */
export const doctorIssues = defineIssues({
  "doctor.not-registered": {
    severity: "error",
    message: () => "This webhook is not registered: no MutatingWebhookConfiguration contains it",
    help: "Apply what `flyte-vault-webhook manifests` prints",
  },
  "doctor.injector-missing": {
    severity: "error",
    message: () => "The Vault Agent Injector is not registered: no pod gets an agent",
    help: "Install it: Helm chart hashicorp/vault with injector.enabled",
  },
  "doctor.order": {
    severity: "error",
    message: (f: Registration & { other: string }) =>
      `${quote(f.registration)} is called after the injector's ${quote(f.other)}: the injector sees pods without annotations and leaves them alone`,
    help: "The API server calls registrations in the order of their names: name it 00-flyte-vault-webhook",
  },
  "doctor.two-serve": {
    severity: "warning",
    message: (f: { namespaces: string; names: string }) =>
      `Two webhooks serve the pods of ${f.namespaces}: ${f.names}`,
    help: "Keep one of them: `flyte-vault-webhook manifests --pilot` prints registrations that do not overlap",
  },
  "doctor.nobody-serves": {
    severity: "warning",
    message: (f: { namespaces: string }) => `No webhook serves the pods of ${f.namespaces}`,
    help: "Nothing to do if no Flyte task runs there; otherwise extend webhook.namespaceSelector",
  },
  "doctor.timeouts": {
    severity: "warning",
    message: (f: { seconds: number; names: string }) =>
      `The webhooks for a Flyte pod may take ${f.seconds} s together, more than the 30 s of an API request: ${f.names}`,
    help: "Lower timeoutSeconds: 10 s each is enough",
  },
  "doctor.failure-policy": {
    severity: "error",
    message: (f: Registration) =>
      `${quote(f.registration)} has failurePolicy: Ignore: while the webhook is down, tasks start without their secrets`,
    help: "Apply what `flyte-vault-webhook manifests` prints; only the component observe uses Ignore",
  },
  "doctor.injector-ignored": {
    severity: "warning",
    message: (f: Registration) =>
      `The injector's ${quote(f.registration)} has failurePolicy: Ignore, and no guard is installed: while the injector is down, tasks start without their secrets`,
    help: "Add the component injection-guard, or set injector.failurePolicy: Fail in the Helm chart of Vault",
  },
  "doctor.ca-missing": {
    severity: "error",
    message: (f: Registration) =>
      `${quote(f.registration)} has no caBundle: the API server does not trust a certificate from a private CA`,
    help: "Let cert-manager write it (cert-manager.io/inject-ca-from), or pass --ca-bundle to manifests",
  },
  "doctor.ca-mismatch": {
    severity: "error",
    message: (f: Registration & { target: string; reason: string }) =>
      `The caBundle of ${quote(f.registration)} does not match the certificate that ${f.target} serves: ${f.reason}`,
    help: "Write the serving certificate's CA into caBundle; the injector does so when it is restarted",
  },
  "doctor.expired": {
    severity: "error",
    message: (f: Registration & { target: string; day: string }) =>
      `The certificate of ${f.target}, which ${quote(f.registration)} calls, expired on ${f.day}`,
    help: "Renew it; with cert-manager, the Certificate's events say why this has not happened",
  },
  "doctor.expires": {
    severity: "warning",
    message: (f: Registration & { target: string; day: string; days: number }) =>
      `The certificate of ${f.target}, which ${quote(f.registration)} calls, expires in ${f.days} days, on ${f.day}`,
    help: "Renew it; with cert-manager, the Certificate's events say why this has not happened",
  },
  "doctor.unreachable": {
    severity: "error",
    message: (f: Registration & { target: string; reason: string }) =>
      `Nothing answers at ${f.target}, which ${quote(f.registration)} names: ${f.reason}`,
    help: "Check that its pods run and listen on the Service's port",
  },
  "doctor.service-missing": {
    severity: "error",
    message: (f: Registration & { target: string }) =>
      `${quote(f.registration)} names the Service ${f.target}, which does not exist: every pod that it selects is refused, or stored unchanged with failurePolicy: Ignore`,
    help: "Delete the registration if its webhook was removed (Flyte's leaves it behind), or create the Service",
  },
  "doctor.guard-missing": {
    severity: "warning",
    message: () => "The guard is not installed: a pod without its secrets starts without any warning",
    help: "Add the component injection-guard (ValidatingAdmissionPolicy)",
  },
  "doctor.guard-warns": {
    severity: "info",
    message: (f: { actions: string }) =>
      `The guard does not refuse anything yet: its actions are ${f.actions}`,
    help: "When it no longer warns, add the component injection-guard-deny",
  },
  "doctor.configurations-differ": {
    severity: "error",
    message: (f: { hashes: string }) => `The replicas have different configurations: ${f.hashes}`,
    help: "Wait about a minute for the kubelets to update the mounted ConfigMap; /readyz of a replica says why it keeps an older one",
  },
  "doctor.replica-unready": {
    severity: "error",
    message: (f: { pod: string; reason: string }) => `The replica ${f.pod} is not ready: ${f.reason}`,
    help: "Read its log: kubectl logs",
  },
  "doctor.injector-version": {
    severity: "info",
    message: (f: { version: string }) =>
      `The injector's version is ${f.version}; this program was tested with 1.7.6`,
    help: "Nothing to do unless pods behave differently from what preview shows",
  },
  "doctor.injector-flag": {
    severity: "warning",
    message: (f: { name: string; problem: string }) => `The injector's option ${quote(f.name)} ${f.problem}`,
    help: "Correct the arguments and variables of its Deployment (vault-k8s agent-inject -h)",
  },
  "doctor.injector-differs": {
    severity: "warning",
    message: (f: { settings: string }) =>
      `The configuration describes another injector than the one that runs: ${f.settings}`,
    help: "Correct injector.version and injector.flags, on which checks and previews rely",
  },
  "doctor.injector-unset": {
    severity: "info",
    message: (f: { settings: string }) =>
      `The injector runs with values other than its defaults that the configuration does not mention: ${f.settings}`,
    help: "Copy them to injector.flags, so that checks and previews show the pods of this cluster",
  },
  "doctor.injector-address": {
    severity: "error",
    message: (f: { value: string }) =>
      `The injector's Vault address is ${quote(f.value)}, which has no scheme: every agent fails`,
    help: "Set global.externalVaultAddr or injector.externalVaultAddr to https://…",
  },
  "doctor.api-server": {
    severity: "error",
    message: (f: { version: string }) =>
      `The API server is ${f.version}; matchConditions in the registration and the guard need 1.30`,
    help: "Upgrade Kubernetes, or remove matchConditions and the guard",
  },
  "doctor.old-kubelets": {
    severity: "error",
    message: (f: { nodes: string }) =>
      `policy.envVars is on, and nodes are older than Kubernetes 1.35: tasks there start with empty variables. They are ${f.nodes}`,
    help: "Upgrade these nodes, keep tasks away from them, or set policy.envVars: refuse",
  },
  "doctor.variable-dropped": {
    severity: "error",
    message: (f: { reason: string }) =>
      `policy.envVars is on, and the API server refuses pods with variables: ${f.reason}`,
    help: "API servers take fileKeyRef since 1.35 (in 1.34 with the feature gate EnvFiles): upgrade, or set policy.envVars: refuse",
  },
  "doctor.dry-run-refused": {
    severity: "error",
    message: (f: { namespace: string; reason: string }) =>
      `A sample pod would be refused in ${f.namespace}: ${f.reason}`,
    help: "The message names who refused it and why",
  },
  "doctor.dry-run-bare": {
    severity: "error",
    message: (f: { namespace: string; lacks: string }) =>
      `A sample pod in ${f.namespace} would lack ${f.lacks}`,
    help: "See the other findings; without one, read the log of the webhook that should have added it",
  },
});
