/** Messages about the TLS certificate, at start and when its files change. */
import { defineIssues } from "./define.ts";

const MOUNT_BOTH =
  "Mount a tls.crt and the matching tls.key, for example the Secret that cert-manager writes";

/** Issues about the TLS certificate, by code. */
export const tlsIssues = defineIssues({
  "tls.files-missing": {
    severity: "error",
    message: (f: { folder: string }) =>
      `Cannot serve TLS: ${f.folder} has no tls.crt and tls.key, and inside a pod the certificate must be one that the API server trusts`,
    help: "Mount a certificate there, for example the Secret that cert-manager writes, or set webhook.certDir to its folder",
  },
  "tls.file-unreadable": {
    severity: "error",
    message: (f: { file: string; reason: string }) => `Cannot read ${f.file}: ${f.reason}`,
    help: "Mount both tls.crt and tls.key, readable by the webhook's user",
  },
  "tls.certificate-malformed": {
    severity: "error",
    message: (f: { file: string; reason: string }) =>
      `Cannot read ${f.file}: expected PEM certificates, the server's own first (${f.reason})`,
    help: MOUNT_BOTH,
  },
  "tls.key-malformed": {
    severity: "error",
    message: (f: { file: string; reason: string }) =>
      `Cannot read ${f.file}: expected a PEM private key without a passphrase (${f.reason})`,
    help: MOUNT_BOTH,
  },
  "tls.key-mismatch": {
    severity: "error",
    message: (f: { folder: string }) =>
      `Cannot serve TLS: tls.key in ${f.folder} does not match the tls.crt beside it`,
    help: MOUNT_BOTH,
  },
  "tls.expired": {
    severity: "error",
    message: (f: { file: string; notAfter: string }) =>
      `Cannot serve TLS: the certificate in ${f.file} expired on ${f.notAfter}, and the API server would refuse it`,
    help: "Renew it; with cert-manager, `kubectl describe certificate` says why it has not done so",
  },
  "tls.not-yet-valid": {
    severity: "warning",
    message: (f: { file: string; notBefore: string }) =>
      `The certificate in ${f.file} is not valid before ${f.notBefore}: until then the API server refuses it`,
    help: "Check the clocks of this machine and of the one that issued the certificate",
  },
  "tls.name-missing": {
    severity: "warning",
    message: (f: { file: string; name: string; found: string }) =>
      `The certificate in ${f.file} is for ${f.found}, not for ${f.name}: the API server would refuse every call with "x509: certificate is valid for …, not ${f.name}"`,
    help: "Add that name to the certificate's dnsNames, or set webhook.serviceName to the Service that it was made for",
  },
  "tls.ca-mismatch": {
    severity: "warning",
    message: (f: { folder: string }) =>
      `No certificate of tls.crt in ${f.folder} was issued by ca.crt beside it: an API server that trusts this ca.crt refuses the connection`,
    help: "Mount the files of one Secret; after a change of the CA, update the caBundle of the registration",
  },
  "tls.rotation-failed": {
    severity: "error",
    message: (f: { reason: string; notAfter: string }) =>
      `Cannot use the new certificate: ${f.reason}; still serving the previous one, valid until ${f.notAfter}`,
    help: "Correct the files; they are read again when they change",
  },
  "tls.expires-soon": {
    severity: "warning",
    message: (f: { notAfter: string; days: number }) =>
      `The serving certificate expires on ${f.notAfter}, in ${f.days} days, and has not been renewed`,
    help: "Renew it; the webhook reads the new files without a restart",
  },
  "tls.expired-serving": {
    severity: "error",
    message: (f: { notAfter: string }) =>
      `The serving certificate expired on ${f.notAfter}: the API server refuses every call`,
    help: "Renew it now; the webhook reads the new files without a restart",
  },
  "tls.client-ca-malformed": {
    severity: "error",
    message: (f: { file: string; reason: string }) =>
      `Cannot check clients: expected PEM CA certificates in ${f.file}, the file of server.clientCa (${f.reason})`,
    help: "Name the file with the CA that issued the API server's client certificate, or remove server.clientCa",
  },
  "tls.self-signed": {
    severity: "warning",
    message: (f: { folder: string }) =>
      `Found no certificate in ${f.folder}: serving a self-signed one made in memory, which no API server trusts`,
    help: "This is fine for local tests; in a cluster, mount tls.crt and tls.key there",
  },
  "tls.name-malformed": {
    severity: "error",
    message: (f: { name: string }) =>
      `Cannot make a certificate for ${JSON.stringify(f.name)}: it is neither a DNS name nor an IP address`,
    help: "Use the name by which the API server calls the Service, for example flyte-vault-webhook.flyte.svc",
  },
  "tls.file-exists": {
    severity: "error",
    message: (f: { file: string }) => `File ${f.file} already exists; not overwritten`,
    help: "Renew under the same CA with --renew, replace everything with --force, or choose another folder with --out",
  },
  "tls.authority-unreadable": {
    severity: "error",
    message: (f: { file: string; reason: string }) => `Cannot renew: cannot read ${f.file} (${f.reason})`,
    help: "Name the folder with the ca.crt and ca.key of the first run with --out, or make a new CA without --renew",
  },
  "tls.authority-malformed": {
    severity: "error",
    message: (f: { reason: string }) => `Cannot renew with the ca.crt and ca.key given: ${f.reason}`,
    help: "Restore the two files of the first run (PEM; the key P-256, PKCS #8), or make a new CA with --force",
  },
  "tls.authority-expires": {
    severity: "error",
    message: (f: { notAfter: string }) =>
      `Cannot renew for that long: the CA expires on ${f.notAfter}, before the certificate would`,
    help: "Use fewer --days, or make a new CA with --force and put its caBundle into the registration",
  },
  "tls.days-malformed": {
    severity: "error",
    message: (f: { days: number | string }) =>
      `Cannot make a certificate for ${f.days} days: expected a whole number from 1 to 3650`,
    help: "Use for example 365; run the command again with --renew before it expires",
  },
});
