/** Why there are no manifests for a configuration. */
import { defineIssues, quote } from "./issue.ts";

export const manifestIssues = defineIssues({
  "manifests.component-unknown": {
    severity: "deny",
    message: (f: { name: string; known: string; nearest: string | undefined }) =>
      `There is no component ${quote(f.name)}; there are ${f.known}`,
    help: (f: { known: string; nearest: string | undefined }) =>
      f.nearest === undefined ? `Name one of: ${f.known}` : `Did you mean ${f.nearest}?`,
  },
  "manifests.authority": {
    severity: "deny",
    message: (f: { file: string; reason: string }) => `${f.file} is no authority's certificate: ${f.reason}`,
    help: "Give the ca.crt that `flyte-vault-webhook certs` wrote, or the PEM certificate of your own authority",
  },
});
