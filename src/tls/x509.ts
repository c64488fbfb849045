/** What self-signed.ts and create.ts share: the X.509 library and the kind of key. */
import { isIP } from "node:net";

/** The library that makes certificates. */
export type X509 = typeof import("@peculiar/x509");

/** P-256: every API server accepts it, and a handshake costs a fraction of one with RSA. */
const EC: EcKeyGenParams = { name: "ECDSA", namedCurve: "P-256" };

/** How certificates are signed. */
export const SIGNING: EcdsaParams = { name: "ECDSA", hash: "SHA-256" };

/** Loads the library on first use, so that a server with certificate files starts without it. */
export async function loadX509(): Promise<X509> {
  await import("reflect-metadata");
  return import("@peculiar/x509");
}

/** @returns a new key pair whose private key can be exported */
export function generateKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(EC, true, ["sign", "verify"]);
}

/** @returns the private key, ready to sign; rejects if it is not a P-256 key */
export function importKey(pkcs8: ArrayBuffer): Promise<CryptoKey> {
  return crypto.subtle.importKey("pkcs8", pkcs8, EC, false, ["sign"]);
}

/** @returns the private key as PEM (PKCS #8) */
export async function renderKey(keys: CryptoKeyPair, { PemConverter }: X509): Promise<string> {
  return `${PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY")}\n`;
}

/** @returns subject alternative names, each marked as IP address or DNS name */
export function toSubjectNames(names: readonly string[]): { type: "ip" | "dns"; value: string }[] {
  return names.map((value) => ({ type: isIP(value) > 0 ? "ip" : "dns", value }));
}
