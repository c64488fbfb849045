/** The server's certificate: from files, or outside a cluster, if there are none, a self-signed one in memory. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { tlsIssues } from "../core/issue/tls.ts";
import { failure, type Result, success } from "../core/result.ts";
import { type Certificate, inspectCertificate, parseChain } from "./inspect.ts";

/** Where to find the certificate, and what it must cover. */
export interface CertificateSource {
  /** Flyte's `webhook.certDir`. */
  readonly folder: string;
  /** Names under which the API server calls this server; each one that the certificate does not cover is a warning. */
  readonly names: readonly string[];
  /** Whether an API server has to trust the certificate; if so, a missing one stops the start. */
  readonly insidePod: boolean;
  /** File of `server.clientCa`; absent if clients are not checked. */
  readonly clientCa?: string | undefined;
}

/** Names of the files in {@link CertificateSource.folder}, as in a Secret that cert-manager writes. */
export const CERTIFICATE_FILES = ["tls.crt", "tls.key", "ca.crt"] as const;

const LOCAL_NAMES = ["localhost", "127.0.0.1", "::1"];

/**
 * Loads and checks `tls.crt` and `tls.key`, and the client CA where there is one.
 *
 * @param now milliseconds since the epoch
 * @returns the certificate, or why it cannot be served
 */
export async function loadCertificate(source: CertificateSource, now: number): Promise<Result<Certificate>> {
  const own = await loadOwn(source, now);
  if (!own.ok || source.clientCa === undefined) return own;
  const clientCa = await loadClientCa(source.clientCa);
  return clientCa.ok ? success({ ...own.value, clientCa: clientCa.value }, own.issues) : clientCa;
}

/** @returns the CA certificates that clients are checked against, as PEM. */
async function loadClientCa(file: string): Promise<Result<string>> {
  const pem = await readText(file);
  if (typeof pem !== "string") {
    return failure([tlsIssues["tls.client-ca-malformed"]({ file, reason: reasonOf(pem) })]);
  }
  const parsed = parseChain(pem);
  if (typeof parsed !== "string") return success(pem);
  return failure([tlsIssues["tls.client-ca-malformed"]({ file, reason: parsed })]);
}

async function loadOwn(source: CertificateSource, now: number): Promise<Result<Certificate>> {
  const { folder, names, insidePod } = source;
  const [cert, key, ca] = await Promise.all(CERTIFICATE_FILES.map((name) => readText(join(folder, name))));
  if (cert instanceof Missing && key instanceof Missing) {
    if (insidePod) return failure([tlsIssues["tls.files-missing"]({ folder })]);
    return success(await makeCertificate(names, now), [tlsIssues["tls.self-signed"]({ folder })]);
  }
  if (typeof cert !== "string") return failUnreadable(folder, "tls.crt", cert);
  if (typeof key !== "string") return failUnreadable(folder, "tls.key", key);
  return inspectCertificate({ cert, key, ...(typeof ca === "string" && { ca }) }, folder, names, now);
}

/** The file does not exist, as opposed to one that cannot be read. */
class Missing extends Error {}

async function readText(file: string): Promise<string | Error> {
  try {
    // Reading a pipe without a writer would never end.
    const found = await stat(file);
    if (!found.isFile()) return new Error("it is a folder, pipe, socket or device");
    return await readFile(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split(",")[0] ?? "") : String(error);
    return reason.startsWith("ENOENT") ? new Missing("it does not exist") : new Error(reason);
  }
}

function failUnreadable(folder: string, name: string, error: Error | undefined): Result<never> {
  return failure([tlsIssues["tls.file-unreadable"]({ file: join(folder, name), reason: reasonOf(error) })]);
}

function reasonOf(error: Error | undefined): string {
  return error?.message ?? "";
}

async function makeCertificate(names: readonly string[], now: number): Promise<Certificate> {
  // Imported here, so that a server with certificate files starts faster.
  const { createSelfSigned } = await import("./self-signed.ts");
  const pair = await createSelfSigned([...LOCAL_NAMES, ...names], now);
  const chain = parseChain(pair.cert);
  if (typeof chain === "string") throw new Error(chain);
  const [own] = chain;
  const notAfter = Date.parse(own.validTo);
  return { ...pair, notAfter, fingerprint: own.fingerprint256, selfSigned: true };
}
