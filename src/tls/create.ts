/** Creates a CA and a certificate that it issues, for clusters without cert-manager. */
import { isIP } from "node:net";
import type { Issue } from "../core/issue/issue.ts";
import { tlsIssues } from "../core/issue/tls.ts";
import { failure, isNonEmpty, type Result, success } from "../core/result.ts";
import { DAY_MS, renderDay } from "./day.ts";
import { isKeyOf, parseChain } from "./inspect.ts";
import type { KeyPair } from "./self-signed.ts";
import { generateKeys, importKey, loadX509, renderKey, SIGNING, toSubjectNames, type X509 } from "./x509.ts";

/** What to create. */
export interface CertificateOrder {
  /** DNS names and IP addresses of the server, the Service's `<name>.<namespace>.svc` first. */
  readonly names: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Days for which the certificate is valid; 365 by default. */
  readonly days?: number;
  /** `server` by default. With `server.clientCa`, the API server has to present a `client` certificate. */
  readonly usage?: "server" | "client";
  /** An existing CA; reuse it at a renewal to leave the registration's `caBundle` unchanged. */
  readonly issuer?: KeyPair;
}

/** A CA, and a server certificate that it issued. */
export interface MadeCertificates {
  /** Its certificate is the registration's `caBundle`. Keep its key outside the cluster; renewals need it. */
  readonly ca: KeyPair;
  readonly server: KeyPair;
}

/** A CA that can sign. */
interface Authority {
  readonly certificate: InstanceType<X509["X509Certificate"]>;
  readonly key: CryptoKey;
}

/** Ten years: the CA must outlive every certificate that is renewed under it. */
const CA_DAYS = 3_650;
const MOST_DAYS = 3_650;
const DEFAULT_DAYS = 365;
const DNS_NAME =
  /^(?=.{1,253}$)(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/**
 * Makes a CA and a server certificate.
 *
 * @returns PEM texts, or everything that is wrong with the order
 */
export async function createCertificates(order: CertificateOrder): Promise<Result<MadeCertificates>> {
  const { names, now, days = DEFAULT_DAYS } = order;
  const issues: Issue[] = names
    .filter((name) => isIP(name) === 0 && !DNS_NAME.test(name))
    .map((name) => tlsIssues["tls.name-malformed"]({ name }));
  if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS) {
    issues.push(tlsIssues["tls.days-malformed"]({ days }));
  }
  if (isNonEmpty(issues)) return failure(issues);
  const x509 = await loadX509();
  const ca = order.issuer ?? (await createAuthority(now, x509));
  const authority = await readIssuer(ca, now + days * DAY_MS, x509);
  if (!authority.ok) return authority;
  const server = { names, now, days, usage: order.usage ?? "server" } as const;
  return success({ ca, server: await issueCertificate(authority.value, server, x509) });
}

/**
 * Renders a Secret of type `kubernetes.io/tls`, as cert-manager writes them; the CA's key is not in it.
 *
 * @returns YAML
 */
export function renderSecret(made: MadeCertificates, name: string, namespace: string): string {
  const lines = { "ca.crt": made.ca.cert, "tls.crt": made.server.cert, "tls.key": made.server.key };
  const data = Object.entries(lines).map(([file, pem]) => `  ${file}: ${btoa(pem)}`);
  return [
    "apiVersion: v1",
    "kind: Secret",
    "metadata:",
    `  name: ${name}`,
    `  namespace: ${namespace}`,
    "type: kubernetes.io/tls",
    "data:",
    ...data,
    "",
  ].join("\n");
}

async function createAuthority(now: number, x509: X509): Promise<KeyPair> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=flyte-vault-webhook CA",
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + CA_DAYS * DAY_MS),
    signingAlgorithm: SIGNING,
    keys,
    extensions: [
      // pathlen 0: this CA cannot issue further CAs.
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: `${certificate.toString("pem")}\n`, key: await renderKey(keys, x509) };
}

async function issueCertificate(
  authority: Authority,
  { names, now, days, usage }: Required<Omit<CertificateOrder, "issuer">>,
  x509: X509,
): Promise<KeyPair> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    subject: "CN=flyte-vault-webhook",
    issuer: authority.certificate.subject,
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + days * DAY_MS),
    signingAlgorithm: SIGNING,
    signingKey: authority.key,
    publicKey: keys.publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[`${usage}Auth`]]),
      new x509.SubjectAlternativeNameExtension(toSubjectNames(names)),
      await x509.AuthorityKeyIdentifierExtension.create(authority.certificate.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: `${certificate.toString("pem")}\n`, key: await renderKey(keys, x509) };
}

/** @param until end of validity of the certificate to issue, milliseconds since the epoch */
async function readIssuer({ cert, key }: KeyPair, until: number, x509: X509): Promise<Result<Authority>> {
  const fail = (reason: string) => failure([tlsIssues["tls.authority-malformed"]({ reason })]);
  const chain = parseChain(cert);
  if (typeof chain === "string") return fail(`ca.crt: ${chain}`);
  const [own] = chain;
  if (!own.ca) return fail("ca.crt is not the certificate of a CA");
  const matches = isKeyOf(own, key);
  if (matches !== true)
    return fail(matches === false ? "ca.key is not the key of ca.crt" : `ca.key: ${matches}`);
  const certificate = new x509.X509Certificate(own.raw);
  // Certificates hold whole seconds.
  if (certificate.notAfter.getTime() + 1_000 < until) {
    const notAfter = renderDay(certificate.notAfter.getTime());
    return failure([tlsIssues["tls.authority-expires"]({ notAfter })]);
  }
  try {
    const [pkcs8 = new ArrayBuffer(0)] = x509.PemConverter.decode(key);
    return success({ certificate, key: await importKey(pkcs8) });
  } catch (error) {
    return fail(`ca.key: ${error instanceof Error ? error.message : String(error)}`);
  }
}
