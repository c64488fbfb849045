/** Parses a certificate and finds the reasons why an API server would not trust it. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { join } from "node:path";
import type { Issue } from "../core/issue/issue.ts";
import { tlsIssues } from "../core/issue/tls.ts";
import { failure, type Result, success } from "../core/result.ts";
import { renderDay } from "./day.ts";
import type { KeyPair } from "./self-signed.ts";

/** A certificate that can be served. */
export interface Certificate extends KeyPair {
  /** End of its validity, milliseconds since the epoch. */
  readonly notAfter: number;
  /** CA certificates that clients are checked against (`server.clientCa`), as PEM. */
  readonly clientCa?: string;
  /** Whether this process created it, so that no API server trusts it. */
  readonly selfSigned: boolean;
}

/** Texts of the files in `webhook.certDir`. */
export interface CertificateFiles extends KeyPair {
  /** Text of ca.crt, if there is one. It is checked for warnings but never served. */
  readonly ca?: string;
}

const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Checks a certificate and its key.
 *
 * @param files texts of tls.crt, tls.key and ca.crt
 * @param folder where they lie, for the messages
 * @param names what the API server will call the server; each that is not covered is a warning
 * @param now milliseconds since the epoch
 */
export function inspectCertificate(
  files: CertificateFiles,
  folder: string,
  names: readonly string[],
  now: number,
): Result<Certificate> {
  const file = join(folder, "tls.crt");
  const chain = parseChain(files.cert);
  if (typeof chain === "string")
    return failure([tlsIssues["tls.certificate-malformed"]({ file, reason: chain })]);
  const [own] = chain;
  const matches = isKeyOf(own, files.key);
  if (typeof matches === "string") {
    return failure([tlsIssues["tls.key-malformed"]({ file: join(folder, "tls.key"), reason: matches })]);
  }
  if (!matches) return failure([tlsIssues["tls.key-mismatch"]({ folder })]);
  const notAfter = Date.parse(own.validTo);
  if (notAfter <= now) return failure([tlsIssues["tls.expired"]({ file, notAfter: renderDay(notAfter) })]);
  const { cert, key } = files;
  const certificate = { cert, key, notAfter, selfSigned: false };
  return success(certificate, [
    ...checkStart(own, file, now),
    ...checkNames(own, file, names),
    ...checkIssuer(chain, files.ca, folder),
  ]);
}

/**
 * Parses certificates.
 *
 * @returns at least one certificate, in the order of the text; or why it cannot be parsed
 */
export function parseChain(pem: string): readonly [X509Certificate, ...X509Certificate[]] | string {
  try {
    const [own, ...issuers] = (pem.match(PEM_BLOCK) ?? []).map((block) => new X509Certificate(block));
    return own ? [own, ...issuers] : "there is none in it";
  } catch (error) {
    return reasonOf(error);
  }
}

/** @returns whether the key belongs to the certificate, or why the key cannot be read */
export function isKeyOf(certificate: X509Certificate, pem: string): boolean | string {
  try {
    return certificate.checkPrivateKey(createPrivateKey(pem));
  } catch (error) {
    return reasonOf(error);
  }
}

function checkStart(own: X509Certificate, file: string, now: number): Issue[] {
  const notBefore = Date.parse(own.validFrom);
  if (notBefore <= now) return [];
  return [tlsIssues["tls.not-yet-valid"]({ file, notBefore: new Date(notBefore).toISOString() })];
}

/** Go's API server compares subject alternative names only, never the common name (crypto/x509 `VerifyHostname`). */
function checkNames(own: X509Certificate, file: string, names: readonly string[]): Issue[] {
  const found = own.subjectAltName ?? "no name at all";
  return names
    .filter((name) => own.checkHost(name, { subject: "never" }) === undefined)
    .map((name) => tlsIssues["tls.name-missing"]({ file, name, found }));
}

function checkIssuer(chain: readonly X509Certificate[], ca: string | undefined, folder: string): Issue[] {
  if (ca === undefined) return [];
  const authorities = parseChain(ca);
  const issued =
    typeof authorities !== "string" &&
    authorities.some((authority) => chain.some((member) => member.verify(authority.publicKey)));
  return issued ? [] : [tlsIssues["tls.ca-mismatch"]({ folder })];
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
