/** The server's certificate: files where there are some, a self-signed one in memory outside a cluster. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { tlsIssues } from "../core/issue/tls.ts";
import { failure, type Result, success } from "../core/result.ts";
import { type Certificate, inspectCertificate, parseChain } from "./inspect.ts";

/** Where a certificate is looked for, and what for. */
export interface CertificateSource {
  /** Flyte's `webhook.certDir`. */
  readonly folder: string;
  /** Names that the API server calls the server by; a certificate that lacks one is warned about. */
  readonly names: readonly string[];
  /** Whether there is an API server to be trusted by; there, a missing certificate stops the start. */
  readonly insidePod: boolean;
  /** File of `server.clientCa`, where clients are to be checked. */
  readonly clientCa?: string | undefined;
}

/** Files that a certificate is read from, in its folder. */
export const CERTIFICATE_FILES = ["tls.crt", "tls.key", "ca.crt"] as const;

const LOCAL_NAMES = ["localhost", "127.0.0.1", "::1"];

/**
 * Loads and checks `tls.crt` and `tls.key`, and the client CA where there is one.
 *
 * @param now milliseconds since the epoch
 * @returns the certificate; or why it cannot be served
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

/** A file that is not there, told from one that cannot be read. */
class Missing extends Error {}

async function readText(file: string): Promise<string | Error> {
  try {
    // A pipe that nobody writes to would be waited for without end.
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
  // Loaded here: a server with a certificate in files starts without the code that makes one.
  const { createSelfSigned } = await import("./self-signed.ts");
  const pair = await createSelfSigned([...LOCAL_NAMES, ...names], now);
  const chain = parseChain(pair.cert);
  if (typeof chain === "string") throw new Error(chain);
  const [own] = chain;
  const notAfter = Date.parse(own.validTo);
  return { ...pair, notAfter, fingerprint: own.fingerprint256, selfSigned: true };
}
