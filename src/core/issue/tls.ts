/** What can be wrong with the certificate at start. */
import { defineIssues } from "./issue.ts";

export const tlsIssues = defineIssues({
  "tls.files-missing": {
    severity: "deny",
    message: (f: { folder: string }) =>
      `Cannot serve TLS: ${f.folder} has no tls.crt and tls.key, and a pod's certificate must be one that the API server trusts`,
    help: "Mount a certificate there, such as the Secret that cert-manager writes, or set webhook.certDir to where it is",
  },
  "tls.file-unreadable": {
    severity: "deny",
    message: (f: { file: string; reason: string }) => `Cannot read ${f.file}: ${f.reason}`,
    help: "Mount both tls.crt and tls.key, readable for the webhook's user",
  },
  "tls.self-signed": {
    severity: "warning",
    message: (f: { folder: string }) =>
      `There is no certificate in ${f.folder}, so that a self-signed one was made in memory: no API server trusts it`,
    help: "Fine for trying things out; in a cluster, mount tls.crt and tls.key there",
  },
});
