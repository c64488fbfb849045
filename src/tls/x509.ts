/** What the makers of certificates share: the library, loaded when needed, and the one kind of key that is used. */
import { isIP } from "node:net";

/** The library that makes certificates. */
export type X509 = typeof import("@peculiar/x509");

/** P-256: every API server takes it, and a handshake costs a fraction of what RSA costs. */
const EC: EcKeyGenParams = { name: "ECDSA", namedCurve: "P-256" };

/** How certificates are signed. */
export const SIGNING: EcdsaParams = { name: "ECDSA", hash: "SHA-256" };

/** Loaded when needed: a server with a certificate of its own starts without it. */
export async function loadX509(): Promise<X509> {
  await import("reflect-metadata");
  return import("@peculiar/x509");
}

/** @returns a new key pair that can be written to a file. */
export function generateKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(EC, true, ["sign", "verify"]);
}

/** @returns a private key that can sign; rejects for one that is no P-256 key. */
export function importKey(pkcs8: ArrayBuffer): Promise<CryptoKey> {
  return crypto.subtle.importKey("pkcs8", pkcs8, EC, false, ["sign"]);
}

/** @returns the private key as PEM (PKCS #8). */
export async function renderKey(keys: CryptoKeyPair, { PemConverter }: X509): Promise<string> {
  return `${PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY")}\n`;
}

/** @returns subject alternative names, addresses told from DNS names. */
export function toSubjectNames(names: readonly string[]): { type: "ip" | "dns"; value: string }[] {
  return names.map((value) => ({ type: isIP(value) > 0 ? "ip" : "dns", value }));
}
