/** A self-signed certificate, kept in memory only, for trying out the webhook without certificate files. */
import { DAY_MS } from "./day.ts";
import { generateKeys, loadX509, renderKey, SIGNING, toSubjectNames } from "./x509.ts";

/** PEM texts of a certificate and its key. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/**
 * Makes a self-signed server certificate.
 *
 * @param names DNS names and IP addresses that it is for
 * @param now milliseconds since the epoch
 * @param days how long it is valid
 */
export async function createSelfSigned(names: readonly string[], now: number, days = 30): Promise<KeyPair> {
  const x509 = await loadX509();
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=flyte-vault-webhook (self-signed)",
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + days * DAY_MS),
    signingAlgorithm: SIGNING,
    keys,
    extensions: [
      new x509.SubjectAlternativeNameExtension(toSubjectNames(names)),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    ],
  });
  return { cert: certificate.toString("pem"), key: await renderKey(keys, x509) };
}
