/** What can be wrong with the certificate, at start and when its files change. */
import { defineIssues } from "./issue.ts";

const MOUNT_BOTH =
  "Mount a tls.crt and the tls.key that belongs to it, such as the Secret that cert-manager writes";

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
  "tls.certificate-malformed": {
    severity: "deny",
    message: (f: { file: string; reason: string }) =>
      `Cannot read ${f.file}: wanted are certificates as PEM, the server's own first (${f.reason})`,
    help: MOUNT_BOTH,
  },
  "tls.key-malformed": {
    severity: "deny",
    message: (f: { file: string; reason: string }) =>
      `Cannot read ${f.file}: wanted is a private key as PEM, without a passphrase (${f.reason})`,
    help: MOUNT_BOTH,
  },
  "tls.key-mismatch": {
    severity: "deny",
    message: (f: { folder: string }) =>
      `Cannot serve TLS: tls.key in ${f.folder} is not the key of tls.crt beside it`,
    help: MOUNT_BOTH,
  },
  "tls.expired": {
    severity: "deny",
    message: (f: { file: string; notAfter: string }) =>
      `Cannot serve TLS: the certificate in ${f.file} expired on ${f.notAfter}, and the API server would refuse it`,
    help: "Renew it; with cert-manager, `kubectl describe certificate` says why it has not done so",
  },
  "tls.not-yet-valid": {
    severity: "warning",
    message: (f: { file: string; notBefore: string }) =>
      `The certificate in ${f.file} is valid only from ${f.notBefore} on: until then the API server refuses it`,
    help: "Check the clocks of this machine and of the one that made the certificate",
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
    help: "Mount the files of one Secret; after a change of the CA, the registration's caBundle has to change as well",
  },
  "tls.rotation-failed": {
    severity: "error",
    message: (f: { reason: string; notAfter: string }) =>
      `The new certificate is not used, the one before goes on serving until ${f.notAfter}: ${f.reason}`,
    help: "Mend the files; they are looked at again as soon as they change",
  },
  "tls.expires-soon": {
    severity: "warning",
    message: (f: { notAfter: string; days: number }) =>
      `The certificate that is served expires on ${f.notAfter}, in ${f.days} days, and has not been renewed`,
    help: "Renew it; the files are picked up without a restart",
  },
  "tls.expired-serving": {
    severity: "error",
    message: (f: { notAfter: string }) =>
      `The certificate that is served expired on ${f.notAfter}: the API server refuses every call`,
    help: "Renew it now; the files are picked up without a restart",
  },
  "tls.client-ca-malformed": {
    severity: "deny",
    message: (f: { file: string; reason: string }) =>
      `Cannot check clients: ${f.file} of server.clientCa is no list of CA certificates as PEM (${f.reason})`,
    help: "Name the file with the CA that issued the API server's client certificate, or remove server.clientCa",
  },
  "tls.self-signed": {
    severity: "warning",
    message: (f: { folder: string }) =>
      `There is no certificate in ${f.folder}, so that a self-signed one was made in memory: no API server trusts it`,
    help: "Fine for trying things out; in a cluster, mount tls.crt and tls.key there",
  },
  "tls.name-malformed": {
    severity: "deny",
    message: (f: { name: string }) =>
      `Cannot make a certificate for ${JSON.stringify(f.name)}: it is neither a DNS name nor an IP address`,
    help: "Name the Service as the API server calls it, such as flyte-vault-webhook.flyte.svc",
  },
  "tls.file-exists": {
    severity: "error",
    message: (f: { file: string }) => `${f.file} exists already, and is left alone`,
    help: "Renew under the same CA with --renew, replace everything with --force, or write elsewhere with --out",
  },
  "tls.authority-unreadable": {
    severity: "error",
    message: (f: { file: string; reason: string }) => `Cannot renew: ${f.file} cannot be read (${f.reason})`,
    help: "Name the folder with the ca.crt and ca.key of the first run with --out, or make a new CA without --renew",
  },
  "tls.authority-malformed": {
    severity: "error",
    message: (f: { reason: string }) => `Cannot renew with the ca.crt and ca.key given: ${f.reason}`,
    help: "Bring back the two files of the first run (PEM; the key P-256, PKCS #8), or make a new CA with --force",
  },
  "tls.authority-expires": {
    severity: "error",
    message: (f: { notAfter: string }) =>
      `Cannot renew for that long: the CA expires on ${f.notAfter}, before the certificate would`,
    help: "Order fewer days, or make a new CA with --force and put its caBundle into the registration",
  },
  "tls.days-malformed": {
    severity: "deny",
    message: (f: { days: number | string }) =>
      `Cannot make a certificate for ${f.days} days: wanted is a whole number from 1 to 3650`,
    help: "A year (365) is common; renewing is running the command again",
  },
});
