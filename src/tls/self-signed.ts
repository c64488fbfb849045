/** A certificate that lives in memory only: for trying the webhook out, where no certificate was given. */

/** PEM texts of a certificate and its key. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;
const EC: EcKeyGenParams = { name: "ECDSA", namedCurve: "P-256" };

/**
 * Makes a self-signed server certificate.
 *
 * @param names DNS names and IP addresses that it is for
 * @param now milliseconds since the epoch
 * @param days how long it is valid
 */
export async function createSelfSigned(names: readonly string[], now: number, days = 30): Promise<KeyPair> {
  // Loaded when needed: a server with a certificate of its own starts without it.
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const keys = await crypto.subtle.generateKey(EC, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=flyte-vault-webhook (self-signed)",
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + days * DAY_MS),
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    keys,
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({
          type: /^[\d.]+$|:/.test(value) ? ("ip" as const) : ("dns" as const),
          value,
        })),
      ),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    ],
  });
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { cert: certificate.toString("pem"), key: x509.PemConverter.encode(pkcs8, "PRIVATE KEY") };
}
