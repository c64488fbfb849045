/** What is told about the manifests of an installation. */
import { defineIssues, quote } from "./issue.ts";

export const manifestIssues = defineIssues({
  "manifests.option": {
    severity: "error",
    message: (f: { option: string; value: string; wanted: string }) =>
      `The option ${f.option} is ${quote(f.value)}; wanted is ${f.wanted}`,
    help: (f: { option: string; wanted: string }) => `Set ${f.option} to ${f.wanted}`,
  },
  "manifests.authority": {
    severity: "error",
    message: (f: { file: string; found: string }) =>
      `${quote(f.file)} cannot be the authority that the API server trusts: it holds ${f.found}`,
    help: "Give the file with the authority's certificate (PEM), and nothing else in it: what is printed is public",
  },
  "manifests.secret": {
    severity: "info",
    message: (f: { name: string; keys: string; namespace: string }) =>
      `The pods need the Secret ${f.name} with ${f.keys}, which is not printed`,
    help: (f: { name: string; namespace: string }) =>
      `Create it before: kubectl -n ${f.namespace} create secret …, or with the operator that keeps your secrets (${f.name})`,
  },
  "manifests.plugin-file": {
    severity: "warning",
    message: (f: { use: string }) => `The plugin ${quote(f.use)} is a file that the pods do not have`,
    help: "Copy it into the image, or give --with team-plugins and make its ConfigMap, and name it as /etc/flyte-vault-webhook/plugins/…",
  },
});
