/** What can be wrong with a cluster in which tasks get their secrets from Vault. */
import { defineIssues, quote } from "./define.ts";

interface Registration {
  readonly registration: string;
}

export const doctorIssues = defineIssues({
  "doctor.not-registered": {
    severity: "error",
    message: () => "This webhook is not registered: no MutatingWebhookConfiguration has its webhook",
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
    help: "Leave one of them: `flyte-vault-webhook manifests --pilot` prints both registrations as complements",
  },
  "doctor.nobody-serves": {
    severity: "warning",
    message: (f: { namespaces: string }) => `No webhook serves the pods of ${f.namespaces}`,
    help: "Nothing to do if no Flyte task runs there; else widen webhook.namespaceSelector",
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
    help: "Apply the printed manifests; only the component observe has Ignore",
  },
  "doctor.injector-ignored": {
    severity: "warning",
    message: (f: Registration) =>
      `The injector's ${quote(f.registration)} has failurePolicy: Ignore and there is no guard: while the injector is down, tasks start without their secrets`,
    help: "Add the component injection-guard, or set injector.failurePolicy: Fail in the Helm chart of Vault",
  },
  "doctor.ca-missing": {
    severity: "error",
    message: (f: Registration) =>
      `${quote(f.registration)} has no caBundle: the API server trusts no private authority`,
    help: "cert-manager writes it (cert-manager.io/inject-ca-from); else pass --ca-bundle to manifests",
  },
  "doctor.ca-mismatch": {
    severity: "error",
    message: (f: Registration & { reason: string }) =>
      `The caBundle of ${quote(f.registration)} does not match the certificate that is served: ${f.reason}`,
    help: "Write the authority of the served certificate into caBundle; the injector does so when it is restarted",
  },
  "doctor.expired": {
    severity: "error",
    message: (f: Registration & { day: string }) =>
      `The certificate behind ${quote(f.registration)} has expired on ${f.day}`,
    help: "Renew it; with cert-manager, look at the Certificate's events",
  },
  "doctor.expires": {
    severity: "warning",
    message: (f: Registration & { day: string; days: number }) =>
      `The certificate behind ${quote(f.registration)} expires in ${f.days} days, on ${f.day}`,
    help: "Renew it; with cert-manager, look at why it has not been renewed",
  },
  "doctor.unreachable": {
    severity: "error",
    message: (f: Registration & { target: string; reason: string }) =>
      `Nothing answers at ${f.target}, which ${quote(f.registration)} names: ${f.reason}`,
    help: "See that its pods run and listen on the Service's port",
  },
  "doctor.service-missing": {
    severity: "error",
    message: (f: Registration & { target: string }) =>
      `${quote(f.registration)} names the Service ${f.target}, which does not exist: every pod that it selects is refused or passed over`,
    help: "Delete the registration if its webhook is gone (Flyte's stays behind), or create the Service",
  },
  "doctor.guard-missing": {
    severity: "warning",
    message: () => "The guard is not installed: a pod whose secrets are missing starts without a word",
    help: "Add the component injection-guard (ValidatingAdmissionPolicy)",
  },
  "doctor.guard-warns": {
    severity: "info",
    message: (f: { actions: string }) =>
      `The guard does not refuse anything yet: its actions are ${f.actions}`,
    help: "When its warnings are gone, add the component injection-guard-deny",
  },
  "doctor.configurations-differ": {
    severity: "error",
    message: (f: { hashes: string }) => `The replicas have different configurations: ${f.hashes}`,
    help: "Wait for the kubelet to write the ConfigMap everywhere (a minute), or look at /readyz of the older ones",
  },
  "doctor.replica-unready": {
    severity: "error",
    message: (f: { pod: string; reason: string }) => `The replica ${f.pod} is not ready: ${f.reason}`,
    help: "Read its log: kubectl logs",
  },
  "doctor.injector-version": {
    severity: "info",
    message: (f: { version: string }) =>
      `The injector's version is ${f.version}; this program was tried with 1.7.6`,
    help: "Nothing to do unless pods behave differently from what preview shows",
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
      `The API server is ${f.version}; the registration's matchConditions and the guard need 1.30`,
    help: "Upgrade Kubernetes, or remove matchConditions and the guard",
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
